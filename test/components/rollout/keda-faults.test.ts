import { expect, it } from "vitest";
import { kedaFaults } from "../../../components/rollout/keda-faults.ts";

const clusterWith = (kinds: string[]) => async () => ({
  hasKind: async (group: string, version: string, kind: string) => kinds.includes(`${group}/${version}/${kind}`),
});
const KEDA = "keda.sh/v1alpha1/ScaledObject";
const scaling = { triggers: [{ type: "prometheus", metadata: {} }] };
const service = (replicas: { min: number; max: number }, fields: object = { scaling }) => [
  { name: "api", replicas, chartFields: fields },
];

it("refuses triggers in a cluster that does not have KEDA", async () => {
  expect(await kedaFaults(clusterWith([]), service({ min: 0, max: 3 }))).toEqual([
    expect.objectContaining({
      path: ["services", "api", "scaling", "triggers"],
      message: expect.stringContaining("KEDA"),
    }),
  ]);
  expect(await kedaFaults(clusterWith([KEDA]), service({ min: 0, max: 3 }))).toEqual([]);
});

it("does not need KEDA for services without triggers, or with a fixed number of pods", async () => {
  expect(await kedaFaults(clusterWith([]), service({ min: 1, max: 3 }, {}))).toEqual([]);
  expect(await kedaFaults(clusterWith([]), service({ min: 3, max: 3 }))).toEqual([]);
});
