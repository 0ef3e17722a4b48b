import { runsToEnd, type WorkloadKind } from "./kinds.ts";
import { type PodsOrShare, rolloutStep } from "./pods-or-share.ts";
import type { RolloutStrategy } from "./rollout-strategy.ts";

/** Seconds until a new pod's containers run: schedule, pull, and the probe that finds it ready. */
const SECONDS_BEFORE_START = 10;
const MARGIN_SECONDS = 30;

/**
 * Seconds that a rollout may take at most. The credentials of a deploy in CI live 4 h (docs/aws.md), and builds, the cluster and a
 * rollback need some of that.
 */
export const MAX_ROLLOUT_SECONDS = 3 * 3600;

/** What decides how long a rollout takes. */
export interface RolloutPace {
  kind: WorkloadKind;
  replicas: { min: number; max: number };
  strategy: RolloutStrategy;
  maxSurge: PodsOrShare;
  maxUnavailable: PodsOrShare;
  startupSeconds: number;
  /** Until all sidecars have started: the containers after them wait for that. */
  sidecarSeconds: number;
  hasInitContainers: boolean;
  minReadySeconds: number;
  progressDeadlineSeconds: number;
  /** How long the new version stays on its preview address before it is promoted. */
  previewSeconds: number;
  /** How long the first pods of a stateful service run alone. */
  canarySeconds: number;
  /** What the steps of a canary take. @default - all pods are replaced without a pause */
  canary?: { pauseSeconds: number; checkSeconds: number; scaleUps: number; isRouted: boolean } | undefined;
  shutdown: { preStopSeconds: number; drainSeconds: number };
  /** How long a run of kind cron or job may take. */
  activeDeadlineSeconds: number;
}

/**
 * Seconds that a rollout may take before Helm rolls it back, if the config does not say. Pods are replaced in waves. In each, pods
 * take the slowest start that is allowed, stay ready for minReadySeconds, and the ones they replace stop. Nothing says how long init
 * containers take, but the deadline: with them each wave may take as long as that. Without them, no rollout ends before its deadline.
 */
export function rolloutTimeout(pace: RolloutPace): number {
  // Of a CronJob Helm waits for nothing.
  if (runsToEnd(pace.kind)) {
    const run = pace.kind === "job" ? pace.activeDeadlineSeconds + pace.shutdown.drainSeconds : 0;
    return run + SECONDS_BEFORE_START + MARGIN_SECONDS;
  }
  const { startupSeconds, sidecarSeconds, hasInitContainers, minReadySeconds, progressDeadlineSeconds, shutdown } =
    pace;
  const { previewSeconds, canary = { pauseSeconds: 0, checkSeconds: 0 } } = pace;
  const waits = previewSeconds + canary.pauseSeconds + canary.checkSeconds;
  const stop = shutdown.preStopSeconds + shutdown.drainSeconds;
  const start = sidecarSeconds + startupSeconds + minReadySeconds;
  const slowest = SECONDS_BEFORE_START + Math.max(start, progressDeadlineSeconds) + stop;
  const wave = hasInitContainers ? slowest : SECONDS_BEFORE_START + start + stop;
  return Math.max(rolloutWaves(pace) * wave, slowest) + waits + pace.canarySeconds + MARGIN_SECONDS;
}

/** The most waves that a rollout can have at any number of pods from min to max: shares are rounded, so max is not always the slowest. */
export function rolloutWaves(pace: RolloutPace): number {
  const { kind, replicas, strategy, canary } = pace;
  const most = Math.max(replicas.max, replicas.min, 1);
  if (kind === "stateful") return most;
  if (runsToEnd(kind)) return 1;
  // All new pods start at once.
  if (strategy === "recreate" || strategy === "blueGreen") return 1;
  // Its new pods start beside all old ones, and at most one wave more for each step. Without hosts they replace the old ones.
  if (canary?.isRouted) return canary.scaleUps;
  let waves = 1;
  for (let pods = Math.max(replicas.min, 1); pods <= most; pods++) {
    const { surge, unavailable } = rolloutStep(pace, pods);
    waves = Math.max(waves, Math.ceil(pods / (surge + unavailable)));
  }
  return waves + (canary?.scaleUps ?? 0);
}
