import type { KubernetesObject } from "@kubernetes/client-node";
import type { Extent, Rule } from "../rule.ts";
import { ofKind, type Workload, workloadsIn } from "../workloads.ts";

/** Objects that set the number of pods instead of the workload. */
const SCALERS = [
  ["HorizontalPodAutoscaler", "minReplicas"],
  ["ScaledObject", "minReplicaCount"],
] as const;

interface Scaler extends KubernetesObject {
  spec?: { scaleTargetRef?: { name?: string }; minReplicas?: number; minReplicaCount?: number };
}

export const replicas: Rule = {
  name: "replicas",
  description:
    "What answers requests has at least two pods: with one, each node that is replaced or lost is a downtime.",
  objects: (objects, extent) =>
    workloadsIn(objects)
      .filter(answersRequests)
      .flatMap((workload) => {
        const least = leastPods(workload, objects, extent);
        if (least === undefined || least >= 2) return [];
        return [
          `${workload.label} has ${least === 0 ? "no pod" : "one pod"} at least. Set replicas.min to 2 or more; for one ` +
            "that must not run twice, rollout.strategy: recreate",
        ];
      }),
};

/** A StatefulSet's pods have a volume each: a second one is no replacement for the first. */
export function answersRequests({ kind, recreates, pod }: Workload): boolean {
  const listens = pod.containers.some(({ ports = [] }) => ports.length > 0);
  return (kind === "Deployment" || kind === "Rollout") && !recreates && listens;
}

/** Undefined if something else may set it. */
export function leastPods(
  { name, replicas }: Workload,
  objects: readonly KubernetesObject[],
  extent: Extent,
): number | undefined {
  for (const [kind, field] of SCALERS) {
    const scaler = ofKind<Scaler>(objects, kind).find(({ spec }) => spec?.scaleTargetRef?.name === name);
    if (scaler !== undefined) return scaler.spec?.[field] ?? (kind === "ScaledObject" ? 0 : 1);
  }
  return replicas ?? (extent === "release" ? 1 : undefined);
}
