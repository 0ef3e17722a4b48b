import * as pulumi from "@pulumi/pulumi";
import type { Environment } from "../../config/index.ts";
import { applicationName } from "../../config/naming.ts";
import type { ClusterReader } from "../cluster/reader.ts";
import { jobLabels } from "../migrations/migration.ts";
import { deployedRecord } from "../rollout/deployed-record.ts";
import { objectsOf } from "../rollout/helm-record.ts";
import { isData, isGate, LAST_APPLIED, referenceOf, TRACKING, trackingId } from "./object-marks.ts";

export type TakeOverReader = Pick<ClusterReader, "revisionRecords"> & {
  objects: Pick<ClusterReader["objects"], "patchMetadata">;
  migrations: Pick<ClusterReader["migrations"], "jobs" | "patchJob">;
};

/**
 * Marks what Helm has deployed as Argo CD's. What Helm applied becomes what was applied last, or a field that the first commit does not have
 * would never be removed from the object. An object that the first commit does not have is removed. Argo CD does nothing before that commit.
 */
export async function takeOverFromHelm(
  reader: TakeOverReader,
  { name: stack, namespace, services }: Pick<Environment, "name" | "namespace" | "services">,
): Promise<void> {
  for (const { name } of services) {
    await keepMigrations(reader, namespace, name);
    const record = await deployedRecord(reader, namespace, name);
    if (record === undefined) continue;
    for (const object of objectsOf(record.data?.release ?? "")) {
      if (isData(object) || isGate(object, name)) continue;
      const reference = referenceOf(object, namespace);
      await reader.objects.patchMetadata(reference, {
        annotations: {
          [LAST_APPLIED]: JSON.stringify(object),
          [TRACKING]: trackingId(applicationName(stack, name), reference),
        },
      });
    }
    await pulumi.log.info(`${name}: its objects are Argo CD's from now on. The next deploy is a commit.`);
  }
}

/** In mode direct these Jobs are deleted after a week. Argo CD would create that of the release that runs again, and so run its migration again. */
async function keepMigrations({ migrations }: TakeOverReader, namespace: string, service: string): Promise<void> {
  for (const { metadata } of await migrations.jobs(namespace, jobLabels(service)))
    await migrations.patchJob(namespace, metadata?.name ?? "", { ttlSecondsAfterFinished: null });
}
