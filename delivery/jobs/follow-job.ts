import { PassThrough } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import {
  BatchV1Api,
  CoreV1Api,
  type KubeConfig,
  Log,
  type V1ContainerStateTerminated,
  type V1Job,
  type V1Pod,
} from "@kubernetes/client-node";
import { unlessMissing } from "../../components/cluster/api-requests.ts";
import { podFailure } from "../../components/rollout/pod-failure.ts";
import { reasonOf } from "../failure.ts";

const POLL_MILLISECONDS = 1_000;
/** Looks that fail in a row until the Job counts as out of sight. */
const FAILED_LOOKS = 20;
/** How late the API may say that a container has ended. */
const LATE_STATE_SECONDS = 10;
/** How long a pod may not start until the reason is printed. */
const SLOW_START_SECONDS = 10;

/** How a Job ended. */
export interface JobEnd {
  /** - `lost`: it could not start, or was deleted, so nobody knows. */
  result: "succeeded" | "failed" | "timedOut" | "lost";
  /** Of the service's own container, in its last pod. Undefined if no container ran to an end. */
  exitCode?: number | undefined;
  reason?: string;
}

export interface FollowedJob {
  namespace: string;
  job: string;
  /** The service's own container. */
  container: string;
}

export interface FollowOptions {
  /** Gets the log, in pieces. */
  print: (text: string) => void;
  /** Gets what is worth knowing while there is no log, each once. */
  report: (line: string) => void;
  /** Ends it. */
  signal: AbortSignal;
}

/**
 * Prints the log of a Job's pods until the Job has ended.
 *
 * @throws the client's error if the cluster does not answer for 20 s, and an AbortError
 */
export async function followJob(access: KubeConfig, followed: FollowedJob, options: FollowOptions): Promise<JobEnd> {
  const follower = new Follower(access, followed, options);
  let failedLooks = 0;
  for (;;) {
    try {
      const end = await follower.look();
      if (end) return end;
      failedLooks = 0;
    } catch (error) {
      failedLooks += 1;
      if (failedLooks === FAILED_LOOKS) throw error;
    }
    await sleep(POLL_MILLISECONDS, undefined, { signal: options.signal });
  }
}

class Follower {
  private readonly access: KubeConfig;
  private readonly followed: FollowedJob;
  private readonly options: FollowOptions;
  /** When the log of a pod ended, or its connection. */
  private readonly printed = new Map<string, number>();
  private readonly reported = new Set<string>();
  /** The last container that ended: the deadline of a Job takes its pods away. */
  private last: V1ContainerStateTerminated | undefined;

  constructor(access: KubeConfig, followed: FollowedJob, options: FollowOptions) {
    this.access = access;
    this.followed = followed;
    this.options = options;
  }

  /** One look. It lasts as long as a container runs, to print its log. */
  async look(): Promise<JobEnd | undefined> {
    const { namespace, job: name, container } = this.followed;
    const batch = this.access.makeApiClient(BatchV1Api);
    const core = this.access.makeApiClient(CoreV1Api);
    const job = await unlessMissing(batch.readNamespacedJob({ name, namespace }));
    if (job === undefined) return { result: "lost", reason: "somebody deleted it", exitCode: this.last?.exitCode };
    const labelSelector = `batch.kubernetes.io/job-name=${name}`;
    const { items } = await core.listNamespacedPod({ namespace, labelSelector });
    for (const pod of items.sort((a, b) => createdAt(a) - createdAt(b))) {
      this.last = stateOf(pod, container)?.terminated ?? this.last;
      await this.printLog(pod);
    }
    const end = endOf(job, this.last);
    if (end) return end;
    return this.explainSilence(core, job, items);
  }

