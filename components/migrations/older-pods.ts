import type { V1Pod, V1ReplicaSet } from "@kubernetes/client-node";
import { digestOf } from "./migration.ts";

const POLL_MILLISECONDS = 2_000;
/** Above the time that a pod may take to stop. */
const MARGIN_SECONDS = 60;
/** When Argo Rollouts stops a ReplicaSet that it keeps: https://argo-rollouts.readthedocs.io/en/stable/features/bluegreen/ */
const KEPT_UNTIL = "argo-rollouts.argoproj.io/scale-down-deadline";

/** What is asked of the cluster. */
export interface PodReader {
  pods(namespace: string, labels: Record<string, string>): Promise<V1Pod[]>;
  replicaSets(namespace: string, labels: Record<string, string>): Promise<V1ReplicaSet[]>;
}

export interface AwaitedService {
  namespace: string;
  service: string;
  /** `repository@sha256:…` that every pod must run. */
  image: string;
  /** Seconds that a pod may take to stop. */
  stopSeconds: number;
}

export interface OlderPods {
  names: string[];
  /** Argo Rollouts keeps them: the rollout waits for a promotion, or has not been over for long. */
  isByRollout: boolean;
}

/**
 * Waits until no pod of the service runs another image. A pod that is stopping still lives. Pods of a ReplicaSet that is kept for a fast
 * way back do too, and are waited for until it is stopped.
 *
 * @returns the pods that are left when nothing says that they will go
 */
export async function waitForOlderPods(
  reader: PodReader,
  awaited: AwaitedService,
  say: (message: string) => Promise<void>,
): Promise<OlderPods | undefined> {
  const { namespace, service, stopSeconds } = awaited;
  const labels = { "app.kubernetes.io/name": service, "app.kubernetes.io/instance": service };
  const patience = (stopSeconds + MARGIN_SECONDS) * 1000;
  let until = Date.now() + patience;
  let told = 0;
  for (;;) {
    const older = (await reader.pods(namespace, labels)).filter((pod) => isOlder(pod, awaited));
    if (older.length === 0) return undefined;
    const kept = await keptBy(reader, namespace, labels, older);
    if (kept?.until !== undefined) until = Math.max(until, kept.until + patience);
    const names = older.map(({ metadata }) => metadata?.name ?? "");
    if (Date.now() > until) return { names, isByRollout: kept !== undefined };
    if (told !== until) {
      told = until;
      const seconds = Math.ceil((until - Date.now()) / 1000);
      await say(`waits up to ${seconds} s for ${names.length} pod(s) of older releases to go: ${names.join(", ")}`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS));
  }
}

function isOlder({ spec, status }: V1Pod, { service, image }: AwaitedService): boolean {
  if (status?.phase === "Succeeded" || status?.phase === "Failed") return false;
  const own = spec?.containers.find(({ name }) => name === service)?.image ?? "";
  return digestOf(own) !== digestOf(image);
}

/** Whether a Rollout keeps one of the pods, and until when if it says so. */
async function keptBy(
  reader: PodReader,
  namespace: string,
  labels: Record<string, string>,
  pods: readonly V1Pod[],
): Promise<{ until: number | undefined } | undefined> {
  const owners = pods.flatMap(({ metadata }) => metadata?.ownerReferences ?? []).map(({ uid }) => uid);
  const sets = (await reader.replicaSets(namespace, labels)).filter(({ metadata }) =>
    owners.includes(metadata?.uid ?? ""),
  );
  const ofRollout = sets.filter(({ metadata }) => metadata?.ownerReferences?.some(({ kind }) => kind === "Rollout"));
  if (ofRollout.length === 0) return undefined;
  const times = ofRollout.flatMap(({ metadata }) => {
    const time = Date.parse(metadata?.annotations?.[KEPT_UNTIL] ?? "");
    return Number.isNaN(time) ? [] : [time];
  });
  return { until: times.length > 0 ? Math.max(...times) : undefined };
}
