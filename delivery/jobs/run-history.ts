import { BatchV1Api, type KubeConfig, type V1CronJob, type V1Job } from "@kubernetes/client-node";
import { parseSchedule } from "../../config/cron-schedule.ts";
import { nextRun } from "../../config/next-run.ts";
import { formatAge, formatTime } from "../terminal/time.ts";
import { RUN_LABEL, RUN_LABEL_VALUE } from "./one-off-job.ts";

/** The runs of a service of kind cron or job. */
export interface RunHistory {
  /** Undefined for kind job. */
  schedule?: string;
  /** @default - that of the control plane */
  timeZone?: string;
  suspended: boolean;
  /** The last run that is kept. Undefined if there is none. */
  last?: Run;
  /** RFC 3339. Undefined for kind job, and while it is suspended. */
  next?: string;
}

interface Run {
  job: string;
  /** RFC 3339. */
  at: string;
  result: "running" | "succeeded" | "failed";
}

/** CronJobs and Jobs of a namespace. Empty for whoever may not list them: who has none needs no right to. */
export async function cronJobsOf(
  config: KubeConfig,
  namespace: string,
): Promise<{ cronJobs: V1CronJob[]; jobs: V1Job[] }> {
  const batch = config.makeApiClient(BatchV1Api);
  try {
    const [{ items: cronJobs }, { items: jobs }] = await Promise.all([
      batch.listNamespacedCronJob({ namespace }),
      batch.listNamespacedJob({ namespace }),
    ]);
    return { cronJobs, jobs };
  } catch (error) {
    if ([403, 404].includes(Number((error as { code?: unknown }).code))) return { cronJobs: [], jobs: [] };
    throw error;
  }
}

/** @param jobs of the namespace */
export function runHistory({ metadata, spec }: V1CronJob, jobs: readonly V1Job[], now = new Date()): RunHistory {
  const name = metadata?.name ?? "";
  // charts/service marks that of kind job so: its schedule never fires.
  const isCron = metadata?.annotations?.["slipway.dev/job"] === undefined;
  const { schedule = "", timeZone, suspend = false } = spec ?? {};
  const parsed = parseSchedule(schedule);
  const next = isCron && !suspend && !("fault" in parsed) ? nextRun(parsed, now, timeZone) : undefined;
  const started = (job: V1Job) => job.metadata?.creationTimestamp?.valueOf() ?? 0;
  const [last] = jobs
    .filter((job) => isRunOf(job, name))
    .sort((a, b) => started(b) - started(a))
    .map(
      (job): Run => ({
        job: job.metadata?.name ?? "",
        at: new Date(started(job)).toISOString(),
        result: resultOf(job),
      }),
    );
  return {
    ...(isCron && { schedule, ...(timeZone && { timeZone }) }),
    suspended: isCron && suspend,
    ...(last && { last }),
    ...(next && { next: next.toISOString() }),
  };
}

function isRunOf({ metadata }: V1Job, name: string): boolean {
  if (metadata?.labels?.[RUN_LABEL] === RUN_LABEL_VALUE) return false;
  return metadata?.ownerReferences?.some((owner) => owner.kind === "CronJob" && owner.name === name) ?? false;
}

function resultOf({ status }: V1Job): Run["result"] {
  const is = (type: string) => status?.conditions?.some((it) => it.type === type && it.status === "True");
  if (is("Complete")) return "succeeded";
  return is("Failed") ? "failed" : "running";
}

/** `30 2 * * * Asia/Seoul: succeeded 2026-01-31 02:30 (3 h ago), next 2026-02-01 02:30` */
export function formatRuns({ schedule, timeZone, suspended, last, next }: RunHistory): string {
  const when = schedule === undefined ? "in each deploy" : `${schedule}${timeZone ? ` ${timeZone}` : ""}`;
  const ran = last ? `${last.result} ${formatTime(last.at)}${formatAge(last.at)}` : "no run is kept";
  const then = suspended ? ", suspended" : next ? `, next ${formatTime(next)}` : "";
  return `${when}: ${ran}${then}`;
}
