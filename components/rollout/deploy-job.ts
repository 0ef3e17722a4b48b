import type { V1CronJob, V1Job, V1Pod } from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";
import type { ClusterReader, PendingRevision } from "../cluster/reader.ts";
import { closedGates, failGate, openGates } from "./gates.ts";
import { type PodAllowance, podFailure } from "./pod-failure.ts";

/** Annotations of the CronJob: see charts/service/templates/cronjob.yaml. */
const JOB = "slipway.dev/job";
const ROLLOUT = "slipway.dev/gate";

/** Label of the Jobs that deploys have made. */
const OF_DEPLOYS = { "app.kubernetes.io/component": "deploy-job" };
/** Jobs of a service that are kept: what has run is known by its Job. */
const KEPT = 3;
const LOG_LINES = 8;

export interface WatchedJob extends PodAllowance {
  namespace: string;
  service: string;
  release: string;
}

/**
 * Runs a service of kind job in its deploy. Helm changes a CronJob that never fires; this makes the Job of it, named by the content of
 * its pods, unless that Job has run before. Helm's wait ends with the Job: see docs/decisions/jobs.md.
 *
 * @param parent resource of the messages
 * @returns one look. It remembers what it has reported.
 */
export function watchJob(watched: WatchedJob, parent: pulumi.Resource): (reader: ClusterReader) => Promise<void> {
  const { namespace, service, release } = watched;
  const reported = new Set<string>();
  const ended = new Set<string>();
  /** The last lines of each pod's log. The deadline of a Job takes its pod away, and the log with it. */
  const logs = new Map<string, string[]>();
  const warn = async (text: string, log: readonly string[] = []) => {
    const lines = log.length === 0 ? [] : ["Last lines of its log:", ...log.map((line) => `  | ${line}`)];
    await pulumi.log.warn([`${service} ${release}: ${text}`, ...lines].join("\n"), parent);
  };

  return async (reader) => {
    const rollout = await currentJob(reader, watched);
    if (rollout === undefined) return;
    const { revision, gates, cronJob, job } = rollout;
    if (cronJob === undefined) return openGates(reader, namespace, gates);
    if (job === undefined) return reader.createJob(namespace, jobOf(cronJob));
    const name = job.metadata?.name ?? "";
    const failed = conditionOf(job, "Failed");
    if (failed && isBefore(job, revision.since)) return reader.deleteJob(namespace, name);
    if (conditionOf(job, "Complete")) {
      await openGates(reader, namespace, gates);
      return removeOldJobs(reader, namespace, service);
    }
    if (ended.has(revision.secret)) return;
    let isLost = failed !== undefined;
    for (const pod of await podsOf(reader, namespace, job)) {
      const podName = pod.metadata?.name ?? "";
      const log = await reader.lastLogLines(pod, service, LOG_LINES);
      if (log.length > 0) logs.set(podName, log);
      const failure = endOf(pod, service) ?? podFailure(pod, watched, Date.now());
      isLost ||= failure?.isFinal ?? false;
      if (failure === undefined || reported.has(`${podName} ${failure.reason}`)) continue;
      reported.add(`${podName} ${failure.reason}`);
      const detail = failure.detail && log.length === 0 ? ` ${failure.detail}` : "";
      await warn(`pod ${podName}: ${failure.reason}.${detail}`, logs.get(podName));
    }
    if (!isLost) return;
    await failGate(reader, namespace, service);
    // What cannot start now must not start after the rollback.
    if (!failed) await reader.deleteJob(namespace, name);
    ended.add(revision.secret);
    const isLate = failed?.reason === "DeadlineExceeded";
    const why = isLate ? "it ran longer than job.activeDeadlineSeconds" : (failed?.message ?? "its pod cannot start");
    await warn(
      `its Job ${name} failed, and the deploy is rolled back: ${why}.`,
      isLate ? [...logs.values()].at(-1) : [],
    );
  };
}

interface JobRollout {
  revision: PendingRevision;
  gates: string[];
  /** Undefined while Helm rolls back: what ran before needs no run. */
  cronJob?: V1CronJob;
  job?: V1Job | undefined;
}

/** Undefined before Helm has changed the CronJob, and after its wait. */
async function currentJob(reader: ClusterReader, { namespace, service }: WatchedJob): Promise<JobRollout | undefined> {
  const revision = (await reader.pendingRevisionsOf(namespace, service)).at(-1);
  if (revision === undefined) return undefined;
  const gates = await closedGates(reader, namespace, service);
  if (revision.status === "pending-rollback") return { revision, gates };
  const cronJob = await reader.cronJob(namespace, service);
  const { [JOB]: name, [ROLLOUT]: gate = "" } = cronJob?.metadata?.annotations ?? {};
  // Helm creates Jobs before CronJobs, so the gate may be newer than the CronJob.
  if (cronJob === undefined || name === undefined || !gates.includes(gate)) return undefined;
  return { revision, gates, cronJob, job: await reader.job(namespace, name) };
}

/** The CronJob is its owner, so that it goes with it, but not its controller: then the limits of the history would count it. */
function jobOf({ metadata, spec }: V1CronJob): V1Job {
  const { name = "", uid = "", annotations = {} } = metadata ?? {};
  const { labels, annotations: own } = spec?.jobTemplate.metadata ?? {};
  return {
    metadata: {
      name: annotations[JOB] ?? "",
      labels: { ...labels, ...OF_DEPLOYS },
      ...(own && { annotations: own }),
      ownerReferences: [{ apiVersion: "batch/v1", kind: "CronJob", name, uid }],
    },
    ...(spec?.jobTemplate.spec && { spec: spec.jobTemplate.spec }),
  };
}

function conditionOf({ status }: V1Job, type: "Complete" | "Failed") {
  return status?.conditions?.find((condition) => condition.type === type && condition.status === "True");
}

/** Whether it was made by an earlier deploy. */
function isBefore({ metadata }: V1Job, since: Date): boolean {
  return (metadata?.creationTimestamp?.valueOf() ?? 0) < since.valueOf();
}

function podsOf(reader: ClusterReader, namespace: string, { metadata }: V1Job): Promise<V1Pod[]> {
  return reader.pods(namespace, { "batch.kubernetes.io/controller-uid": metadata?.uid ?? "" });
}

/** How a pod has failed. Whether the run has, the Job says: it may be tried again. */
function endOf({ status }: V1Pod, service: string) {
  if (status?.phase !== "Failed") return undefined;
  const own = status.containerStatuses?.find(({ name }) => name === service)?.state?.terminated;
  const reason = own ? `ended with exit code ${own.exitCode}${own.reason ? ` (${own.reason})` : ""}` : "failed";
  return { reason, detail: own?.message ?? status.message ?? status.reason, isFinal: false };
}

async function removeOldJobs(reader: ClusterReader, namespace: string, service: string): Promise<void> {
  const jobs = await reader.jobs(namespace, { "app.kubernetes.io/instance": service, ...OF_DEPLOYS });
  const created = ({ metadata }: V1Job) => metadata?.creationTimestamp?.valueOf() ?? 0;
  const old = jobs.sort((a, b) => created(b) - created(a)).slice(KEPT);
  await Promise.all(old.map(({ metadata }) => reader.deleteJob(namespace, metadata?.name ?? "")));
}
