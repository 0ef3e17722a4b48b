import { expect, it } from "vitest";
import { rolloutTimeout } from "../../components/rollout-timeout.ts";
import type { Service } from "../../stacks/index.ts";

it("gives every pod its turn, and one slow start its time", () => {
  const service = { replicas: { min: 2, max: 6 }, rollout: { minReadySeconds: 3 }, probes: { startupSeconds: 20 } };
  expect(rolloutTimeout(service as Service)).toBe(20 + 6 * (3 + 10) + 30);
});
