import type { V1PodTemplateSpec, V1ReplicaSet, V1Secret } from "@kubernetes/client-node";
import type { ClusterReader } from "../cluster/reader.ts";
import type { Rollout } from "../cluster/rollouts.ts";
import { isHealthy, isRolloutObserved, isWaitingForPerson, TEMPLATE_HASH } from "./argo-rollout.ts";
import { valuesIn } from "./helm-record.ts";
import { isSameVersion, type PodVersion, versionIn, versionOf, withoutVersion, withVersionOf } from "./pod-version.ts";

/**
 * Names Helm's record of the revision that the Rollout belonged to when it was switched back. As long as that revision is the deployed
 * one, no Helm has followed.
 */
const SWITCHED_AT = "slipway.dev/switched-back-at";
const POLL_MILLISECONDS = 1_000;

/** A blue/green service as the update wants it. */
export interface WantedPods {
  namespace: string;
  service: string;
  version: PodVersion;
  /** The pod template as Helm will write it. @default - that of the Rollout, with the version of the pods that are kept */
  template?: () => Promise<V1PodTemplateSpec>;
}

/** What of the cluster it takes. */
export type SwitchReader = Pick<ClusterReader, "replicaSets" | "revisionRecords"> & {
  rollouts: Pick<ClusterReader["rollouts"], "find" | "patchJson">;
};

/** A Rollout that can be switched before Helm begins. */
export interface SwitchPlan {
  rollout: Rollout;
  template: V1PodTemplateSpec;
  /** Pods of the wanted template that run. 0 after an earlier switch whose pods are gone. */
  pods: number;
  /** Helm's record of the deployed revision. */
  record: string;
  /** That revision is what the update wants. Nothing else changes the Rollout then, so somebody has to wait for it. */
  isRecorded: boolean;
}

/**
 * Whether the Rollout of a blue/green service can be given its pod template before Helm begins:
 *
 * - An earlier release is wanted, and all its pods are still there. Helm would do the same, some seconds later.
 * - An update that has done so was killed before Helm followed, and now the release from before is wanted after all. Helm would change
 *   nothing.
 *
 * @returns undefined if Helm has to do it
 */
export async function planSwitch(reader: SwitchReader, wanted: WantedPods): Promise<SwitchPlan | undefined> {
  const { namespace, service, version } = wanted;
  const rollout = await reader.rollouts.find(namespace, service);
  if (rollout?.spec.strategy.blueGreen === undefined || !isRolloutObserved(rollout)) return undefined;
  if (isSameVersion(version, versionOf(rollout.spec.template, service))) return undefined;
  const [sets, records] = await Promise.all([
    reader.replicaSets(namespace, { "app.kubernetes.io/instance": service }),
    reader.revisionRecords(namespace, { name: service, status: "deployed" }),
  ]);
  const kept = keptSet(rollout, sets, wanted);
  const template = wanted.template
    ? await wanted.template()
    : kept?.spec?.template && withVersionOf(rollout.spec.template, kept.spec.template, service);
  // A change besides the release is new pods, whatever is kept.
  if (template === undefined || withoutVersion(template, service) !== withoutVersion(rollout.spec.template, service))
    return undefined;
  const record = records.sort(byRevision).at(-1);
  if (record === undefined) return undefined;
  const name = record.metadata?.name ?? "";
  const ready = kept?.status?.availableReplicas ?? 0;
  const pods = ready >= (rollout.spec.replicas ?? 1) ? ready : 0;
  const isRecorded = isRecordOf(record, wanted);
  // Somebody may have gone back by hand, with `kubectl argo rollouts undo`: that is not ours to take back.
  const isOurs = rollout.metadata.annotations?.[SWITCHED_AT] === name;
  const applies = isRecorded ? isOurs : pods > 0 && isHealthy(rollout);
  return applies ? { rollout, template, pods, record: name, isRecorded } : undefined;
}

/** Gives the Rollout the template, unless somebody has changed it since it was read. The controller then moves the traffic. */
export async function switchRollout(
  reader: SwitchReader,
  { namespace, service }: WantedPods,
  { rollout, template, record }: SwitchPlan,
): Promise<void> {
  const { resourceVersion } = rollout.metadata;
  const annotation = SWITCHED_AT.replace("/", "~1");
  await reader.rollouts.patchJson(namespace, service, [
    { op: "test", path: "/metadata/resourceVersion", value: resourceVersion },
    { op: "add", path: `/metadata/annotations/${annotation}`, value: record },
    { op: "replace", path: "/spec/template", value: template },
  ]);
}

/** Takes a switch back, unless somebody has changed the pod template since. */
export async function undoSwitch(
  reader: SwitchReader,
  { namespace, service }: WantedPods,
  { rollout, template }: SwitchPlan,
): Promise<void> {
  await reader.rollouts.patchJson(namespace, service, [
    { op: "test", path: "/spec/template", value: template },
    { op: "replace", path: "/spec/template", value: rollout.spec.template },
  ]);
}

/** Waits until the Rollout is what it was told to be. @returns why it is not, when time is up or it has failed */
export async function waitForSwitch(
  reader: SwitchReader,
  { namespace, service }: WantedPods,
  seconds: number,
): Promise<string | undefined> {
  for (const end = Date.now() + seconds * 1000; ; ) {
    const rollout = await reader.rollouts.find(namespace, service);
    if (rollout === undefined) return "its Rollout is gone";
    const isRead = isRolloutObserved(rollout);
    if (isRead && (isHealthy(rollout) || isWaitingForPerson(rollout))) return undefined;
    const { phase = "Progressing", message = "" } = rollout.status ?? {};
    const isLate = Date.now() >= end;
    if (isLate || (isRead && phase === "Degraded")) return `its Rollout is ${phase}${message ? `: ${message}` : ""}`;
    await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS));
  }
}

/** The ReplicaSet that has the wanted version, and is else like the one that serves. */
function keptSet(
  { metadata, status }: Rollout,
  sets: readonly V1ReplicaSet[],
  { service, version }: WantedPods,
): V1ReplicaSet | undefined {
  const own = sets.filter(({ metadata: of }) => of?.ownerReferences?.some(({ uid }) => uid === metadata.uid));
  const hashOf = (set: V1ReplicaSet) => set.metadata?.labels?.[TEMPLATE_HASH];
  // The API server has set the defaults of both, so they are compared with each other, and not with the Rollout.
  const stable = own.find((set) => hashOf(set) === status?.stableRS)?.spec?.template;
  if (stable === undefined) return undefined;
  return own.find(({ spec }) => {
    const other = spec?.template;
    if (other === undefined || !isSameVersion(versionOf(other, service), version)) return false;
    return withoutVersion(other, service) === withoutVersion(stable, service);
  });
}

/** Whether a revision of the service's release has the version that is wanted. */
function isRecordOf({ data }: V1Secret, { version }: WantedPods): boolean {
  return isSameVersion(versionIn(valuesIn(data?.release ?? "")), version);
}

function byRevision(one: V1Secret, other: V1Secret): number {
  return Number(one.metadata?.labels?.version) - Number(other.metadata?.labels?.version);
}
