import type { Fault } from "../../../config/index.ts";

/**
 * The cluster-autoscaler's newest release for each minor of Kubernetes. Its minor is to be the cluster's, for it tries by that
 * version's own scheduler where pods would go. Sources: https://github.com/kubernetes/autoscaler/releases and
 * https://github.com/kubernetes/autoscaler/tree/master/cluster-autoscaler#releases
 */
const TAGS: Readonly<Record<string, string>> = {
  "1.33": "v1.33.6",
  "1.34": "v1.34.5",
  "1.35": "v1.35.2",
  "1.36": "v1.36.1",
};

/**
 * Tag of the cluster-autoscaler's image for a cluster.
 *
 * @param version of Kubernetes, such as `1.35`.
 * @returns undefined if none is known for it.
 */
export function autoscalerTag(version: string): string | undefined {
  return TAGS[version];
}

/** What is wrong with `autoscaler: cluster-autoscaler` for a version of Kubernetes: none is known for it. */
export function autoscalerFault(version: string): Fault | undefined {
  if (autoscalerTag(version) !== undefined) return undefined;
  const message =
    "cluster-autoscaler goes with a cluster of its own minor version, and for Kubernetes " +
    `${version} none is known here; those known are for ${Object.keys(TAGS).join(", ")}. ` +
    "Take cpu-asg until there is one, or a cluster.version of these";
  return { path: ["cluster", "nodeGroup", "autoscaler"], message };
}
