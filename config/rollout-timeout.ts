/** Seconds from a pod's start until it counts, besides its own start and minReadySeconds: schedule, pull, probe. */
const SECONDS_PER_POD = 10;
/** probes.startupSeconds is the longest start that is allowed. A usual start is assumed to take at most this share of it. */
const USUAL_START = 1 / 3;
const MARGIN_SECONDS = 30;

/** What decides how long a rollout takes. */
export interface RolloutPace {
  kind: "deployment" | "stateful";
  replicas: { min: number; max: number };
  startupSeconds: number;
  minReadySeconds: number;
  shutdown: { preStopSeconds: number; drainSeconds: number };
}

/**
 * Seconds that a rollout may take before Helm rolls it back, if the config does not say: pod by pod at the usual pace, one of
 * them with the slowest start that is allowed. A stateful service stops each pod before it starts the next.
 */
export function rolloutTimeout({ kind, replicas, startupSeconds, minReadySeconds, shutdown }: RolloutPace): number {
  const pods = Math.max(replicas.max, replicas.min);
  const stop = kind === "stateful" ? shutdown.preStopSeconds + shutdown.drainSeconds : 0;
  const perPod = startupSeconds * USUAL_START + minReadySeconds + SECONDS_PER_POD + stop;
  return Math.ceil(startupSeconds + pods * perPod + MARGIN_SECONDS);
}
