import { beforeAll, describe, expect, it } from "vitest";
import { dependenciesOf } from "../declared.ts";
import { type Declared, type Run, runProgram } from "../program-run.ts";

const ASSOCIATION = "aws:eks/podIdentityAssociation:PodIdentityAssociation";
const roleArn = "arn:aws:iam::123456789012:role/api";

const ROLES = "arn:aws:iam::123456789012:role/slipway-services/shop-prod/";
const allow = [{ actions: ["s3:GetObject", "s3:PutObject"], resources: ["arn:aws:s3:::photos/*"] }];

let run: Run;
beforeAll(async () => {
  run = await runProgram({
    stack: "prod",
    environment: { services: { api: { serviceAccount: { roleArn } }, web: { aws: { allow } } } },
  });
}, 60_000);

const find = (type: string, name: string) =>
  run.declared.find((declared) => declared.type === type && declared.name === name);

describe("the role of a service's pods", () => {
  it("is associated with the service's own account", () => {
    expect(run.error).toBeUndefined();
    expect(find(ASSOCIATION, "shop-prod-api")?.inputs).toMatchObject({
      clusterName: "shop-prod",
      namespace: "shop",
      serviceAccount: "api",
      roleArn,
    });
    expect(find(ASSOCIATION, "shop-prod-orders")).toBeUndefined();
  });

  it("is there before the service's pods", async () => {
    const release = find("kubernetes:helm.sh/v3:Release", "api") as Declared;
    expect(await dependenciesOf(release)).toContain(`${ASSOCIATION} shop-prod-api`);
    expect(release.inputs.values).toMatchObject({ serviceAccount: { roleArn } });
  });

  it("may be passed by CI's deploy role", () => {
    const policy = find("aws:iam/rolePolicy:RolePolicy", "shop-prod-deploy")?.inputs.policy;
    const { Statement } = JSON.parse(String(policy));
    expect(Statement).toContainEqual(
      expect.objectContaining({ Sid: "PassServiceRoles", Resource: [roleArn, `${ROLES}*`] }),
    );
  });
});

describe("a service with permissions of its own", () => {
  it("gets a role that allows exactly these, and only to its own pods", () => {
    const role = find("aws:iam/role:Role", "shop-prod-web")?.inputs;
    expect(role).toMatchObject({ path: "/slipway-services/shop-prod/" });
    const [trust] = JSON.parse(String(role?.assumeRolePolicy)).Statement;
    expect(trust.Principal).toEqual({ Service: "pods.eks.amazonaws.com" });
    expect(trust.Condition.StringEquals).toMatchObject({
      "aws:RequestTag/kubernetes-namespace": "shop",
      "aws:RequestTag/kubernetes-service-account": "web",
    });
    const { Statement } = JSON.parse(String(find("aws:iam/rolePolicy:RolePolicy", "shop-prod-web")?.inputs.policy));
    expect(Statement).toEqual([{ Effect: "Allow", Action: allow[0]?.actions, Resource: allow[0]?.resources }]);
  });

  it("has pods that are made after the association and its policy, and roll when the role is another", async () => {
    const release = find("kubernetes:helm.sh/v3:Release", "web") as Declared;
    const association = find(ASSOCIATION, "shop-prod-web") as Declared;
    expect(await dependenciesOf(release)).toContain(`${ASSOCIATION} shop-prod-web`);
    expect(await dependenciesOf(association)).toContain("aws:iam/rolePolicy:RolePolicy shop-prod-web");
    expect(association.inputs).toMatchObject({ serviceAccount: "web", roleArn: `${ROLES}shop-prod-web` });
    expect(release.inputs.values).toMatchObject({ serviceAccount: { roleArn: `${ROLES}shop-prod-web` } });
  });
});
