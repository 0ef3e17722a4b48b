import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import {
  type DeployPermissions,
  inlineDeployPolicy,
  managedDeployPolicy,
  previewPolicy,
} from "../../../../components/aws/access/deploy-policies.ts";
import { DeployRoles, type DeployRolesArgs } from "../../../../components/aws/access/deploy-roles.ts";
import { deploySubject, previewSubject } from "../../../../components/aws/access/github-oidc.ts";
import { statePolicy } from "../../../../components/aws/access/state-policies.ts";
import { deliveryOf } from "../../../config/settings.ts";
import { type Declarations, declareAll, dependenciesOf, resolved } from "../declared.ts";

const ACCOUNT = "123456789012";
const BUCKET = "arn:aws:s3:::shop-prod-artifacts-0a1b2c3";
const ISSUER = "token.actions.githubusercontent.com";
const PROVIDER_ARN = `arn:aws:iam::${ACCOUNT}:oidc-provider/${ISSUER}`;
const PROVIDER = "aws:iam/openIdConnectProvider:OpenIdConnectProvider";
const GET_PROVIDER = "aws:iam/getOpenIdConnectProvider:getOpenIdConnectProvider";
const ROLE = "aws:iam/role:Role";
const POLICY = "aws:iam/rolePolicy:RolePolicy";

let roles: DeployRoles;

function declare(args: Partial<DeployRolesArgs> = {}): Promise<Declarations> {
  const arn = () => ({ arn: PROVIDER_ARN });
  const answers = { [PROVIDER]: arn, [GET_PROVIDER]: arn, [ROLE]: () => ({ arn: "arn:role", name: "role" }) };
  return declareAll(
    (opts) => {
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
    },
    { answers },
  );
}

const trustPolicyOf = (declared: Declarations, name: string) =>
  JSON.parse(String(declared.one(ROLE, name).inputs.assumeRolePolicy));
const policyOf = (declared: Declarations, name: string) => JSON.parse(String(declared.one(POLICY, name).inputs.policy));
const subjectOf = (declared: Declarations, name: string) =>
  trustPolicyOf(declared, name).Statement[0].Condition.StringEquals[`${ISSUER}:sub`];

