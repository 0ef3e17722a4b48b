import type { V1StatefulSet } from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";
import type { Environment } from "../../config/index.ts";
import type { RecordsReader } from "./deployed-record.ts";
import { recordWithVolumeSize } from "./helm-record.ts";
import { sizeOfTemplate } from "./volume-growth.ts";

/**
 * Gives Helm's records the size of volumes that the StatefulSets have. After a growth the record of what runs has the size from
 * before. Helm's rollback would ask for that, the API would refuse it, and the bad release would stay.
 *
 * @throws pulumi.RunError if a record cannot be changed
 */
export async function keepVolumeSizes(
  reader: RecordsReader,
  { namespace, services }: Pick<Environment, "namespace" | "services">,
  sets: readonly V1StatefulSet[],
): Promise<void> {
  const kept = services.flatMap(({ name, kind, chartFields: { volume } }) => {
    const set = sets.find(({ metadata }) => metadata?.name === name);
    const size = set && sizeOfTemplate(set);
    return kind === "stateful" && volume !== undefined && size !== undefined ? [{ name, size }] : [];
  });
  await Promise.all(kept.map(({ name, size }) => keepSize(reader, namespace, name, size)));
}

async function keepSize(reader: RecordsReader, namespace: string, name: string, size: string): Promise<void> {
  // Helm rolls back to any of those that were deployed once.
  for (const record of await reader.revisionRecords(namespace, { name })) {
    const release = recordWithVolumeSize(record.data?.release ?? "", size);
    if (release === undefined) continue;
    try {
      await reader.replaceSecret({ ...record, data: { ...record.data, release } });
    } catch (error) {
      throw new pulumi.RunError(
        `${name}: Helm's record ${record.metadata?.name} has another size of its volume than its StatefulSet and cannot be changed ` +
          `(${error instanceof Error ? error.message.split("\n")[0] : error}). With it, no release could be rolled back. ` +
          `Check that you may update secrets in ${namespace}, and deploy again.`,
      );
    }
  }
}
