import { beforeAll, describe, expect, it } from "vitest";
import { dependenciesOf } from "../declared.ts";
import { type Declared, type Run, runProgram } from "../program-run.ts";

const ASSOCIATION = "aws:eks/podIdentityAssociation:PodIdentityAssociation";
const roleArn = "arn:aws:iam::123456789012:role/api";

let run: Run;
beforeAll(async () => {
  run = await runProgram({ stack: "prod", environment: { services: { api: { serviceAccount: { roleArn } } } } });
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
    expect(find(ASSOCIATION, "shop-prod-web")).toBeUndefined();
  });

  it("is there before the service's pods", async () => {
    const release = find("kubernetes:helm.sh/v3:Release", "api") as Declared;
    expect(await dependenciesOf(release)).toContain(`${ASSOCIATION} shop-prod-api`);
    expect(release.inputs.values).toMatchObject({ serviceAccount: { roleArn } });
  });

  it("may be passed by CI's deploy role", () => {
    const policy = find("aws:iam/rolePolicy:RolePolicy", "shop-prod-deploy")?.inputs.policy;
    const { Statement } = JSON.parse(String(policy));
    expect(Statement).toContainEqual(expect.objectContaining({ Sid: "PassServiceRoles", Resource: [roleArn] }));
  });
});
