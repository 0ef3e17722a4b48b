import { expect, it } from "vitest";
import { clusterPods } from "../../../../components/aws/nodes/system-pods.ts";
import type { Environment } from "../../../../config/index.ts";

const podsOf = (name: string, nodeGroup: object, addons?: object) => {
  const environment = { cluster: { target: "eks", nodeGroup }, addons } as unknown as Environment;
  return clusterPods(environment).find((pods) => pods.name === name);
};

it("keeps Traefik's pods on different nodes if there are as many nodes", () => {
  const apart = (replicas: number | undefined, min: number) =>
    podsOf("traefik", { min }, { traefik: { replicas } })?.apart;
  expect(apart(undefined, 2)).toBe(true);
  expect(apart(undefined, 1)).toBe(false);
  expect(apart(3, 3)).toBe(true);
  expect(apart(4, 3)).toBe(false);
});

it("counts what an add-on's chart requests, for each of its pods", () => {
  expect(podsOf("traefik", { min: 2 })).toMatchObject({ pods: 2, cpuMillis: 100, memoryMiB: 64 });
  expect(podsOf("traefik", { min: 2 }, { traefik: { replicas: 5 } })).toMatchObject({ pods: 5, cpuMillis: 100 });
  expect(podsOf("metrics-server", { min: 2 })).toMatchObject({ pods: 1, cpuMillis: 100, memoryMiB: 200 });
  expect(podsOf("descheduler", { min: 2 })).toMatchObject({ pods: 1, cpuMillis: 50, memoryMiB: 64 });
});

it("counts enabled add-ons only", () => {
  expect(podsOf("descheduler", { min: 2 }, { descheduler: { enabled: false } })).toBeUndefined();
  expect(podsOf("cluster-autoscaler", { min: 2, autoscaler: "cpu-asg" })).toBeUndefined();
  expect(podsOf("cluster-autoscaler", { min: 2, autoscaler: "cluster-autoscaler" })).toMatchObject({
    pods: 1,
    cpuMillis: 100,
    memoryMiB: 300,
  });
});
