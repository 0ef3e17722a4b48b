import { expect, it } from "vitest";
import { type RolloutPace, rolloutTimeout } from "../../config/rollout-timeout.ts";

const spring: RolloutPace = {
  kind: "deployment",
  replicas: { min: 2, max: 8 },
  startupSeconds: 90,
  minReadySeconds: 3,
  shutdown: { preStopSeconds: 5, drainSeconds: 20 },
};

it("gives every pod its turn at the usual pace, and one of them the slowest start", () => {
  expect(rolloutTimeout(spring)).toBe(90 + 8 * (30 + 3 + 10) + 30);
});

it("adds the stop of each pod if pods are replaced in place", () => {
  expect(rolloutTimeout({ ...spring, kind: "stateful" })).toBe(90 + 8 * (30 + 3 + 10 + 25) + 30);
});
