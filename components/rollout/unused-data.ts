import type { ClusterReader } from "../cluster/reader.ts";

/** Label of the ConfigMaps and Secrets that outlive the update that replaces them, with the service's name. */
export const DATA_OF = "slipway.dev/data-of";

/**
 * Deletes ConfigMaps and Secrets of a service that none of its ReplicaSets names. Pods of a version before are kept for a while, and
 * restart, or serve again after a rollback: their config must be there.
 *
 * @param names of those that the service has now
 */
export async function deleteUnusedData(
  reader: ClusterReader,
  { namespace, service, names }: { namespace: string; service: string; names: readonly string[] },
): Promise<void> {
  const sets = await reader.replicaSets(namespace, { "app.kubernetes.io/instance": service });
  // A name can be in many places of a pod template, and its hash makes it unmistakable.
  const templates = JSON.stringify(sets.map(({ spec }) => spec?.template));
  const isUnused = (name: string) => !names.includes(name) && !templates.includes(`"${name}"`);
  await reader.deleteData(namespace, { [DATA_OF]: service }, isUnused);
}
