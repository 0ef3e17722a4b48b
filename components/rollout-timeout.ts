import { CHART_DEFAULTS, type Service } from "../stacks/index.ts";

/** From a pod's start to its being counted, beside minReadySeconds: schedule, pull, start, first probes. */
const SECONDS_PER_POD = 10;
const MARGIN_SECONDS = 30;

/** Seconds a pod may take until it is ready. */
export function startupSeconds(service: Service): number {
  return service.probes?.startupSeconds ?? CHART_DEFAULTS.startupSeconds;
}

/**
 * Seconds that a rollout of a service may take, pod by pod, before Helm rolls it back: one slow start (the others follow a
 * start that was as quick as it is) and the steady pace of the rest.
 */
export function rolloutTimeout(service: Service): number {
  const pods = Math.max(service.replicas?.max ?? 0, service.replicas?.min ?? CHART_DEFAULTS.replicas);
  const minReady = service.rollout?.minReadySeconds ?? CHART_DEFAULTS.minReadySeconds;
  return startupSeconds(service) + pods * (minReady + SECONDS_PER_POD) + MARGIN_SECONDS;
}
