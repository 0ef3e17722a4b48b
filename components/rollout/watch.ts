import type { V1ContainerStatus, V1Pod } from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";
import type { ClusterConnection } from "../cluster/connection.ts";

const POLL_MILLISECONDS = 2_000;
const LOG_LINES = 8;

/** Reasons a container waits for that waiting will not mend. Source: the kubelet's container and image manager errors. */
const BAD_WAITS = new Set([
  "CrashLoopBackOff",
  "ImagePullBackOff",
  "ErrImagePull",
  "InvalidImageName",
  "ErrImageNeverPull",
  "CreateContainerConfigError",
  "CreateContainerError",
  "RunContainerError",
]);

export interface Watched {
  namespace: string;
  service: string;
  release: string;
  /** Seconds a pod may take until it is ready. */
  startupSeconds: number;
}

/**
 * While a release rolls out, says which pod is in trouble, why, and what it logged last. Helm only knows that time ran
 * out, and by then its rollback has taken the pod and its log away.
 *
 * @param done resolves when the release has been rolled out; the watch ends then, or with the program.
 * @param parent what the message is filed under. Not the release itself: a message waits until its resource is
 * registered, which for the release is when its rollout is over.
 */
export function watchRollout(
  cluster: ClusterConnection,
  watched: Watched,
  done: pulumi.Output<unknown>,
  parent: pulumi.Resource,
): void {
  if (pulumi.runtime.isDryRun()) return;
  let ended = false;
  const end = () => {
    ended = true;
  };
  done.apply(end);
  const said = new Set<string>();
  const poll = async () => {
    if (ended) return;
    try {
      const reader = await cluster.reader();
      const labels = { "app.kubernetes.io/instance": watched.service, "app.kubernetes.io/version": watched.release };
      for (const pod of await reader.pods(watched.namespace, labels)) {
        const trouble = troubleOf(pod, watched.startupSeconds, Date.now());
        const name = pod.metadata?.name ?? "";
        if (trouble === undefined || said.has(name)) continue;
        said.add(name);
        const detail = startFailure(pod) ?? (await reader.lastWarning(pod));
        const log = await reader.lastLogLines(pod, LOG_LINES);
        await pulumi.log.warn(describeTrouble(watched, pod, trouble, detail, log), parent);
      }
    } catch {
      // A read that fails says nothing about the rollout; the next one may succeed.
    }
    if (!ended) setTimeout(poll, POLL_MILLISECONDS).unref();
  };
  setTimeout(poll, POLL_MILLISECONDS).unref();
}

/** Why a pod cannot become ready, or undefined while there is hope. */
export function troubleOf(pod: V1Pod, startupSeconds: number, now: number): string | undefined {
  if (pod.metadata?.deletionTimestamp) return undefined;
  const statuses = pod.status?.containerStatuses ?? [];
  for (const status of statuses) {
    const waiting = status.state?.waiting?.reason;
    if (waiting && BAD_WAITS.has(waiting)) return `${waiting}${lastExit(status)}`;
  }
  const ready = pod.status?.conditions?.find(({ type }) => type === "Ready");
  const since = pod.status?.startTime?.valueOf() ?? pod.metadata?.creationTimestamp?.valueOf();
  if (ready?.status === "True" || since === undefined || now - since < startupSeconds * 1000) return undefined;
  const scheduled = pod.status?.conditions?.find(({ type }) => type === "PodScheduled");
  if (scheduled?.status === "False") return `not scheduled: ${scheduled.message}`;
  return `not ready within the ${startupSeconds} s that probes.startupSeconds allows`;
}

/** What the runtime said of a container that could not be started. */
function startFailure(pod: V1Pod): string | undefined {
  const statuses = pod.status?.containerStatuses ?? [];
  return statuses.map(({ lastState }) => lastState?.terminated?.message).find((message) => message);
}

function lastExit(status: V1ContainerStatus): string {
  const exit = status.lastState?.terminated;
  return exit ? ` (${exit.reason ?? "exit"} ${exit.exitCode})` : "";
}

function describeTrouble(
  watched: Watched,
  pod: V1Pod,
  trouble: string,
  detail: string | undefined,
  log: string[],
): string {
  const head = `${watched.service} ${watched.release}: pod ${pod.metadata?.name}: ${trouble}.${detail ? ` ${detail}` : ""}`;
  return log.length === 0 ? head : [head, "Last lines of its log:", ...log.map((line) => `  | ${line}`)].join("\n");
}
