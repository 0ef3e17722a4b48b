import type { KubernetesObject } from "@kubernetes/client-node";

const WAVE = "argocd.argoproj.io/sync-wave";
/** What a Rollout names. */
const NAMED = ["AnalysisTemplate", "Service", "TraefikService"];

/**
 * What a Rollout names is applied in a wave before it. The controller would otherwise read the Rollout before it knows them, call it invalid,
 * and look again after 20 s: https://github.com/argoproj/argo-rollouts/blob/v1.10.1/rollout/controller.go#L443
 */
export function beforeRollout(objects: readonly KubernetesObject[]): KubernetesObject[] {
  if (!objects.some(({ kind }) => kind === "Rollout")) return [...objects];
  return objects.map((object) => {
    if (!NAMED.includes(object.kind ?? "")) return object;
    const { metadata } = object;
    return { ...object, metadata: { ...metadata, annotations: { ...metadata?.annotations, [WAVE]: "-1" } } };
  });
}
