import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { type DeployRights, deployPolicy, previewPolicy } from "../../../../components/aws/access/deploy-policy.ts";
import {
  DeployRoles,
  type DeployRolesArgs,
  deploySubject,
  previewSubject,
} from "../../../../components/aws/access/deploy-role.ts";
import { deliveryOf } from "../../../config/settings.ts";
import { type Mocked, mockAws, one, resolved } from "../mocked-aws.ts";

const ACCOUNT = "123456789012";
const BUCKET = "arn:aws:s3:::shop-prod-artifacts-0a1b2c3";
const ISSUER = "token.actions.githubusercontent.com";
const LOGIN = `arn:aws:iam::${ACCOUNT}:oidc-provider/${ISSUER}`;
const PROVIDER = "aws:iam/openIdConnectProvider:OpenIdConnectProvider";
const LOOK_UP = "aws:iam/getOpenIdConnectProvider:getOpenIdConnectProvider";
const ROLE = "aws:iam/role:Role";
const POLICY = "aws:iam/rolePolicy:RolePolicy";

let roles: DeployRoles;

function declare(args: Partial<DeployRolesArgs> = {}): Promise<Mocked[]> {
  const arn = () => ({ arn: LOGIN });
  return mockAws({ [PROVIDER]: arn, [LOOK_UP]: arn, [ROLE]: () => ({ arn: "arn:role" }) }, (opts) => {
    roles = new DeployRoles(
      "shop-prod",
      {
        config: deliveryOf(),
        stack: "prod",
        accountId: ACCOUNT,
        region: "ap-northeast-2",
        clusterName: "shop-prod",
        repository: "shop",
        registryAccountId: ACCOUNT,
        ownsRepository: false,
        builds: "if-missing",
        bucketArn: pulumi.output(BUCKET),
        ...args,
      },
      opts,
    );
  });
}

const trustOf = (declared: Mocked[], name: string) =>
  JSON.parse(String(one(declared, ROLE, name).inputs.assumeRolePolicy));
const policyOf = (declared: Mocked[], name: string) => JSON.parse(String(one(declared, POLICY, name).inputs.policy));
const subjectOf = (declared: Mocked[], name: string) =>
  trustOf(declared, name).Statement[0].Condition.StringEquals[`${ISSUER}:sub`];

/** What the roles' policies are made of, as `declare` has it. */
const rights: DeployRights = {
  project: "slipway",
  stack: "prod",
  accountId: ACCOUNT,
  region: "ap-northeast-2",
  clusterName: "shop-prod",
  repository: { name: "shop", accountId: ACCOUNT },
  bucketArn: BUCKET,
  images: "push",
  ownsRepository: false,
};

