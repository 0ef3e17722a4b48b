import { describe, expect, it } from "vitest";
import { readDrift } from "../../../delivery/engine/drift.ts";
import { finished, secret, started } from "./events.ts";

const bucket = "slipway:index:Aws$aws:s3/bucket:Bucket::artifacts";
const deployer = "slipway:index:Aws$aws:iam/role:Role::deployer";

describe("readDrift", () => {
  const group = "aws:eks/nodeGroup:NodeGroup::main";
  const sizes = (desiredSize: number, maxSize: number) => ({ scalingConfig: { desiredSize, maxSize }, __meta: {} });

  it("finds resources that were changed or deleted", () => {
    const events = [
      started("refresh", bucket),
      finished("update", bucket, { old: { tags: { team: "shop" } }, new: { tags: { team: "sale" } } }),
      finished("delete", "kubernetes:core/v1:ConfigMap::api", { old: {} }),
      finished("same", deployer, { old: {}, new: {} }),
    ];
    expect(readDrift(events)).toEqual([
      {
        op: "update",
        type: "aws:s3/bucket:Bucket",
        name: "artifacts",
        stateful: true,
        differences: [{ path: "tags.team", from: "shop", to: "sale" }],
      },
      { op: "delete", type: "kubernetes:core/v1:ConfigMap", name: "api", stateful: false, differences: [] },
    ]);
  });

  it("ignores the engine's own resources, and what is not an input", () => {
    expect(
      readDrift([
        finished("update", "pulumi:pulumi:StackReference::last-update", { old: { name: "a" }, new: { name: "b" } }),
        finished("update", bucket, { old: { bucket: "a", __defaults: [] }, new: { bucket: "a", __defaults: ["b"] } }),
        started("update", bucket, { old: { bucket: "a" }, new: { bucket: "b" } }),
      ]),
    ).toEqual([]);
  });

  it("ignores the number of nodes, which alarms change, but nothing else of the node group", () => {
    expect(readDrift([finished("update", group, { old: sizes(2, 4), new: sizes(3, 4) })])).toEqual([]);
    expect(readDrift([finished("update", group, { old: sizes(2, 4), new: sizes(3, 5) })])).toMatchObject([
      { differences: [{ path: "scalingConfig.maxSize", from: 4, to: 5 }] },
    ]);
  });

  it("hides secrets", () => {
    const drift = readDrift([
      finished("update", deployer, { old: { key: "a", x: 1 }, new: { key: secret("hush"), x: 2 } }),
    ]);
    expect(drift).toMatchObject([{ differences: [{ path: "key", to: "[secret]" }, { path: "x" }] }]);
  });
});