  private async printLog(pod: V1Pod): Promise<void> {
    const name = pod.metadata?.name ?? "";
    const state = stateOf(pod, this.followed.container);
    if (!state?.running && !state?.terminated) return;
    const endedAt = this.printed.get(name);
    if (endedAt === undefined) {
      const retry = this.printed.size > 0 ? "The run failed and is tried again. " : "";
      this.once(`${retry}Pod ${name} on ${pod.spec?.nodeName}.`);
      return this.stream(name, {});
    }
    // A connection that was lost. The state is a little late, and what has been printed must not be printed again.
    const seconds = Math.ceil((Date.now() - endedAt) / 1000);
    if (state.running && seconds > LATE_STATE_SECONDS) return this.stream(name, { sinceSeconds: seconds });
  }

  private async stream(pod: string, choice: { sinceSeconds?: number }): Promise<void> {
    const { namespace, container } = this.followed;
    const { print, signal } = this.options;
    const stream = new PassThrough({ encoding: "utf8" });
    // The client pipes and looks away: a connection that breaks would end nothing, and its error would end this process.
    stream.on("pipe", (source) => {
      source.on("error", (error) => stream.destroy(error));
      source.on("close", () => !stream.writableEnded && stream.end());
    });
    const stop = () => stream.destroy();
    signal.addEventListener("abort", stop, { once: true });
    try {
      const request = await new Log(this.access).log(namespace, pod, container, stream, { follow: true, ...choice });
      stream.on("close", () => request.abort());
      for await (const text of stream) print(String(text));
    } catch (error) {
      if (!signal.aborted) this.once(`The log of ${pod} cannot be read: ${reasonOf(error)}.`);
    } finally {
      signal.removeEventListener("abort", stop);
      this.printed.set(pod, Date.now());
    }
  }

  /** Why there is no log. */
  private async explainSilence(core: CoreV1Api, job: V1Job, pods: readonly V1Pod[]): Promise<JobEnd | undefined> {
    const age = (Date.now() - (job.metadata?.creationTimestamp?.valueOf() ?? Date.now())) / 1000;
    if (pods.length === 0 && age > SLOW_START_SECONDS) {
      const fieldSelector = `involvedObject.name=${job.metadata?.name},type=Warning`;
      const { items } = await core.listNamespacedEvent({ namespace: this.followed.namespace, fieldSelector });
      const message = items.at(-1)?.message;
      this.once(`No pod has been created yet${message ? `: ${message}` : "."}`);
    }
    const allowance = { startupSeconds: SLOW_START_SECONDS, maxRestarts: 0 };
    for (const pod of pods) {
      const failure = stateOf(pod, this.followed.container)?.running
        ? undefined
        : podFailure(pod, allowance, Date.now());
      if (failure === undefined || pod.status?.phase !== "Pending") continue;
      const reason = `${failure.reason}${failure.detail ? `: ${failure.detail}` : ""}`;
      if (failure.isFinal) return { result: "lost", reason: `its pod cannot start: ${reason}` };
      this.once(`Pod ${pod.metadata?.name}: ${reason}`);
    }
    return undefined;
  }

  private once(line: string): void {
    if (!this.reported.has(line)) this.options.report(line);
    this.reported.add(line);
  }
}

function endOf({ status }: V1Job, last: V1ContainerStateTerminated | undefined): JobEnd | undefined {
  const is = (type: string) => status?.conditions?.find((it) => it.type === type && it.status === "True");
  if (is("Complete")) return { result: "succeeded", exitCode: 0 };
  const failed = is("Failed");
  if (failed === undefined) return undefined;
  if (failed.reason === "DeadlineExceeded") return { result: "timedOut", exitCode: last?.exitCode };
  if (last === undefined) return { result: "lost", reason: failed.message ?? "" };
  // Such as OOMKilled. Error says no more than the exit code.
  const reason = last.reason === "Error" ? {} : { reason: last.reason ?? "" };
  return { result: "failed", exitCode: last.exitCode, ...reason };
}

function stateOf({ status }: V1Pod, container: string) {
  return status?.containerStatuses?.find(({ name }) => name === container)?.state;
}

function createdAt({ metadata }: V1Pod): number {
  return metadata?.creationTimestamp?.valueOf() ?? 0;
}
