/** A number of pods, or a share of them such as "25%". */
export type PodsOrShare = number | string;

/** @param round a share that is no whole number of pods */
export function podsOf(amount: PodsOrShare, pods: number, round: (share: number) => number): number {
  return typeof amount === "number" ? amount : round((Number.parseInt(amount, 10) * pods) / 100);
}

/** Pods that a Deployment adds and takes away at once. */
export interface Step {
  surge: number;
  unavailable: number;
}

/**
 * What the Deployment controller makes of `maxSurge` and `maxUnavailable`: it rounds the surge up and the rest down, and if both are
 * 0 then, takes one pod away. Source: ResolveFenceposts in
 * https://github.com/kubernetes/kubernetes/blob/v1.36.1/pkg/controller/deployment/util/deployment_util.go
 */
export function rolloutStep(
  { maxSurge, maxUnavailable }: { maxSurge: PodsOrShare; maxUnavailable: PodsOrShare },
  pods: number,
): Step {
  const surge = podsOf(maxSurge, pods, Math.ceil);
  const unavailable = podsOf(maxUnavailable, pods, Math.floor);
  return surge === 0 && unavailable === 0 ? { surge, unavailable: 1 } : { surge, unavailable };
}
