import { beforeAll, describe, expect, it } from "vitest";
import { dependenciesOf } from "../aws/declared.ts";
import { type Declared, identityOf, type Run, runProgram } from "../aws/program-run.ts";

const RELEASE = "kubernetes:helm.sh/v3:Release";
const NAME = "shop-prod-cluster-autoscaler";

let run: Run;
let release: Declared;
beforeAll(async () => {
  const environment = { cluster: { nodeGroup: { autoscaler: "cluster-autoscaler" } } };
  run = await runProgram({ stack: "prod", environment });
  release = run.declared.find(({ type, name }) => type === RELEASE && name === "cluster-autoscaler") as Declared;
}, 60_000);

describe("the stack prod with the cluster-autoscaler", () => {
  it("declares its release once, among the add-ons", async () => {
    expect(run.error).toBeUndefined();
    expect(run.declared.filter(({ type, name }) => type === RELEASE && name.includes("autoscaler"))).toHaveLength(1);
    expect(await identityOf(release.opts.parent as NonNullable<typeof release.opts.parent>)).toBe(
      "slipway:index:Addons addons",
    );
  });

  it("gives it the cluster's name and region", () => {
    expect(release.inputs.values).toMatchObject({ clusterName: "shop-prod", region: "ap-northeast-2" });
  });

  it("declares its rights in AWS first", async () => {
    expect(await dependenciesOf(release)).toEqual([
      `aws:eks/podIdentityAssociation:PodIdentityAssociation ${NAME}`,
      `aws:iam/rolePolicy:RolePolicy ${NAME}`,
    ]);
  });

  it("takes over the release that earlier versions declared with those rights", async () => {
    const [alias] = release.opts.aliases as { name: string; parent: NonNullable<typeof release.opts.parent> }[];
    expect(alias?.name).toBe(NAME);
    expect(await identityOf(alias?.parent as NonNullable<typeof release.opts.parent>)).toBe(
      "slipway:aws:ClusterAutoscaler shop-prod",
    );
  });
});
