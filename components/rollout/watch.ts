import type { V1Pod } from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";
import { usesArgoRollouts } from "../../config/index.ts";
import type { WorkloadKind } from "../../config/kinds.ts";
import type { ClusterConnection } from "../cluster/connection.ts";
import type { ClusterReader } from "../cluster/reader.ts";
import { analysisFailure } from "./analysis-failure.ts";
import { currentRollout, type Workload } from "./current-rollout.ts";
import { watchJob } from "./deploy-job.ts";
import { failGate, openGates } from "./gates.ts";
import { type PodAllowance, type PodFailure, podFailure } from "./pod-failure.ts";
import { type CanaryPods, stepStatefulSet } from "./stateful-rollout.ts";
import { finishSwitch, selectEveryTemplate } from "./switch-workload.ts";
import { deleteUnusedData } from "./unused-data.ts";

const POLL_MILLISECONDS = 2_000;
const LOG_LINES = 8;
/** Looks that fail in a row until somebody is told. A single one may be a connection that was lost. */
const FAILED_LOOKS = 5;
/** The autoscaler looks every 15 s. One that does not follow by then is paused or broken, which is no fault of the release. */
const AUTOSCALER_SECONDS = 60;

export interface WatchedRollout extends Omit<Workload, "kind">, PodAllowance {
  kind: WorkloadKind;
  release: string;
  /** Names of its ConfigMaps and Secrets. */
  data: readonly string[];
  /** Whether those of earlier releases stay until no pods need them. */
  outlivingData: boolean;
  minReadySeconds: number;
  canary: CanaryPods | undefined;
}

/**
 * Watches a rollout until it is over, and decides for Helm. Helm knows only whether enough pods are ready for a moment, or that time
 * ran out. So it also waits for two gates: see charts/service/templates/rollout-gates.yaml.
 *
 * - Every pod is new and available: the watch opens one gate, and Helm records the release as deployed.
 * - A new pod has failed for good: the watch takes the other gate away, and Helm rolls back at once.
 * - A pod fails: the watch reports which, why, and its last log lines. After Helm's rollback the pod and its log would be gone.
 *
 * @param done resolves when the release is done. The watch ends then, or with the program.
 * @param parent resource of the messages. It cannot be the release: a message waits until its resource is registered, and a
 * release is registered after its rollout.
 */
export function watchRollout(
  cluster: ClusterConnection,
  watched: WatchedRollout,
  done: pulumi.Output<unknown>,
  parent: pulumi.Resource,
): void {
  // Of a CronJob Helm waits for nothing.
  if (pulumi.runtime.isDryRun() || watched.kind === "cron") return;
  let isDone = false;
  done.apply(() => {
    isDone = true;
  });
  const look =
    watched.kind === "job" ? watchJob(watched, parent) : watchOnce({ ...watched, kind: watched.kind }, parent);
  let failedLooks = 0;
  const poll = async () => {
    if (isDone) return;
    try {
      await look(await cluster.reader());
      failedLooks = 0;
    } catch (error) {
      // One failed look says nothing about the rollout, and the next may succeed.
      failedLooks += 1;
      if (failedLooks === FAILED_LOOKS) await pulumi.log.warn(describeBlindness(watched, error), parent);
    }
    if (!isDone) setTimeout(poll, POLL_MILLISECONDS).unref();
  };
  setTimeout(poll, POLL_MILLISECONDS).unref();
}

/** One look at the rollout. It remembers what it has reported, and which revisions it has ended. */
function watchOnce(
  watched: WatchedRollout & Workload,
  parent: pulumi.Resource,
): (reader: ClusterReader) => Promise<void> {
  const { namespace, service, release } = watched;
  const reported = new Set<string>();
  const ended = new Set<string>();
  let completeSince: number | undefined;
  return async (reader) => {
    const rollout = await currentRollout(reader, watched);
    if (rollout === undefined) return;
    if (watched.strategy === "canary" && rollout.isApplied) await selectEveryTemplate(reader, namespace, service);
    if (watched.kind === "stateful") await stepStatefulSet(reader, watched, rollout, parent);
    if (rollout.isComplete) {
      completeSince ??= Date.now();
      const isLate = Date.now() - completeSince > AUTOSCALER_SECONDS * 1000;
      if (!rollout.isWithinBounds && !isLate) return;
      if (!rollout.isWithinBounds && rollout.gates.length > 0) {
        const { min, max } = watched.replicas;
        const wanted = min === max ? `${min}` : `${min} to ${max}`;
        await pulumi.log.warn(
          `${service} ${release}: the autoscaler does not keep ${wanted} pods as the config wants: kubectl describe hpa -n ${namespace}.`,
          parent,
        );
      }
      if (rollout.gates.length === 0) return;
      if (rollout.isWaiting) await pulumi.log.info(`${service} ${release}: waits to be promoted.`, parent);
      await finishSwitch(reader, watched);
      if (watched.outlivingData) await deleteUnusedData(reader, { namespace, service, names: watched.data });
      return openGates(reader, namespace, rollout.gates);
    }
    completeSince = undefined;
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
    // A Rollout that goes on would start new pods while Helm takes the old template back.
    if (usesArgoRollouts(watched.strategy)) await reader.rollouts.patchStatus(namespace, service, { abort: true });
    // First, so that a request that fails is sent again at the next look.
    await failGate(reader, namespace, service);
    ended.add(rollout.revision);
    const measured = watched.strategy === "canary" ? await measuredFailure(reader, watched) : undefined;
    const why = rollout.isStalled
      ? (rollout.message ?? "it made no progress within rollout.progressDeadlineSeconds")
      : "it cannot succeed";
    const reasons = [why, measured].filter(Boolean).join(". ");
    await pulumi.log.warn(`${service} ${release}: the rollout is ended and rolled back: ${reasons}.`, parent);
  };
}

/** What the analysis of a canary found. It only explains, so whoever may not read it sees the rest. */
async function measuredFailure(reader: ClusterReader, { namespace, service }: Workload): Promise<string | undefined> {
  try {
    return analysisFailure(await reader.rollouts.analysisRuns(namespace), service);
  } catch {
    return undefined;
  }
}

async function describeFailure(
  reader: ClusterReader,
  { service, release }: WatchedRollout,
  pod: V1Pod,
  { reason, container, detail: found }: PodFailure,
): Promise<string> {
  const detail = found || (await reader.lastWarning(pod));
  const log = container === undefined ? [] : await reader.lastLogLines(pod, container, LOG_LINES);
  const head = `${service} ${release}: pod ${pod.metadata?.name}: ${reason}.${detail ? ` ${detail}` : ""}`;
  return log.length === 0 ? head : [head, "Last lines of its log:", ...log.map((line) => `  | ${line}`)].join("\n");
}

function describeBlindness({ service, release, namespace }: WatchedRollout, error: unknown): string {
  const why = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
  return (
    `${service} ${release}: the rollout cannot be watched: ${why}. Helm waits for the watch, and rolls back when its time is up. ` +
    `Check the connection, and that you may list secrets, deployments, statefulsets, replicasets, pods and events, ` +
    `list and patch jobs, patch statefulsets, and delete services and pods in the namespace ${namespace}.`
  );
}
