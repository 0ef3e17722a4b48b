import type { V1Pod, V1StatefulSet } from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";
import type { ClusterReader } from "../cluster/reader.ts";
import { type PodAllowance, podFailure } from "./pod-failure.ts";
import { isObserved } from "./progress.ts";

/** Source: the StatefulSet controller labels its pods so. */
const REVISION = "controller-revision-hash";

/** Pods that get a release first, and how long the others wait for them. */
export interface CanaryPods {
  pods: number;
  seconds: number;
}

export interface WatchedStatefulSet extends PodAllowance {
  namespace: string;
  service: string;
  release: string;
  minReadySeconds: number;
  canary: CanaryPods | undefined;
}

/** What the program does at each look at the rollout of a stateful service, or at its rollback. */
export async function stepStatefulSet(
  reader: ClusterReader,
  watched: WatchedStatefulSet,
  { isRollback, gates }: { isRollback: boolean; gates: readonly string[] },
  parent: pulumi.Resource,
): Promise<void> {
  const { namespace, service, release, canary } = watched;
  const set = await reader.statefulSet(namespace, service);
  if (set === undefined) return;
  const pods = (await reader.pods(namespace, { "app.kubernetes.io/instance": service })).filter((pod) =>
    pod.metadata?.ownerReferences?.some(({ uid }) => uid === set.metadata?.uid),
  );
  for (const pod of takenBack(set, pods, watched, Date.now())) {
    await reader.statefulSets.deletePod(pod);
    await pulumi.log.info(
      `${service}: pod ${pod.metadata?.name} still had a release that was rolled back, and was deleted.`,
      parent,
    );
  }
  // Before there is a gate, Helm may not have applied the template that it now wants.
  const partition =
    canary && gates.length > 0 ? nextPartition(set, pods, { ...watched, canary }, isRollback, Date.now()) : undefined;
  if (partition === undefined) return;
  await reader.statefulSets.setPartition(namespace, service, partition);
  if (isRollback || set.status?.currentRevision === set.status?.updateRevision) return;
  const message =
    partition > 0
      ? `pods from ${service}-${partition} on get it first, and the others ${canary?.seconds} s after these are ready.`
      : `the first pods have been ready for ${canary?.seconds} s. The others follow.`;
  await pulumi.log.info(`${service} ${release}: ${message}`, parent);
}

/**
 * Pods that fail and have neither the new template nor the one from before: leftovers of a release that was rolled back. Kubernetes
 * may wait for them forever, because it waits for each pod of an ordered StatefulSet before it changes the next
 * (https://github.com/kubernetes/kubernetes/issues/67250), and 1.35.0 to 1.35.3 do so with Parallel too
 * (https://github.com/kubernetes/kubernetes/issues/137409).
 */
export function takenBack(set: V1StatefulSet, pods: readonly V1Pod[], allowance: PodAllowance, now: number): V1Pod[] {
  const { currentRevision, updateRevision } = set.status ?? {};
  if (!isObserved(set)) return [];
  return pods.filter((pod) => {
    const revision = pod.metadata?.labels?.[REVISION];
    const isKnown = revision === currentRevision || revision === updateRevision;
    return !isKnown && podFailure(pod, allowance, now) !== undefined;
  });
}

/**
 * Number of the first pod that may have the new template, if it has to change. With canary pods the chart sets it above all numbers,
 * so no pod is replaced before the first look. Then it falls to the canary pods, and once they have been ready for long enough, to 0.
 * A rollback is for all pods at once.
 */
export function nextPartition(
  set: V1StatefulSet,
  pods: readonly V1Pod[],
  { canary, minReadySeconds }: { canary: CanaryPods; minReadySeconds: number },
  isRollback: boolean,
  now: number,
): number | undefined {
  const { currentRevision, updateRevision } = set.status ?? {};
  const partition = set.spec?.updateStrategy?.rollingUpdate?.partition ?? 0;
  if (partition === 0) return undefined;
  const replicas = set.spec?.replicas ?? 1;
  const first = replicas - canary.pods;
  if (isRollback) return 0;
  if (!isObserved(set)) return undefined;
  if (currentRevision === updateRevision || first <= 0) return 0;
  if (partition > first) return first;
  const firstPods = pods.filter(({ metadata }) => ordinalOf(metadata?.name) >= first);
  const milliseconds = Math.max(canary.seconds, minReadySeconds) * 1000;
  const hasProved = (pod: V1Pod) =>
    pod.metadata?.labels?.[REVISION] === updateRevision && now - readySince(pod) >= milliseconds;
  return firstPods.length === replicas - first && firstPods.every(hasProved) ? 0 : undefined;
}

function ordinalOf(name = ""): number {
  return Number(/-(\d+)$/.exec(name)?.[1] ?? -1);
}

function readySince({ metadata, status }: V1Pod): number {
  const ready = status?.conditions?.find(({ type }) => type === "Ready");
  const isReady = ready?.status === "True" && !metadata?.deletionTimestamp;
  return isReady ? (ready.lastTransitionTime?.valueOf() ?? Infinity) : Infinity;
}
