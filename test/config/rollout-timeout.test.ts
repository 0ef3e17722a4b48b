import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { MAX_ROLLOUT_SECONDS, type RolloutPace, rolloutTimeout, rolloutWaves } from "../../config/rollout-timeout.ts";

const spring: RolloutPace = {
  kind: "deployment",
  replicas: { min: 2, max: 8 },
  previewSeconds: 0,
  strategy: "rolling",
  maxSurge: 1,
  maxUnavailable: 0,
  startupSeconds: 90,
  sidecarSeconds: 0,
  hasInitContainers: false,
  minReadySeconds: 3,
  progressDeadlineSeconds: 93,
  canarySeconds: 0,
  shutdown: { preStopSeconds: 5, drainSeconds: 20 },
  activeDeadlineSeconds: 3600,
};
const wave = 10 + 90 + 3 + 25;

describe("the time of a rollout", () => {
  it("is that of its waves, each with the slowest start that is allowed and the stop of the old pods", () => {
    expect(rolloutTimeout(spring)).toBe(8 * wave + 30);
    expect(rolloutTimeout({ ...spring, maxSurge: 3, maxUnavailable: 1 })).toBe(2 * wave + 30);
  });

  it("is enough for 12 pods that each take 60 of the 90 s that they may", () => {
    const shutdown = { preStopSeconds: 15, drainSeconds: 15 };
    const orders = { ...spring, replicas: { min: 3, max: 12 }, minReadySeconds: 10, shutdown };
    expect(rolloutTimeout(orders)).toBeGreaterThan(12 * (60 + 10 + 5) + 30);
  });

  it("of 100 pods by quarters is that of four waves, not of 100 pods", () => {
    expect(rolloutTimeout({ ...spring, replicas: { min: 100, max: 100 }, maxSurge: "25%" })).toBe(4 * wave + 30);
  });

  it("of a stateful service is one pod after another, whatever else is set", () => {
    expect(rolloutTimeout({ ...spring, kind: "stateful", maxSurge: 8 })).toBe(8 * wave + 30);
  });

  it("has the time that its first pods run alone", () => {
    expect(rolloutTimeout({ ...spring, kind: "stateful", canarySeconds: 600 })).toBe(8 * wave + 600 + 30);
  });

  it("with recreate is one stop and one start", () => {
    expect(rolloutTimeout({ ...spring, strategy: "recreate" })).toBe(wave + 30);
  });

  it("includes the sidecars' starts", () => {
    expect(rolloutTimeout({ ...spring, sidecarSeconds: 40 })).toBe(8 * (wave + 40) + 30);
  });

  it("with init containers leaves each wave as long as the deadline", () => {
    const migrating = { ...spring, hasInitContainers: true, progressDeadlineSeconds: 1200 };
    expect(rolloutTimeout(migrating)).toBe(8 * (10 + 1200 + 25) + 30);
    expect(rolloutTimeout({ ...migrating, strategy: "recreate" })).toBe(10 + 1200 + 25 + 30);
  });

  it("is never below the deadline: a rollout that makes no progress ends by that", () => {
    expect(rolloutTimeout({ ...spring, strategy: "recreate", progressDeadlineSeconds: 1200 })).toBe(
      10 + 1200 + 25 + 30,
    );
  });

  it("of a service that is paused is one wave", () => {
    expect(rolloutTimeout({ ...spring, replicas: { min: 0, max: 0 } })).toBe(wave + 30);
  });
});

it("a share that is rounded may need more waves with fewer pods", () => {
  expect(rolloutWaves({ ...spring, replicas: { min: 5, max: 5 }, maxSurge: "25%" })).toBe(3);
  expect(rolloutWaves({ ...spring, replicas: { min: 4, max: 5 }, maxSurge: "25%" })).toBe(4);
});

it("no pod count within the bounds takes longer than the time given", () => {
  const count = fc.integer({ min: 1, max: 60 });
  const surge = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom("10%", "25%", "50%", "100%"));
  fc.assert(
    fc.property(count, count, surge, fc.double({ min: 0, max: 1, noNaN: true }), (a, b, maxSurge, at) => {
      const [min, max] = a < b ? [a, b] : [b, a];
      const pods = min + Math.floor(at * (max - min));
      const bounded = rolloutTimeout({ ...spring, replicas: { min, max }, maxSurge });
      expect(rolloutTimeout({ ...spring, replicas: { min: pods, max: pods }, maxSurge })).toBeLessThanOrEqual(bounded);
    }),
  );
});

it("the longest rollout ends an hour before the credentials of a deploy in CI", () => {
  const workflow = join(import.meta.dirname, "../../.github/workflows/deploy-stack.yaml");
  const { jobs } = parse(readFileSync(workflow, "utf8")) as Record<
    string,
    Record<string, { steps: { with?: { seconds?: string } }[] }>
  >;
  const lives = Object.values(jobs ?? {}).flatMap(({ steps }) => steps.flatMap((step) => step.with?.seconds ?? []));
  expect(lives).toHaveLength(1);
  expect(MAX_ROLLOUT_SECONDS).toBeLessThanOrEqual(Number(lives[0]) - 3600);
});
