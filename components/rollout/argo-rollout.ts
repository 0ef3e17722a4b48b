import type { Rollout } from "../cluster/rollouts.ts";

/** charts/service names the Job that holds Helm's wait for the Rollout as it is now. */
const GATE = "slipway.dev/gate";

/** Label that tells the pods of one template from those of another. */
export const TEMPLATE_HASH = "rollouts-pod-template-hash";

/** Whether the controller has read the Rollout as it is now. */
export function isRolloutObserved({ metadata, status }: Rollout): boolean {
  return status?.observedGeneration === String(metadata.generation);
}

/**
 * Whether Helm has changed the Rollout already. It creates the Job that holds its wait before.
 *
 * @param gates names of the Jobs that hold Helm's wait now
 */
export function isAppliedTo({ metadata }: Rollout, gates: readonly string[]): boolean {
  return gates.length === 0 || gates.includes(metadata.annotations?.[GATE] ?? "");
}

/** Whether every pod is of the newest template, and gets all the traffic. */
export function isHealthy({ status }: Rollout): boolean {
  return status?.phase === "Healthy" && status.currentPodHash === status.stableRS;
}

/** Whether it goes on only when somebody says so. A pause with a duration ends by itself. */
export function isWaitingForPerson({ spec, status }: Rollout): boolean {
  if (status?.phase !== "Paused") return false;
  if (spec.paused) return true;
  const reasons = (status.pauseConditions ?? []).map(({ reason }) => reason);
  if (reasons.includes("InconclusiveAnalysisRun")) return true;
  if (reasons.includes("BlueGreenPause")) return spec.strategy.blueGreen?.autoPromotionEnabled === false;
  if (!reasons.includes("CanaryPauseStep")) return false;
  const step = spec.strategy.canary?.steps?.[status.currentStepIndex ?? 0];
  return step?.pause !== undefined && step.pause.duration === undefined;
}

/** When it was given up, by the controller or by a person. Undefined if it was not. */
export function abortedAt({ status }: Rollout): Date | undefined {
  if (status?.phase !== "Degraded" && !status?.abort) return undefined;
  const progress = status.conditions?.find(({ type }) => type === "Progressing");
  const at = status.abortedAt ?? progress?.lastUpdateTime;
  return at === undefined ? undefined : new Date(at);
}
