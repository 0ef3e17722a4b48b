import { describe, expect, it } from "vitest";
import { resolveService } from "../../../../config/resolve.ts";
import { serviceSchema } from "../../../../config/schema/service/index.ts";
import { faultsOfService } from "./faults.ts";
import { redis, resources } from "./service-faults.ts";

/** Takes a port of its own. */
const sidecar = (startupSeconds?: number) => ({
  image: redis,
  port: 10_000 + (startupSeconds ?? 0),
  ...(startupSeconds && { probe: { startupSeconds } }),
  resources,
});

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

describe("canaryPods", () => {
  const stateful = (rollout: object, replicas: object = { min: 3 }) => ({ kind: "stateful", rollout, replicas });

  it("below replicas.min of a stateful service are accepted, and while it is paused", () => {
    accepted(stateful({ canaryPods: 1 }));
    accepted(stateful({ canaryPods: 2, canarySeconds: 0 }));
    accepted(stateful({ canaryPods: 3 }, { min: 0, max: 0 }));
    accepted({ rollout: { canaryPods: 0 } });
  });

  it("that are all pods, or of a Deployment, are refused", () => {
    refused(stateful({ canaryPods: 3 }), "services.web.rollout.canaryPods", "below 3");
    refused({ rollout: { canaryPods: 1 } }, "services.web.rollout.canaryPods", "only for kind: stateful");
  });

  it("are needed for canarySeconds, which count for the time of a rollout", () => {
    refused(stateful({ canarySeconds: 60 }), "services.web.rollout.canarySeconds", "Set canaryPods");
    const timeout = (rollout: object) =>
      resolveService("web", serviceSchema.parse({ resources, ...stateful(rollout) }), "v1").rollout.timeoutSeconds;
    expect(timeout({ canaryPods: 1, canarySeconds: 500 })).toBe(timeout({}) + 500);
    expect(timeout({ canaryPods: 1 })).toBe(timeout({}) + 60);
  });
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

describe("progressDeadlineSeconds", () => {
  it("must be above the starts of sidecars and service together", () => {
    refused({ port: 80, sidecars: { proxy: sidecar(230) } }, "rollout.progressDeadlineSeconds", "300 s", "sidecars");
    accepted({ port: 80, sidecars: { proxy: sidecar(229) } });
    refused({ port: 80, sidecars: { a: sidecar(), b: sidecar(170) } }, "progressDeadlineSeconds", "300 s");
    accepted({ port: 80, sidecars: { proxy: sidecar(900) }, rollout: { progressDeadlineSeconds: 971 } });
  });

  it("does not count a sidecar without port, which holds up nothing", () => {
    accepted({ port: 80, sidecars: { a: { image: redis, resources }, proxy: sidecar(229) } });
  });

  it("of a migration is what a computed timeout leaves to each wave", () => {
    const fields = { initContainers: { migrate: { resources } }, rollout: { progressDeadlineSeconds: 1200 } };
    const timeout = (more: object) =>
      resolveService("web", serviceSchema.parse({ build: { context: "." }, resources, ...more }), "v1");
    expect(timeout(fields).rollout.timeoutSeconds).toBe(2 * (10 + 1200 + 30) + 30);
    expect(timeout({ sidecars: { proxy: sidecar(20) } }).rollout.timeoutSeconds).toBe(10 + 300 + 30 + 30);
    refused({ ...fields, replicas: { min: 9 } }, "rollout.maxSurge", "11190 s", "progressDeadlineSeconds");
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

  it("counts a start with probes on a worker with probes.port or another port, and the sidecars' starts", () => {
    const probes = { preset: "tcp", port: 9000, startupSeconds: 120 };
    refused({ probes, rollout: { timeoutSeconds: 129 } }, "rollout.timeoutSeconds", "130 s");
    const ports = { admin: { port: 9000 } };
    refused({ ports, probes: { ...probes, port: "admin" }, rollout: { timeoutSeconds: 129 } }, "130 s");
    refused({ sidecars: { proxy: sidecar(20) }, rollout: { timeoutSeconds: 29 } }, "30 s", "sidecars");
    accepted({ sidecars: { proxy: sidecar(20) }, rollout: { timeoutSeconds: 30 } });
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
