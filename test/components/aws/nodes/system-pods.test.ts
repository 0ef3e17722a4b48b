import { expect, it } from "vitest";
import { clusterPods } from "../../../../components/aws/nodes/system-pods.ts";
import { addonsOf, eksClusterOf } from "../../../config/settings.ts";

const podsOf = (
  name: string,
  nodeGroup: Parameters<typeof eksClusterOf>[0] = {},
  addons: Parameters<typeof addonsOf>[0] = {},
) => clusterPods({ cluster: eksClusterOf(nodeGroup), addons: addonsOf(addons) }).find((pods) => pods.name === name);

it("keeps Traefik's pods on different nodes if there are enough nodes", () => {
  const onePerNode = (replicas: number | undefined, min: number) =>
    podsOf("traefik", { min }, { traefik: { replicas } })?.onePerNode;
  expect(onePerNode(undefined, 2)).toBe(true);
  expect(onePerNode(undefined, 1)).toBe(false);
  expect(onePerNode(3, 3)).toBe(true);
  expect(onePerNode(4, 3)).toBe(false);
});

it("counts what an add-on's chart requests, for each of its pods", () => {
  expect(podsOf("traefik")).toMatchObject({ replicas: 2, cpuMillis: 100, memoryMiB: 64 });
  expect(podsOf("traefik", {}, { traefik: { replicas: 5 } })).toMatchObject({ replicas: 5, cpuMillis: 100 });
  expect(podsOf("metrics-server")).toMatchObject({ replicas: 1, cpuMillis: 100, memoryMiB: 200 });
  expect(podsOf("descheduler")).toMatchObject({ replicas: 1, cpuMillis: 50, memoryMiB: 64 });
});

it("counts enabled add-ons only", () => {
  expect(podsOf("descheduler", {}, { descheduler: { enabled: false } })).toBeUndefined();
  expect(podsOf("cluster-autoscaler", { autoscaler: "cpu-asg" })).toBeUndefined();
  expect(podsOf("cluster-autoscaler", { autoscaler: "cluster-autoscaler" })).toMatchObject({
    replicas: 1,
    cpuMillis: 100,
    memoryMiB: 300,
  });
});
