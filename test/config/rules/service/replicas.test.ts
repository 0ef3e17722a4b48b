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

describe("scaling", () => {
  const replicas = { min: 0, max: 4 };
  const queue = { type: "aws-sqs-queue", metadata: { queueURL: "https://sqs.example.com/1/jobs", queueLength: "5" } };

  it("by triggers may begin at no pod", () => {
    expect(faultsOfService({ replicas, scaling: { triggers: [queue] } })).toEqual([]);
    refused({ replicas, scaling: { triggers: [] } }, "replicas.min: 0 given");
  });

  it.each(["cpu", "memory"])("by %s has a field of its own", (type) => {
    refused({ scaling: { triggers: [{ type, metadata: {} }] } }, "scaling.triggers[0].type", `${type}.target`);
  });

  it("takes values that are strings", () => {
    refused({ scaling: { triggers: [{ ...queue, metadata: { queueLength: 5 } }] } }, "queueLength: 5 given");
  });

  it("has a pace of whole pods and seconds", () => {
    expect(faultsOfService({ scaling: { growth: { percent: 100, seconds: 60 } } })).toEqual([]);
    refused({ scaling: { growth: { percent: 0, seconds: 60 } } }, "scaling.growth.percent: 0 given");
    refused({ scaling: { growth: { percent: 100, seconds: 1801 } } }, "scaling.growth.seconds: 1801 given");
  });
});

describe("disruption.maxUnavailable", () => {
  it.each([1, "25%", "50%"])("%s of 2 to 4 pods is accepted", (maxUnavailable) => {
    expect(faultsOfService({ replicas: { min: 2, max: 4 }, disruption: { maxUnavailable } })).toEqual([]);
  });

  it.each([
    [0, "drained"],
    ["0%", "drained"],
    [2, "all 2 pods"],
    [4, "all 2 pods"],
    ["51%", "rounded up"],
    ["100%", "all 2 pods"],
  ])("%s of 2 to 4 pods is refused", (maxUnavailable, why) => {
    refused({ replicas: { min: 2, max: 4 }, disruption: { maxUnavailable } }, "disruption.maxUnavailable", why);
  });

  it("of a service that has one pod at times may be that one, and not two", () => {
    const replicas = { min: 1, max: 6 };
    expect(faultsOfService({ replicas, disruption: { maxUnavailable: 1 } })).toEqual([]);
    expect(faultsOfService({ replicas, disruption: { maxUnavailable: "25%" } })).toEqual([]);
    refused({ replicas, disruption: { maxUnavailable: 2 } }, "disruption.maxUnavailable", "all 2 pods");
  });

  it.each([
    { min: 1, max: 1 },
    { min: 0, max: 0 },
  ])("is not used, and no fault, with replicas %o", (replicas) => {
    expect(faultsOfService({ replicas, disruption: { maxUnavailable: 5 } })).toEqual([]);
  });
});
