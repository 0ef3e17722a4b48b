import type { V1Pod } from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";
import { rolloutGate } from "../../config/naming.ts";
import type { ClusterConnection } from "../cluster/connection.ts";
import type { ClusterReader } from "../cluster/reader.ts";
import { currentRollout, type Workload } from "./current-rollout.ts";
import { type PodAllowance, type PodFailure, podFailure, startFailure } from "./pod-failure.ts";

const POLL_MILLISECONDS = 2_000;
const LOG_LINES = 8;

export interface WatchedRollout extends Workload, PodAllowance {
  release: string;
}

/**
 * Watches the pods that a rollout creates. It reports each that fails: which pod, why, and its last log lines. Helm reports only
 * that time ran out, and by then its rollback has deleted the pod and its log. If a failure is final, it ends the rollout: it
 * deletes the rollout's gate, a Service without pods that Helm waits for, and Helm then rolls back at once instead of waiting for
 * its whole timeout.
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
  let isOver = false;
  done.apply(() => {
    isOver = true;
  });
  const look = watchOnce(watched, parent);
  const poll = async () => {
    if (isOver) return;
    try {
      await look(await cluster.reader());
    } catch {
      // A failed read says nothing about the rollout, and the next one may succeed.
    }
    if (!isOver) setTimeout(poll, POLL_MILLISECONDS).unref();
  };
  setTimeout(poll, POLL_MILLISECONDS).unref();
}

/** One look at the rollout. It remembers what it has reported, and which revisions it has ended. */
function watchOnce(watched: WatchedRollout, parent: pulumi.Resource): (reader: ClusterReader) => Promise<void> {
  const { namespace, service, release } = watched;
  const reported = new Set<string>();
  const ended = new Set<string>();
  return async (reader) => {
    const rollout = await currentRollout(reader, watched);
    if (rollout === undefined) return;
    let isLost = rollout.isStalled;
    for (const pod of rollout.pods) {
      const failure = podFailure(pod, watched, Date.now());
      if (failure === undefined) continue;
      isLost ||= failure.isFinal;
      const key = `${pod.metadata?.uid} ${failure.reason}`;
      if (reported.has(key)) continue;
      reported.add(key);
      await pulumi.log.warn(await describeFailure(reader, watched, pod, failure), parent);
    }
    if (!isLost || ended.has(rollout.revision)) return;
    ended.add(rollout.revision);
    const why = rollout.isStalled ? "it made no progress within rollout.progressDeadlineSeconds" : "it cannot succeed";
    await pulumi.log.warn(`${service} ${release}: the rollout is ended and rolled back: ${why}.`, parent);
    await reader.deleteService(namespace, rolloutGate(service));
  };
}

async function describeFailure(
  reader: ClusterReader,
  { service, release }: WatchedRollout,
  pod: V1Pod,
  { reason }: PodFailure,
): Promise<string> {
  const detail = startFailure(pod) ?? (await reader.lastWarning(pod));
  const log = await reader.lastLogLines(pod, LOG_LINES);
  const head = `${service} ${release}: pod ${pod.metadata?.name}: ${reason}.${detail ? ` ${detail}` : ""}`;
  return log.length === 0 ? head : [head, "Last lines of its log:", ...log.map((line) => `  | ${line}`)].join("\n");
}
