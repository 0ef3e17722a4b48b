import { expect, it } from "vitest";
import { rolloutTimeout } from "../../../components/rollout/timeout.ts";
import type { Service } from "../../../config/index.ts";

const spring = { replicas: { min: 2, max: 8 }, rollout: { minReadySeconds: 3 }, probes: { startupSeconds: 90 } };

it("gives every pod its turn at the usual pace, and one the slowest start", () => {
  expect(rolloutTimeout(spring as Service)).toBe(90 + 8 * (30 + 3 + 10) + 30);
});

it("adds the stop of each pod where pods are replaced in place", () => {
  const stateful = { ...spring, kind: "stateful", shutdown: { preStopSeconds: 5, drainSeconds: 20 } };
  expect(rolloutTimeout(stateful as Service)).toBe(90 + 8 * (30 + 3 + 10 + 25) + 30);
});

it("is what the config says where it says so", () => {
  expect(rolloutTimeout({ ...spring, rollout: { timeoutSeconds: 99 } } as Service)).toBe(99);
});
