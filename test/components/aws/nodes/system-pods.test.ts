import { expect, it } from "vitest";
import type { AddonEnvironment } from "../../../../components/addons/addon.ts";
import { addonPods } from "../../../../components/aws/nodes/system-pods.ts";
import { addonsOf, nodeGroupOf } from "../../../config/settings.ts";

function podsOf(
  name: string,
  nodeGroup: Parameters<typeof nodeGroupOf>[0] = {},
  addons?: Parameters<typeof addonsOf>[0],
) {
  const cluster = { target: "eks", nodeGroup: nodeGroupOf(nodeGroup) };
  const environment = { cluster, addons: addonsOf(addons) } as AddonEnvironment;
  return addonPods(environment).find((pods) => pods.name === name);
}

it("requires a node for each Traefik pod if there are enough nodes", () => {
  const onePerNode = (replicas: number | undefined, min: number) =>
    podsOf("traefik", { min }, { traefik: { replicas } })?.onePerNode;
  expect(onePerNode(undefined, 2)).toBe(true);
  expect(onePerNode(undefined, 1)).toBe(false);
  expect(onePerNode(3, 3)).toBe(true);
  expect(onePerNode(4, 3)).toBe(false);
});

it("counts the requests of an add-on's chart for each of its pods", () => {
  expect(podsOf("traefik")).toMatchObject({ replicas: 2, cpuMillis: 100, memoryMiB: 64 });
  expect(podsOf("traefik", {}, { traefik: { replicas: 5 } })).toMatchObject({ replicas: 5, cpuMillis: 100 });
  expect(podsOf("metrics-server")).toMatchObject({ replicas: 1, cpuMillis: 100, memoryMiB: 200 });
  expect(podsOf("descheduler")).toMatchObject({ replicas: 1, cpuMillis: 50, memoryMiB: 64 });
});

it("counts only enabled add-ons", () => {
  expect(podsOf("descheduler", {}, { descheduler: { enabled: false } })).toBeUndefined();
  expect(podsOf("cluster-autoscaler", { autoscaler: "cpu-asg" })).toBeUndefined();
  expect(podsOf("cluster-autoscaler", { autoscaler: "cluster-autoscaler" })).toMatchObject({
    replicas: 1,
    cpuMillis: 100,
    memoryMiB: 300,
  });
});
