import { describe, expect, it } from "vitest";
import type { Rollout } from "../../../components/cluster/rollouts.ts";
import {
  abortedAt,
  isAppliedTo,
  isHealthy,
  isRolloutObserved,
  isWaitingForPerson,
} from "../../../components/rollout/argo-rollout.ts";

type Status = NonNullable<Rollout["status"]>;
const template = {};
const rollout = (status: Status, spec: Partial<Rollout["spec"]> = {}): Rollout => ({
  metadata: { name: "api", generation: 7, annotations: { "slipway.dev/gate": "api-rollout-2" } },
  spec: { template, strategy: { blueGreen: {} }, ...spec },
  status,
});

it("is observed once the controller has read this generation, which it writes as text", () => {
  expect(isRolloutObserved(rollout({ observedGeneration: "7" }))).toBe(true);
  expect(isRolloutObserved(rollout({ observedGeneration: "6" }))).toBe(false);
});

it("is the one that Helm waits for only if it names the gate", () => {
  expect(isAppliedTo(rollout({}), ["api-rollout-2"])).toBe(true);
  expect(isAppliedTo(rollout({}), ["api-rollout-1"])).toBe(false);
});

it("is healthy only if its newest pods are the stable ones", () => {
  expect(isHealthy(rollout({ phase: "Healthy", currentPodHash: "a", stableRS: "a" }))).toBe(true);
  expect(isHealthy(rollout({ phase: "Healthy", currentPodHash: "b", stableRS: "a" }))).toBe(false);
  expect(isHealthy(rollout({ phase: "Progressing", currentPodHash: "a", stableRS: "a" }))).toBe(false);
});

describe("a paused rollout", () => {
  const paused = (reason: string, more: Partial<Status> = {}): Status => ({
    phase: "Paused",
    pauseConditions: [{ reason, startTime: "2026-01-01T00:00:00Z" }],
    ...more,
  });
  const canary = (pause: { duration?: string }) => ({
    strategy: { canary: { steps: [{ setWeight: 10 }, { pause }] } },
  });

  it.each([
    [
      "blue/green with manual promotion",
      paused("BlueGreenPause"),
      { strategy: { blueGreen: { autoPromotionEnabled: false } } },
      true,
    ],
    ["blue/green that goes on by itself", paused("BlueGreenPause"), {}, false],
    ["a canary at a pause without an end", paused("CanaryPauseStep", { currentStepIndex: 1 }), canary({}), true],
    [
      "a canary at a pause of a minute",
      paused("CanaryPauseStep", { currentStepIndex: 1 }),
      canary({ duration: "60s" }),
      false,
    ],
    ["an analysis without a verdict", paused("InconclusiveAnalysisRun"), canary({}), true],
    ["one that a person has paused", { phase: "Paused" } as Status, { paused: true }, true],
    ["one that goes on", { phase: "Progressing" } as Status, { paused: true }, false],
  ])("of %s waits for a person: %s", (_, status, spec, waits) => {
    expect(isWaitingForPerson(rollout(status, spec))).toBe(waits);
  });
});

it("was given up when the controller or a person aborted it", () => {
  const at = "2026-01-01T00:00:00Z";
  expect(abortedAt(rollout({ phase: "Degraded", abort: true, abortedAt: at }))).toEqual(new Date(at));
  const conditions = [{ type: "Progressing", status: "False", lastUpdateTime: at }] as Status["conditions"];
  expect(abortedAt(rollout({ phase: "Degraded", ...(conditions && { conditions }) }))).toEqual(new Date(at));
  expect(abortedAt(rollout({ phase: "Progressing" }))).toBeUndefined();
});
