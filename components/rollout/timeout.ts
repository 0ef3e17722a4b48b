import { CHART_DEFAULTS, type Service } from "../../config/index.ts";

/** From a pod's start to its being counted, beside its own start and minReadySeconds: schedule, pull, probe. */
const SECONDS_PER_POD = 10;
/** probes.startupSeconds is the patience with a start. A usual start is taken to be no longer than this share of it. */
const USUAL_START = 1 / 3;
const MARGIN_SECONDS = 30;

/** Seconds a pod may take until it is ready. */
export function startupSeconds(service: Service): number {
  return service.probes?.startupSeconds ?? CHART_DEFAULTS.startupSeconds;
}

/**
 * Seconds that a rollout of a service may take before Helm rolls it back: pod by pod at the usual pace, one of them with the
 * slowest start that is allowed. A stateful service stops each pod before it starts the next.
 */
export function rolloutTimeout(service: Service): number {
  const { replicas, rollout, shutdown, kind } = service;
  if (rollout?.timeoutSeconds !== undefined) return rollout.timeoutSeconds;
  const pods = Math.max(replicas?.max ?? 0, replicas?.min ?? CHART_DEFAULTS.replicas);
  const minReady = rollout?.minReadySeconds ?? CHART_DEFAULTS.minReadySeconds;
  const start = startupSeconds(service);
  const stop =
    kind === "stateful"
      ? (shutdown?.preStopSeconds ?? CHART_DEFAULTS.preStopSeconds) +
        (shutdown?.drainSeconds ?? CHART_DEFAULTS.drainSeconds)
      : 0;
  return Math.ceil(start + pods * (start * USUAL_START + minReady + SECONDS_PER_POD + stop) + MARGIN_SECONDS);
}
