import { describe, expect, it } from "vitest";
import { faultsOfService } from "./faults.ts";

const refused = (fields: object, ...parts: string[]) => {
  const faults = faultsOfService(fields);
  expect(faults).toHaveLength(1);
  for (const part of parts) expect(faults[0]).toContain(part);
};

describe("a pause", () => {
  it.each([{ min: 0 }, { min: 0, max: 0 }])("is %o", (replicas) => {
    expect(faultsOfService({ replicas })).toEqual([]);
  });

  it("is not max: 0 alone", () => {
    refused({ replicas: { max: 0 } }, "replicas.max: 0 given", "set min: 0");
  });

  it("does not mind what rollouts of pods may take away", () => {
    expect(faultsOfService({ replicas: { min: 0 }, rollout: { maxSurge: 0, maxUnavailable: 1 } })).toEqual([]);
  });
});

it("an autoscaled service has at least one pod", () => {
  refused({ replicas: { min: 0, max: 4 } }, "replicas.min: 0 given", "Set min: 1");
});

describe("disruption.maxUnavailable", () => {
  it.each([1, 3, "25%", "99%"])("%s of 2 to 4 pods is accepted", (maxUnavailable) => {
    expect(faultsOfService({ replicas: { min: 2, max: 4 }, disruption: { maxUnavailable } })).toEqual([]);
  });

  it.each([
    [0, "drained"],
    ["0%", "drained"],
    [4, "all pods"],
    ["100%", "all pods"],
  ])("%s of 2 to 4 pods is refused", (maxUnavailable, why) => {
    refused({ replicas: { min: 2, max: 4 }, disruption: { maxUnavailable } }, "disruption.maxUnavailable", why);
  });

  it("of one pod is refused", () => {
    refused({ replicas: { min: 1 }, disruption: { maxUnavailable: 1 } }, "disruption.maxUnavailable", "one pod");
  });
});
