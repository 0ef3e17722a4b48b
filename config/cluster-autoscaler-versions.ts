/**
 * The cluster-autoscaler's newest release for each minor version of Kubernetes. It simulates that version's scheduler, so the
 * minor versions must be the same. Sources: https://github.com/kubernetes/autoscaler/releases and
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
 * @param version of Kubernetes, such as `1.36`
 * @returns undefined if none is known for it
 */
export function autoscalerTag(version: string): string | undefined {
  return TAGS[version];
}

/** Why `autoscaler: cluster-autoscaler` does not work with a version of Kubernetes; undefined if it does. */
export function autoscalerVersionFault(version: string): string | undefined {
  if (autoscalerTag(version) !== undefined) return undefined;
  return (
    `no release of the cluster-autoscaler is known for Kubernetes ${version}, only for ${Object.keys(TAGS).join(", ")}. ` +
    "Use cpu-asg until there is one, or one of these as cluster.version"
  );
}
