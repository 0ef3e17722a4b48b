import { expect, it } from "vitest";
import { kedaFaults, usesKeda } from "../../../components/rollout/keda-faults.ts";

const scaling = { triggers: [{ type: "prometheus", metadata: {} }] };
const service = (replicas: { min: number; max: number }, fields: object = { scaling }) => ({
  name: "api",
  replicas,
  chartFields: fields,
});

it("a service with triggers needs KEDA", () => {
  expect(kedaFaults([service({ min: 0, max: 3 })])).toEqual([
    expect.objectContaining({
      path: ["services", "api", "scaling", "triggers"],
      message: expect.stringContaining("does not have KEDA"),
    }),
  ]);
});

it("a service without triggers, or with a fixed number of pods, does not", () => {
  expect(usesKeda(service({ min: 1, max: 3 }, {}))).toBe(false);
  expect(usesKeda(service({ min: 3, max: 3 }))).toBe(false);
  expect(usesKeda(service({ min: 0, max: 0 }))).toBe(false);
  expect(kedaFaults([service({ min: 3, max: 3 })])).toEqual([]);
});
