import type { V1Secret } from "@kubernetes/client-node";
import type { ClusterReader } from "../cluster/reader.ts";

/** Reads and changes Helm's records of revisions. */
export type RecordsReader = Pick<ClusterReader, "replaceSecret" | "revisionRecords">;

/** Helm's record of what a release runs. Undefined if nothing of it was deployed. */
export async function deployedRecord(
  reader: Pick<ClusterReader, "revisionRecords">,
  namespace: string,
  name: string,
): Promise<V1Secret | undefined> {
  const records = await reader.revisionRecords(namespace, { name, status: "deployed" });
  return records.sort((a, b) => revisionOf(a) - revisionOf(b)).at(-1);
}

function revisionOf({ metadata }: V1Secret): number {
  return Number(metadata?.labels?.version ?? 0);
}
