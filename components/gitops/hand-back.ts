import type { KubernetesObject, V1Secret } from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";
import type { Environment } from "../../config/index.ts";
import { HELM_RELEASE } from "../../config/naming.ts";
import type { ArgoApplication } from "../cluster/argo-applications.ts";
import type { ObjectReference } from "../cluster/live-objects.ts";
import type { ClusterReader } from "../cluster/reader.ts";
import { deployedRecord } from "../rollout/deployed-record.ts";
import { descriptionIn, objectsOf, recordWithObjects } from "../rollout/helm-record.ts";
import { keepVolumeSizes } from "../rollout/keep-volume-sizes.ts";
import { unpinReplicas } from "../rollout/unpin-replicas.ts";
import { stateResources, urnOfServices } from "../state-resources.ts";
import {
  isData,
  isGate,
  keyOf,
  LAST_APPLIED,
  MANAGED_BY,
  RELEASE_NAME,
  RELEASE_NAMESPACE,
  referenceOf,
} from "./object-marks.ts";
import { type ApplicationsReader, applicationsOf, pauseApplications } from "./paused-applications.ts";

/** Label of a record that was written here. */
const WRITTEN = "slipway.dev/handed-back";

export type HandBackReader = ApplicationsReader &
  Pick<ClusterReader, "deleteRevision" | "replaceSecret" | "revisionRecords" | "workloads"> & {
    objects: Pick<ClusterReader["objects"], "patchMetadata" | "read">;
  };

/** What a Helm release says of itself after Argo CD. It also makes Helm apply a release whose config is that of before Argo CD. */
export function handedBackText(since: string): string {
  return `Handed back by Argo CD, ${since}`;
}

/**
 * Gives what Argo CD has applied back to Helm, before Helm changes anything: Argo CD stops, Helm's record says what runs now, and Helm may
 * adopt each object. So a first update that fails is rolled back to what runs now, and not to what ran before Argo CD. Killed at any point,
 * it goes on in the next update.
 *
 * @param since when the change began: the same in each attempt
 */
export async function handBackToHelm(reader: HandBackReader, environment: Environment, since: string): Promise<void> {
  const { namespace } = environment;
  const state = await stateResources();
  refuseOrphans(environment, await applicationsOf(reader, environment), state);
  await pauseApplications(reader, environment, since);
  for (const [service, application] of await applicationsOf(reader, environment)) {
    if (isHelms(state, service)) await writeRecord(reader, namespace, service, application, since);
    else await deleteRecords(reader, namespace, service);
    for (const reference of trackedObjects(application, namespace)) {
      await reader.objects.patchMetadata(reference, {
        labels: { [MANAGED_BY]: "Helm" },
        annotations: { [RELEASE_NAME]: service, [RELEASE_NAMESPACE]: namespace },
      });
    }
    await pulumi.log.info(`${service}: its objects are Helm's from now on.`);
  }
  // As in every update, of the records that are new.
  await unpinReplicas(reader, environment);
  await keepVolumeSizes(reader, environment, (await reader.workloads(namespace)).statefulSets);
}

/** @throws pulumi.RunError if a service that is not in the config runs, and nobody would delete it. */
function refuseOrphans(
  { name: stack, namespace, services }: Pick<Environment, "name" | "namespace" | "services">,
  applications: ReadonlyMap<string, ArgoApplication>,
  state: ReadonlySet<string>,
): void {
  const orphans = [...applications]
    .filter(([service, application]) => trackedObjects(application, namespace).length > 0 && !isHelms(state, service))
    .map(([service]) => service)
    .filter((service) => !services.some(({ name }) => name === service));
  if (orphans.length === 0) return;
  throw new pulumi.RunError(
    `${orphans.join(", ")}: no longer in the config, but Argo CD runs it, and Helm, which never had it, would not remove it. Nothing was ` +
      `changed. Put it back into the config, or set mode: gitops again and first deploy its removal: npm run slipway -- deploy --stack ${stack}`,
  );
}

function isHelms(state: ReadonlySet<string>, service: string): boolean {
  return state.has(urnOfServices(HELM_RELEASE, service));
}

function trackedObjects({ status }: ArgoApplication, services: string): ObjectReference[] {
  return (status?.resources ?? [])
    .filter((object) => !isData(object))
    .map(({ group, version, kind, name, namespace = services }) => ({
      apiVersion: group ? `${group}/${version}` : version,
      kind,
      metadata: { name, namespace },
    }));
}

async function writeRecord(
  reader: HandBackReader,
  namespace: string,
  service: string,
  application: ArgoApplication,
  since: string,
): Promise<void> {
  const all = await reader.revisionRecords(namespace, { name: service });
  // What came after it is Helm's own, and newer than what Argo CD applied.
  if (all.some((record) => isWritten(record, since))) return;
  const record = await deployedRecord(reader, namespace, service);
  if (record === undefined) return;
  const objects = await objectsNow(reader, namespace, service, record, application);
  // Whoever deleted them all has no use for an empty record, to which a rollback would delete what was created meanwhile.
  if (objects.length === 0) return;
  const labels = { ...record.metadata?.labels, [WRITTEN]: since };
  const release = recordWithObjects(record.data?.release ?? "", objects);
  await reader.replaceSecret({
    ...record,
    metadata: { ...record.metadata, labels },
    data: { ...record.data, release },
  });
}

function isWritten({ metadata, data }: V1Secret, since: string): boolean {
  return metadata?.labels?.[WRITTEN] === since || descriptionIn(data?.release ?? "").includes(handedBackText(since));
}

/** What the record has and what Argo CD has applied, as it was applied last, without what is gone. */
async function objectsNow(
  reader: HandBackReader,
  namespace: string,
  service: string,
  record: V1Secret,
  application: ArgoApplication,
): Promise<KubernetesObject[]> {
  const recorded = objectsOf(record.data?.release ?? "").filter(
    (object) => !isData(object) && !isGate(object, service),
  );
  const objects = new Map(recorded.map((object) => [keyOf(referenceOf(object, namespace)), object]));
  const references = new Map(
    [...recorded.map((object) => referenceOf(object, namespace)), ...trackedObjects(application, namespace)].map(
      (reference) => [keyOf(reference), reference],
    ),
  );
  const now: KubernetesObject[] = [];
  for (const [key, reference] of references) {
    const live = await reader.objects.read(reference);
    if (live === undefined) continue;
    const applied = live.metadata?.annotations?.[LAST_APPLIED];
    const object = applied === undefined ? objects.get(key) : (JSON.parse(applied) as KubernetesObject);
    if (object !== undefined) now.push(object);
  }
  return now;
}

/** Of a first installation that was interrupted after Helm had ended. Helm takes no name twice, and adopts the objects. */
async function deleteRecords(reader: HandBackReader, namespace: string, service: string): Promise<void> {
  for (const { metadata } of await reader.revisionRecords(namespace, { name: service }))
    await reader.deleteRevision(namespace, {
      secret: metadata?.name ?? "",
      resourceVersion: metadata?.resourceVersion ?? "",
    });
}
