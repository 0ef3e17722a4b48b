import type { V1ObjectMeta, V1Pod } from "@kubernetes/client-node";
import { type RolloutStrategy, usesArgoRollouts } from "../../config/index.ts";
import type { ClusterReader } from "../cluster/reader.ts";
import {
  abortedAt,
  isAppliedTo,
  isHealthy,
  isRolloutObserved,
  isWaitingForPerson,
  TEMPLATE_HASH,
} from "./argo-rollout.ts";
import { closedGates } from "./gates.ts";
import { isComplete, isObserved, isWithin, type ReplicaBounds } from "./progress.ts";

/** Source: the Deployment controller numbers its ReplicaSets so. */
const REVISION = "deployment.kubernetes.io/revision";

/** A service's Deployment, StatefulSet or Rollout. */
export interface Workload {
  namespace: string;
  /** Name of the service, its Helm release and its workload. */
  service: string;
  kind: "deployment" | "stateful";
  strategy: RolloutStrategy;
  replicas: ReplicaBounds;
}

export interface CurrentRollout {
  /** Name of the Secret that records the Helm revision. */
  revision: string;
  /** Jobs that hold Helm's wait. */
  gates: string[];
  /** Every pod is new and available. Also while Helm rolls back: then its own wait decides. */
  isComplete: boolean;
  /** Helm restores what served before. */
  isRollback: boolean;
  /** The number of pods is one that the config allows. */
  isWithinBounds: boolean;
  /** Pods that this rollout has created. Pods of earlier revisions, or of another release with the same labels, are not among them. */
  pods: V1Pod[];
  /** The Deployment has made no progress within its deadline, or the Rollout was aborted. */
  isStalled: boolean;
  /** Why the controller gave it up. @default - its deadline has passed */
  message?: string | undefined;
  /** It goes on when somebody promotes it. */
  isWaiting: boolean;
  /** Helm has changed the workload, and its controller has read that. */
  isApplied: boolean;
}

/** The rollout that Helm waits for now, or its rollback. Undefined before and after. */
export async function currentRollout(reader: ClusterReader, workload: Workload): Promise<CurrentRollout | undefined> {
  const { namespace, service, kind, strategy, replicas } = workload;
  const pending = await reader.pendingRevisionsOf(namespace, service);
  const revision = pending.at(-1);
  if (revision === undefined) return undefined;
  // Before the workload: if there is a gate, the workload that is read next is the new one.
  const gates = await closedGates(reader, namespace, service);
  const rollout = {
    revision: revision.secret,
    gates,
    pods: [],
    isStalled: false,
    isWaiting: false,
    isRollback: false,
    isApplied: false,
  };
  if (revision.status === "pending-rollback")
    return { ...rollout, isRollback: true, isComplete: true, isWithinBounds: true };
  const newest = usesArgoRollouts(strategy)
    ? await newestOfRollout(reader, namespace, service, replicas, gates)
    : await (kind === "stateful" ? newestOfStatefulSet : newestOfDeployment)(reader, namespace, service, replicas);
  if (newest === undefined) return { ...rollout, isComplete: false, isWithinBounds: true };
  const pods = await reader.pods(namespace, { "app.kubernetes.io/instance": service, ...newest.labels });
  return {
    ...rollout,
    // Without a gate Helm may not have applied the revision yet: then the newest pods are older than its record.
    pods: gates.length > 0 ? pods : pods.filter(({ metadata }) => isSince(metadata, revision.since)),
    isComplete: newest.isComplete,
    isWithinBounds: newest.isWithinBounds,
    isStalled: newest.stalledAt !== undefined && newest.stalledAt >= revision.since,
    isWaiting: newest.isWaiting ?? false,
    isApplied: gates.length > 0,
    message: newest.message,
  };
}

interface Newest {
  /** Labels that only the pods of the newest template have. */
  labels: Record<string, string>;
  /** Every pod is of the newest template and available. */
  isComplete: boolean;
  isWithinBounds: boolean;
  /** When its progress deadline passed, or it was aborted. */
  stalledAt?: Date | undefined;
  isWaiting?: boolean;
  message?: string | undefined;
}

async function newestOfDeployment(
  reader: ClusterReader,
  namespace: string,
  name: string,
  bounds: ReplicaBounds,
): Promise<Newest | undefined> {
  const deployment = await reader.deployment(namespace, name);
  if (deployment === undefined || !isObserved(deployment)) return undefined;
  const { uid, annotations } = deployment.metadata ?? {};
  const sets = await reader.replicaSets(namespace, { "app.kubernetes.io/instance": name });
  const newest = sets.find(
    ({ metadata }) =>
      metadata?.ownerReferences?.some((owner) => owner.uid === uid) &&
      metadata.annotations?.[REVISION] === annotations?.[REVISION],
  );
  const hash = newest?.metadata?.labels?.["pod-template-hash"];
  if (hash === undefined) return undefined;
  const progress = deployment.status?.conditions?.find(({ type }) => type === "Progressing");
  const isStalled = progress?.reason === "ProgressDeadlineExceeded";
  return {
    labels: { "pod-template-hash": hash },
    isComplete: isComplete(deployment),
    isWithinBounds: isWithin(deployment, bounds),
    stalledAt: isStalled ? progress.lastUpdateTime : undefined,
  };
}

async function newestOfStatefulSet(
  reader: ClusterReader,
  namespace: string,
  name: string,
  bounds: ReplicaBounds,
): Promise<Newest | undefined> {
  const set = await reader.statefulSet(namespace, name);
  const revision = set && isObserved(set) ? set.status?.updateRevision : undefined;
  if (set === undefined || revision === undefined) return undefined;
  return {
    labels: { "controller-revision-hash": revision },
    isComplete: isComplete(set),
    isWithinBounds: isWithin(set, bounds),
  };
}

async function newestOfRollout(
  reader: ClusterReader,
  namespace: string,
  name: string,
  bounds: ReplicaBounds,
  gates: readonly string[],
): Promise<Newest | undefined> {
  const rollout = await reader.rollouts.find(namespace, name);
  if (rollout === undefined || !isRolloutObserved(rollout) || !isAppliedTo(rollout, gates)) return undefined;
  const hash = rollout.status?.currentPodHash;
  if (hash === undefined) return undefined;
  const isWaiting = isWaitingForPerson(rollout);
  return {
    labels: { [TEMPLATE_HASH]: hash },
    isComplete: isHealthy(rollout) || isWaiting,
    isWithinBounds: isWithin(rollout, bounds),
    stalledAt: abortedAt(rollout),
    isWaiting,
    message: rollout.status?.message,
  };
}

function isSince(metadata: V1ObjectMeta | undefined, since: Date): boolean {
  return (metadata?.creationTimestamp?.valueOf() ?? 0) >= since.valueOf();
}
