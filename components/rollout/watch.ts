import type { V1ContainerStatus, V1Pod } from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";
import type { ClusterConnection } from "../cluster/connection.ts";

const POLL_MILLISECONDS = 2_000;
const LOG_LINES = 8;

/** Reasons of a waiting container that do not resolve by waiting. Source: errors of the kubelet's container and image managers. */
const FATAL_WAIT_REASONS = new Set([
  "CrashLoopBackOff",
  "ImagePullBackOff",
  "ErrImagePull",
  "InvalidImageName",
  "ErrImageNeverPull",
  "CreateContainerConfigError",
  "CreateContainerError",
  "RunContainerError",
]);

export interface WatchedRollout {
  namespace: string;
  service: string;
  release: string;
  /** Seconds a pod may take until it is ready. */
  startupSeconds: number;
}

/**
 * Reports failing pods during a rollout: which pod, why, and its last log lines. Helm reports only that time ran out, and by
 * then its rollback has deleted the pod and its log.
 *
 * @param done resolves when the rollout is over. The watch ends then, or with the program.
 * @param parent resource of the messages. It cannot be the release: a message waits until its resource is registered, and a
 * release is registered after its rollout.
 */
export function watchRollout(
  cluster: ClusterConnection,
  watched: WatchedRollout,
  done: pulumi.Output<unknown>,
  parent: pulumi.Resource,
): void {
  if (pulumi.runtime.isDryRun()) return;
  let ended = false;
  const end = () => {
    ended = true;
  };
  done.apply(end);
  const reported = new Set<string>();
  const poll = async () => {
    if (ended) return;
    try {
      const reader = await cluster.reader();
      const labels = { "app.kubernetes.io/instance": watched.service, "app.kubernetes.io/version": watched.release };
      for (const pod of await reader.pods(watched.namespace, labels)) {
        const failure = podFailure(pod, watched.startupSeconds, Date.now());
        const name = pod.metadata?.name ?? "";
        if (failure === undefined || reported.has(name)) continue;
        reported.add(name);
        const detail = startFailure(pod) ?? (await reader.lastWarning(pod));
        const log = await reader.lastLogLines(pod, LOG_LINES);
        await pulumi.log.warn(describeFailure(watched, pod, failure, detail, log), parent);
      }
    } catch {
      // A failed read says nothing about the rollout, and the next one may succeed.
    }
    if (!ended) setTimeout(poll, POLL_MILLISECONDS).unref();
  };
  setTimeout(poll, POLL_MILLISECONDS).unref();
}

/** Why a pod will not become ready. Undefined while it still may. */
export function podFailure(pod: V1Pod, startupSeconds: number, now: number): string | undefined {
  if (pod.metadata?.deletionTimestamp) return undefined;
  const statuses = pod.status?.containerStatuses ?? [];
  for (const status of statuses) {
    const waiting = status.state?.waiting?.reason;
    if (waiting && FATAL_WAIT_REASONS.has(waiting)) return `${waiting}${lastExit(status)}`;
  }
  const ready = pod.status?.conditions?.find(({ type }) => type === "Ready");
  const since = pod.status?.startTime?.valueOf() ?? pod.metadata?.creationTimestamp?.valueOf();
  if (ready?.status === "True" || since === undefined || now - since < startupSeconds * 1000) return undefined;
  const scheduled = pod.status?.conditions?.find(({ type }) => type === "PodScheduled");
  if (scheduled?.status === "False") return `not scheduled: ${scheduled.message}`;
  return `not ready within the ${startupSeconds} s that probes.startupSeconds allows`;
}

/** Message of the runtime about a container that could not start. */
function startFailure(pod: V1Pod): string | undefined {
  const statuses = pod.status?.containerStatuses ?? [];
  return statuses.map(({ lastState }) => lastState?.terminated?.message).find((message) => message);
}

function lastExit(status: V1ContainerStatus): string {
  const exit = status.lastState?.terminated;
  return exit ? ` (${exit.reason ?? "exit"} ${exit.exitCode})` : "";
}

function describeFailure(
  watched: WatchedRollout,
  pod: V1Pod,
  failure: string,
  detail: string | undefined,
  log: string[],
): string {
  const head = `${watched.service} ${watched.release}: pod ${pod.metadata?.name}: ${failure}.${detail ? ` ${detail}` : ""}`;
  return log.length === 0 ? head : [head, "Last lines of its log:", ...log.map((line) => `  | ${line}`)].join("\n");
}
