import { describe, expect, it } from "vitest";
import { faultsOfService } from "./faults.ts";

const refused = (fields: object, ...parts: string[]) => {
  const faults = faultsOfService(fields);
  expect(faults).toHaveLength(1);
  for (const part of parts) expect(faults[0]).toContain(part);
};
const accepted = (fields: object) => expect(faultsOfService(fields)).toEqual([]);

describe("maxUnavailable", () => {
  it.each<[object, { min: number; max?: number }]>([
    [
      { maxSurge: 0, maxUnavailable: 1 },
      { min: 1, max: 1 },
    ],
    [
      { maxSurge: 0, maxUnavailable: 1 },
      { min: 1, max: 6 },
    ],
    [{ maxUnavailable: 5 }, { min: 3 }],
    [{ maxUnavailable: "100%" }, { min: 9 }],
    // Rounds to no pod, and Kubernetes then takes one away.
    [{ maxSurge: 0, maxUnavailable: "25%" }, { min: 1 }],
  ])("%o of replicas %o would let all pods be away, and is refused", (rollout, replicas) => {
    refused({ rollout, replicas }, "services.web.rollout.maxUnavailable", "all", "recreate");
  });

  it.each<[object, { min: number; max?: number }]>([
    [{ maxSurge: 0, maxUnavailable: 1 }, { min: 2 }],
    [{ maxUnavailable: "99%" }, { min: 2 }],
    [
      { maxSurge: 0, maxUnavailable: "25%" },
      { min: 2, max: 40 },
    ],
  ])("%o of replicas %o leaves pods, and is accepted", (rollout, replicas) => accepted({ rollout, replicas }));
});

describe("strategy", () => {
  const singleton = { replicas: { min: 1, max: 1 } };

  it("recreate is for a service that must never run twice", () => {
    accepted({ ...singleton, rollout: { strategy: "recreate" } });
  });

  it.each([{ maxSurge: 1 }, { maxUnavailable: 0 }])("recreate with %o is refused", (step) => {
    const field = Object.keys(step)[0] ?? "";
    refused({ ...singleton, rollout: { strategy: "recreate", ...step } }, `rollout.${field}`, "rolling");
  });

  it("recreate of a stateful service is refused", () => {
    refused({ kind: "stateful", rollout: { strategy: "recreate" } }, "rollout.strategy", "deployment");
  });

  it("recreate needs a deadline above the stop of the old pods", () => {
    const shutdown = { drainSeconds: 300 };
    refused({ ...singleton, shutdown, rollout: { strategy: "recreate" } }, "progressDeadlineSeconds", "315 s");
    accepted({ ...singleton, shutdown, rollout: { strategy: "recreate", progressDeadlineSeconds: 316 } });
    accepted({ ...singleton, shutdown });
  });
});

it.each([{ maxSurge: 0 }, { maxSurge: "25%" }, { maxUnavailable: 1 }])(
  "%o of a stateful service is refused",
  (rollout) => {
    const field = Object.keys(rollout)[0] ?? "";
    refused({ kind: "stateful", rollout }, `rollout.${field}`, "one pod at a time");
  },
);

describe("timeoutSeconds", () => {
  it("below one start is refused", () => {
    refused({ port: 80, rollout: { timeoutSeconds: 69 } }, "rollout.timeoutSeconds", "70 s");
    accepted({ port: 80, rollout: { timeoutSeconds: 70 } });
  });

  it("of a worker without probes needs only minReadySeconds", () => {
    accepted({ rollout: { timeoutSeconds: 10 } });
    refused({ rollout: { timeoutSeconds: 9 } }, "rollout.timeoutSeconds", "10 s");
    refused({ probes: { preset: "exec", command: ["x"] }, rollout: { timeoutSeconds: 10 } }, "timeoutSeconds", "70 s");
  });

  it("that is left out is refused if it comes to more than three hours, with the sum and what to do", () => {
    const replicas = { min: 100 };
    refused({ replicas }, "rollout.maxSurge", "11030 s", "10800 s", '"25%"');
    accepted({ replicas, rollout: { maxSurge: "25%" } });
    accepted({ replicas, rollout: { timeoutSeconds: 10_800 } });
    refused({ replicas, rollout: { timeoutSeconds: 10_801 } }, "rollout.timeoutSeconds", "10800");
  });

  it("of many stateful pods is refused without talk of a surge", () => {
    const fields = { kind: "stateful", replicas: { min: 100 } };
    refused(fields, "rollout.timeoutSeconds", "11030 s", "replicas.max");
    expect(faultsOfService(fields)[0]).not.toContain("maxSurge");
  });
});
