import type { V1Secret } from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";
import type { Environment } from "../../config/index.ts";
import type { RecordsReader } from "./deployed-record.ts";
import { recordWithoutReplicas } from "./helm-record.ts";

/**
 * Takes the number of pods out of Helm's records of what runs. The autoscaler owns it, so the manifests of upgrades do not have it. But
 * where the record has it and the next manifest has not, Helm removes the field, Kubernetes sets 1, and all pods but one stop:
 * https://github.com/helm/helm/issues/12650. A record has it after a service's first deploy, after a pause, and from earlier charts.
 *
 * @throws pulumi.RunError if a record cannot be changed. Better now than with one pod left.
 */
export async function unpinReplicas(reader: RecordsReader, environment: Environment): Promise<void> {
  const { namespace } = environment;
  // A service that this update pauses gets a number, 0. If that is rolled back, the number from before is right.
  const names = environment.services.filter(({ replicas }) => replicas.max > 0).map(({ name }) => name);
  const deployed = new Map<string, V1Secret[]>(names.map((name) => [name, []]));
  for (const record of await reader.revisionRecords(namespace, { status: "deployed" })) {
    deployed.get(record.metadata?.labels?.name ?? "")?.push(record);
  }
  await Promise.all([...deployed].map(([name, records]) => unpinService(reader, namespace, name, records)));
}

async function unpinService(
  reader: RecordsReader,
  namespace: string,
  name: string,
  deployed: V1Secret[],
): Promise<void> {
  // After a killed update Helm may have no deployed revision. It then continues from the last one of any status.
  const records = deployed.length > 0 ? deployed : await reader.revisionRecords(namespace, { name });
  for (const record of records) {
    const release = recordWithoutReplicas(record.data?.release ?? "");
    if (release === undefined) continue;
    try {
      await reader.replaceSecret({ ...record, data: { ...record.data, release } });
    } catch (error) {
      throw new pulumi.RunError(
        `${name}: Helm's record ${record.metadata?.name} holds a number of pods and cannot be changed ` +
          `(${error instanceof Error ? error.message.split("\n")[0] : error}). With it, all pods but one would stop. Nothing was changed. ` +
          `Check that you may update secrets in ${namespace}, and deploy again.`,
      );
    }
    await pulumi.log.debug(`${name}: the number of pods was taken out of Helm's record ${record.metadata?.name}.`);
  }
}
