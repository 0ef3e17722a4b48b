import type { V1Deployment, V1ObjectMeta, V1StatefulSet } from "@kubernetes/client-node";

/** Whether the status is of the object as it is now. */
export function isObserved(workload: { metadata?: V1ObjectMeta; status?: { observedGeneration?: number } }): boolean {
  return workload.status?.observedGeneration === workload.metadata?.generation;
}

/** Pods that the config wants. The autoscaler keeps the number between both. */
export interface ReplicaBounds {
  min: number;
  max: number;
}

/**
 * Whether a rollout is over: every pod is of the new template and has been ready for minReadySeconds, and no old one is left.
 * Helm is content when enough pods are ready for a moment. The rules are those of `kubectl rollout status`:
 * https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#complete-deployment
 */
export function isComplete(workload: V1Deployment | V1StatefulSet): boolean {
  const { spec, status } = workload;
  if (!isObserved(workload) || status === undefined) return false;
  const wanted = spec?.replicas ?? 1;
  const { replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status;
  const isAllNew = "currentRevision" in status ? status.currentRevision === status.updateRevision : true;
  return isAllNew && [replicas, updatedReplicas, availableReplicas].every((count) => count === wanted);
}

/** Whether the number of pods is one that the config allows. The autoscaler follows new bounds up to 15 s after the deploy. */
export function isWithin({ spec }: { spec?: { replicas?: number } | undefined }, { min, max }: ReplicaBounds): boolean {
  const wanted = spec?.replicas ?? 1;
  return min <= wanted && wanted <= max;
}