describe("deploy roles", () => {
  let declared: Mocked[];
  beforeAll(async () => {
    declared = await declare();
  });

  it("log in by GitHub's tokens for AWS, with no thumbprint to grow old", () => {
    expect(one(declared, PROVIDER, "shop-prod-github").inputs).toEqual({
      url: `https://${ISSUER}`,
      clientIdLists: ["sts.amazonaws.com"],
    });
  });

  it("trust one subject each, and that exactly", () => {
    const trust = (subject: string) => ({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Federated: LOGIN },
          Action: "sts:AssumeRoleWithWebIdentity",
          Condition: { StringEquals: { [`${ISSUER}:aud`]: "sts.amazonaws.com", [`${ISSUER}:sub`]: subject } },
        },
      ],
    });
    expect(trustOf(declared, "shop-prod-deploy")).toEqual(trust("repo:example/shop:environment:prod"));
    expect(trustOf(declared, "shop-prod-preview")).toEqual(trust("repo:example/shop:pull_request"));
  });

  it("lie on a path of their own, apart from the roles that they may pass on", () => {
    for (const name of ["shop-prod-deploy", "shop-prod-preview"]) {
      expect(one(declared, ROLE, name).inputs.path).toBe("/slipway-delivery/");
      expect(one(declared, ROLE, name).inputs).not.toHaveProperty("name");
    }
  });

  it("give a deploy the time that all nodes need, a preview no more than the usual hour", () => {
    expect(one(declared, ROLE, "shop-prod-deploy").inputs.maxSessionDuration).toBe(14_400);
    expect(one(declared, ROLE, "shop-prod-preview").inputs).not.toHaveProperty("maxSessionDuration");
  });

  it("have their policies", () => {
    expect(policyOf(declared, "shop-prod-preview")).toEqual(previewPolicy(rights));
    expect(policyOf(declared, "shop-prod-deploy")).toEqual(deployPolicy(rights));
    expect(one(declared, POLICY, "shop-prod-deploy").inputs.role).toBe(
      one(declared, ROLE, "shop-prod-deploy").inputs.name,
    );
  });

  it("are told", async () => {
    await declare();
    expect(await resolved(roles.deployRoleArn)).toBe("arn:role");
    expect(await resolved(roles.previewRoleArn)).toBe("arn:role");
  });

  it("take the account's provider where it has one, looked up", async () => {
    const config = deliveryOf({ provider: "existing" });
    const existing = await declare({ config });
    expect(existing.filter(({ type }) => type === PROVIDER)).toEqual([]);
    expect(one(existing, LOOK_UP).inputs).toEqual({ url: `https://${ISSUER}` });
    expect(trustOf(existing, "shop-prod-deploy").Statement[0].Principal).toEqual({ Federated: LOGIN });
  });

  it("deploy for the GitHub environment that the config names", async () => {
    const config = deliveryOf({ environment: "production" });
    expect(subjectOf(await declare({ config }), "shop-prod-deploy")).toBe("repo:example/shop:environment:production");
  });

  it("are scoped by what the environment builds, owns and uses", async () => {
    const other = await declare({
      builds: "never",
      ownsRepository: true,
      registryAccountId: "999999999999",
      bucketArn: undefined,
    });
    const known: DeployRights = {
      ...rights,
      images: "mark",
      ownsRepository: true,
      bucketArn: undefined,
      repository: { name: "shop", accountId: "999999999999" },
    };
    const plain = (policy: object) => JSON.parse(JSON.stringify(policy));
    expect(policyOf(other, "shop-prod-preview")).toEqual(plain(previewPolicy(known)));
    expect(policyOf(other, "shop-prod-deploy")).toEqual(plain(deployPolicy(known)));
  });
});

describe("names that would make the policy too long for AWS", () => {
  it("are refused before anything is declared", async () => {
    const repository = "r".repeat(256);
    await expect(declare({ stack: "s".repeat(100), repository, ownsRepository: true })).resolves.toBeDefined();
    const clusterName = "c".repeat(38);
    await expect(declare({ stack: "s".repeat(300), clusterName, repository, ownsRepository: true })).rejects.toThrow(
      /^delivery: the deploy role's policy would have \d+ characters, AWS takes 10240\. .* Shorten them\.$/,
    );
  });
});

describe("subjects", () => {
  const name = fc.stringMatching(/^[\w.-]{1,12}$/);
  const repository = fc.tuple(name, name).map((parts) => parts.join("/"));
  // Anything that a person can call an environment, GitHub's own words among it.
  const environment = fc.oneof(
    fc.string({ minLength: 1, maxLength: 12 }),
    fc.constantFrom("prod", "prod:environment:dev", "pull_request", "ref:refs/heads/main", "*"),
  );

  it("are another for every repository and environment, and none a pull request's", () => {
    const job = fc.tuple(repository, environment);
    fc.assert(
      fc.property(job, job, (one, other) => {
        const same = one[0] === other[0] && one[1] === other[1];
        expect(deploySubject(...one) === deploySubject(...other)).toBe(same);
        expect(deploySubject(...one)).not.toBe(previewSubject(other[0]));
      }),
    );
  });

  it("hold three colons and no more, as GitHub's do", () => {
    fc.assert(
      fc.property(repository, environment, (repository, environment) => {
        expect(deploySubject(repository, environment).split(":")).toHaveLength(4);
      }),
    );
  });

  it("are GitHub's immutable ones where the repository is given so", () => {
    expect(deploySubject("example@123/shop@456", "prod")).toBe("repo:example@123/shop@456:environment:prod");
    expect(previewSubject("example@123/shop@456")).toBe("repo:example@123/shop@456:pull_request");
  });
});
