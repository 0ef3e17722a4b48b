import fc from "fast-check";
import { expect, it } from "vitest";
import { rolloutStep } from "../../config/pods-or-share.ts";

it("rounds a share of surge pods up and one of unavailable pods down, as Kubernetes does", () => {
  expect(rolloutStep({ maxSurge: "25%", maxUnavailable: "25%" }, 10)).toEqual({ surge: 3, unavailable: 2 });
});

it("takes one pod away if both would be none", () => {
  expect(rolloutStep({ maxSurge: 0, maxUnavailable: "25%" }, 3)).toEqual({ surge: 0, unavailable: 1 });
});

it("always replaces at least one pod at once", () => {
  const amount = fc.oneof(
    fc.integer({ min: 0, max: 50 }),
    fc.integer({ min: 0, max: 100 }).map((share) => `${share}%`),
  );
  fc.assert(
    fc.property(amount, amount, fc.integer({ min: 1, max: 1000 }), (maxSurge, maxUnavailable, pods) => {
      const { surge, unavailable } = rolloutStep({ maxSurge, maxUnavailable }, pods);
      expect(surge + unavailable).toBeGreaterThanOrEqual(1);
    }),
  );
});