/** Permissions of the roles that `declare` declares. */
const permissions: DeployPermissions = {
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

describe("DeployRoles", () => {
  let declared: Declarations;
  beforeAll(async () => {
    declared = await declare();
  });

  it("creates GitHub's OIDC provider without a thumbprint", () => {
    expect(declared.one(PROVIDER, "shop-prod-github").inputs).toEqual({
      url: `https://${ISSUER}`,
      clientIdLists: ["sts.amazonaws.com"],
    });
  });

  it("lets exactly one subject assume each role", () => {
    const trustPolicy = (subject: string) => ({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Federated: PROVIDER_ARN },
          Action: "sts:AssumeRoleWithWebIdentity",
          Condition: { StringEquals: { [`${ISSUER}:aud`]: "sts.amazonaws.com", [`${ISSUER}:sub`]: subject } },
        },
      ],
    });
    expect(trustPolicyOf(declared, "shop-prod-deploy")).toEqual(trustPolicy("repo:example/shop:environment:prod"));
    expect(trustPolicyOf(declared, "shop-prod-preview")).toEqual(trustPolicy("repo:example/shop:pull_request"));
  });

  it("gives the roles a path that no role they may pass has", () => {
    for (const name of ["shop-prod-deploy", "shop-prod-preview"]) {
      expect(declared.one(ROLE, name).inputs.path).toBe("/slipway-delivery/");
      expect(declared.one(ROLE, name).inputs).not.toHaveProperty("name");
    }
  });

  it("allows sessions of four hours for a deploy, and the default hour for a preview", () => {
    expect(declared.one(ROLE, "shop-prod-deploy").inputs.maxSessionDuration).toBe(14_400);
    expect(declared.one(ROLE, "shop-prod-preview").inputs).not.toHaveProperty("maxSessionDuration");
  });

  it("attaches the policies", async () => {
    expect(policyOf(declared, "shop-prod-preview")).toEqual(previewPolicy(permissions));
    expect(policyOf(declared, "shop-prod-deploy")).toEqual(inlineDeployPolicy(permissions));
    const managed = declared.one("aws:iam/policy:Policy", "shop-prod-deploy-create");
    expect(JSON.parse(String(managed.inputs.policy))).toEqual(managedDeployPolicy(permissions));
    // Otherwise an update that moves statements takes rights away for a moment.
    expect(await dependenciesOf(declared.one(POLICY, "shop-prod-deploy"))).toContain(
      "aws:iam/rolePolicyAttachment:RolePolicyAttachment shop-prod-deploy-create",
    );
    expect(declared.one(POLICY, "shop-prod-deploy").inputs.role).toBe("role");
  });

  it("outputs the ARNs of the roles", async () => {
    await declare();
    expect(await resolved(roles.deployRoleArn)).toBe("arn:role");
    expect(await resolved(roles.previewRoleArn ?? pulumi.output(""))).toBe("arn:role");
  });

  it("looks up an existing OIDC provider", async () => {
    const config = deliveryOf({ provider: "existing" });
    const existing = await declare({ config });
    expect(existing.all.filter(({ type }) => type === PROVIDER)).toEqual([]);
    expect(existing.calls).toEqual([{ token: GET_PROVIDER, inputs: { url: `https://${ISSUER}` } }]);
    expect(trustPolicyOf(existing, "shop-prod-deploy").Statement[0].Principal).toEqual({ Federated: PROVIDER_ARN });
  });

  it("lets the GitHub environment in the config deploy", async () => {
    const config = deliveryOf({ environment: "production" });
    expect(subjectOf(await declare({ config }), "shop-prod-deploy")).toBe("repo:example/shop:environment:production");
  });

  it("makes no preview role unless the config says who may preview", async () => {
    const none = await declare({ config: deliveryOf({ previews: "none" }) });
    expect(none.all.filter(({ type }) => type === ROLE).map(({ name }) => name)).toEqual(["shop-prod-deploy"]);
    expect(roles.previewRoleArn).toBeUndefined();
  });

  it("lets reviewers approve previews: another subject than that of pull requests and of deploys", async () => {
    const reviewed = await declare({ config: deliveryOf({ previews: "environment" }) });
    expect(subjectOf(reviewed, "shop-prod-preview")).toBe("repo:example/shop:environment:preview-prod");
    expect(subjectOf(reviewed, "shop-prod-deploy")).toBe("repo:example/shop:environment:prod");
  });

  it("gives both roles the stack's state if the config says where it is", async () => {
    const state = { bucket: "states", keyArn: `arn:aws:kms:ap-northeast-2:${ACCOUNT}:key/1` };
    const given = await declare({ config: { ...deliveryOf(), state } });
    const scope = { project: "slipway", stack: "prod", accountId: ACCOUNT, state };
    for (const [role, access] of [
      ["preview", "read"],
      ["deploy", "write"],
    ] as const) {
      const policy = given.one("aws:iam/policy:Policy", `shop-prod-${role}-state`).inputs.policy;
      expect(JSON.parse(String(policy))).toEqual(statePolicy(scope, access));
      expect(
        given.one("aws:iam/rolePolicyAttachment:RolePolicyAttachment", `shop-prod-${role}-state`).inputs.role,
      ).toBe("role");
    }
  });

  it("limits the policies to what the environment builds, owns and uses", async () => {
    const other = await declare({
      builds: "never",
      ownsRepository: true,
      registryAccountId: "999999999999",
      bucketArn: undefined,
    });
    const known: DeployPermissions = {
      ...permissions,
      images: "tag",
      ownsRepository: true,
      bucketArn: undefined,
      repository: { name: "shop", accountId: "999999999999" },
    };
    const plain = (policy: object) => JSON.parse(JSON.stringify(policy));
    expect(policyOf(other, "shop-prod-preview")).toEqual(plain(previewPolicy(known)));
    expect(policyOf(other, "shop-prod-deploy")).toEqual(plain(inlineDeployPolicy(known)));
  });
});

describe("a policy that is too long for IAM", () => {
  it("is refused before anything is declared", async () => {
    const repository = "r".repeat(256);
    await expect(declare({ stack: "s".repeat(100), repository, ownsRepository: true })).resolves.toBeDefined();
    const clusterName = "c".repeat(38);
    await expect(declare({ stack: "s".repeat(900), clusterName, repository, ownsRepository: true })).rejects.toThrow(
      /^delivery: .* \d+ characters; AWS allows (10240|6144)\. .* Shorten them/,
    );
  });
});

describe("the subjects of GitHub's tokens", () => {
  const name = fc.stringMatching(/^[\w.-]{1,12}$/);
  const repository = fc.tuple(name, name).map((parts) => parts.join("/"));
  // Any name that an environment can have, with GitHub's own keywords among them.
  const environment = fc.oneof(
    fc.string({ minLength: 1, maxLength: 12 }),
    fc.constantFrom("prod", "prod:environment:dev", "pull_request", "ref:refs/heads/main", "*"),
  );

  it("differ for every repository and environment, and from those of pull requests", () => {
    const job = fc.tuple(repository, environment);
    fc.assert(
      fc.property(job, job, (one, other) => {
        const same = one[0] === other[0] && one[1] === other[1];
        expect(deploySubject(...one) === deploySubject(...other)).toBe(same);
        expect(deploySubject(...one)).not.toBe(previewSubject(other[0], "pull-request", other[1]));
      }),
    );
  });

  it("always contain three colons", () => {
    fc.assert(
      fc.property(repository, environment, (repository, environment) => {
        expect(deploySubject(repository, environment).split(":")).toHaveLength(4);
      }),
    );
  });

  it("contain the ids of GitHub's immutable subjects if the repository does", () => {
    expect(deploySubject("example@123/shop@456", "prod")).toBe("repo:example@123/shop@456:environment:prod");
    expect(previewSubject("example@123/shop@456", "pull-request", "dev")).toBe(
      "repo:example@123/shop@456:pull_request",
    );
  });
});
