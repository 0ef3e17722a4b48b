import type { V1Pod, V1Secret, V1StatefulSet } from "@kubernetes/client-node";
import type { Service } from "../../config/index.ts";
import type { ClusterReader } from "../cluster/reader.ts";
import { statefulSetIn } from "./helm-record.ts";
import { volumeFaults } from "./volume-faults.ts";
import { withVolumeSize } from "./volume-growth.ts";

/**
 * The StatefulSet of pods that have none: an update was killed between its deletion and its creation. By Helm's record, with the
 * number of pods that run: the manifest has no number, and Kubernetes would take 1. Undefined if Helm shall make it: no pods run, or
 * somebody has deleted it by hand for another volume.
 */
export async function lostStatefulSet(
  reader: ClusterReader,
  namespace: string,
  service: Pick<Service, "name" | "kind" | "chartFields">,
): Promise<V1StatefulSet | undefined> {
  const { name, chartFields } = service;
  const pods = await reader.pods(namespace, { "app.kubernetes.io/instance": name });
  const ordinals = pods.flatMap((pod) => ordinalOfOrphan(name, pod) ?? []);
  const record = (await reader.revisionRecords(namespace, { name })).sort(byRevision).at(-1);
  if (ordinals.length === 0 || record === undefined || chartFields.volume === undefined) return undefined;
  const set = statefulSetIn(record.data?.release ?? "") as V1StatefulSet | undefined;
  if (set === undefined) return undefined;
  if (volumeFaults(service, set, []).length > 0) return undefined;
  const annotations = {
    ...set.metadata?.annotations,
    "meta.helm.sh/release-name": name,
    "meta.helm.sh/release-namespace": namespace,
  };
  const marked = { ...set, metadata: { ...set.metadata, namespace, annotations } };
  return withVolumeSize(marked, chartFields.volume.size, Math.max(...ordinals) + 1);
}

function ordinalOfOrphan(service: string, { metadata }: V1Pod): number | undefined {
  const [, ordinal] = new RegExp(`^${service}-(\\d+)$`).exec(metadata?.name ?? "") ?? [];
  const isOwned = metadata?.ownerReferences?.some(({ controller }) => controller) ?? false;
  return ordinal === undefined || isOwned ? undefined : Number(ordinal);
}

/** Those that were deployed once are rolled back to, the newest first. */
function byRevision(a: V1Secret, b: V1Secret): number {
  const rank = ({ metadata }: V1Secret) =>
    (["deployed", "superseded"].includes(metadata?.labels?.status ?? "") ? 1e9 : 0) + Number(metadata?.labels?.version);
  return rank(a) - rank(b);
}
