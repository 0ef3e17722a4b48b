import type { V1Job, V1Pod } from "@kubernetes/client-node";
import { podFailure } from "../rollout/pod-failure.ts";
import type { MigrationsApi } from "./api.ts";
import { endOf } from "./job-end.ts";
import { LogLines } from "./log-lines.ts";
import { type Migration, nameOf } from "./migration.ts";

const POLL_MILLISECONDS = 1_000;
/** How long the cluster may not answer until the command gives up. The Job goes on. */
const BLIND_SECONDS = 120;
/** Above the Job's deadline, which the cluster itself keeps. */
const MARGIN_SECONDS = 120;
const LAST_LINES = 12;
/** Lines of one look. A command that prints more would flood the log of the deploy. */
const MOST_LINES = 100;
/** Until a pod that is not made is reported. */
const NO_POD_SECONDS = 15;

/**
 * How a migration has ended.
 *
 * @property isUnknown the Job may still run
 */
export type MigrationEnd =
  | { succeeded: true }
  | { succeeded: false; isUnknown?: boolean; reason: string; message: string };

type Say = (message: string) => Promise<void>;

/** Follows a Job that was let go to its end, with its log. */
export async function follow(
  api: MigrationsApi,
  migration: Migration,
  { metadata }: V1Job,
  say: Say,
): Promise<MigrationEnd> {
  const look = lookAt(api, migration, metadata?.name ?? "", say);
  const since = Date.now();
  let lastLook = since;
  for (;;) {
    try {
      const end = await look(since);
      if (end) return end;
      lastLook = Date.now();
    } catch (error) {
      if (Date.now() - lastLook > BLIND_SECONDS * 1000) return blind(migration, metadata?.name ?? "", error);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS));
  }
}

function blind(migration: Migration, job: string, error: unknown): MigrationEnd {
  const reason = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
  const message =
    `${nameOf(migration)}: Job ${job} in ${migration.namespace} cannot be watched: ${reason}. It goes on without this command. ` +
    "Run the same command again: it finds the Job, waits for it and does not start it again.";
  return { succeeded: false, isUnknown: true, reason, message };
}

/** Follows a Job look by look. @returns what looks once, and says how it has ended; undefined while it has not */
export function lookAt(api: MigrationsApi, migration: Migration, name: string, say: Say) {
  const { namespace, service, config } = migration;
  const log = new LogLines(api, LAST_LINES);
  const reported = new Set<string>();
  const reportOnce = async (text: string) => {
    if (reported.has(text)) return;
    reported.add(text);
    await say(`${nameOf(migration)}: ${text}`);
  };
  const failure = (reason: string, detail = "") => ({
    succeeded: false as const,
    reason,
    message: describeFailure(migration, name, [reason, detail].filter(Boolean).join(": "), log.last),
  });
  return async (since: number): Promise<MigrationEnd | undefined> => {
    const job = await api.job(namespace, name);
    if (job === undefined) return failure("the Job was deleted by somebody else before it was over");
    const end = endOf(job);
    const [pod] = await api.pods(namespace, { "batch.kubernetes.io/job-name": name });
    if (pod) await stream(log, pod, service, say);
    if (end?.succeeded) return end;
    if (end && end.reason === "DeadlineExceeded")
      return failure(`it did not end within timeoutSeconds (${config.timeoutSeconds} s)`);
    if (end) return failure(exitOf(pod, service) ?? end.reason, end.message);
    const seconds = (Date.now() - since) / 1000;
    if (seconds > config.timeoutSeconds + MARGIN_SECONDS)
      return {
        ...failure(
          `the cluster has not stopped it at its deadline of ${config.timeoutSeconds} s, and it may still run`,
        ),
        isUnknown: true,
      };
    if (pod === undefined) {
      const warning = seconds > NO_POD_SECONDS ? await api.lastWarning(namespace, name) : undefined;
      if (warning) await reportOnce(`its pod is not made yet: ${warning}`);
      return undefined;
    }
    if (pod.status?.phase !== "Pending") return undefined;
    // An init container that fails ends the Job by itself.
    const allowance = { startupSeconds: config.timeoutSeconds, maxRestarts: Number.POSITIVE_INFINITY };
    const stuck = podFailure(pod, allowance, Date.now());
    if (stuck === undefined) return undefined;
    if (!stuck.isFinal) {
      await reportOnce(`pod ${pod.metadata?.name}: ${stuck.reason}. ${stuck.detail ?? ""}`);
      return undefined;
    }
    // The command has not begun, and cannot.
    await api.deleteJob(namespace, job);
    return failure(`pod ${pod.metadata?.name}: ${stuck.reason}`, stuck.detail);
  };
}

async function stream(log: LogLines, pod: V1Pod, service: string, say: Say): Promise<void> {
  const lines = await log.next(pod, service);
  if (lines.length === 0) return;
  const left = lines.length - MOST_LINES;
  const shown = left > 0 ? [`… ${left} lines left out`, ...lines.slice(left)] : lines;
  await say(shown.map((line) => `${service} | ${line}`).join("\n"));
}

function exitOf(pod: V1Pod | undefined, service: string): string | undefined {
  const all = [...(pod?.status?.initContainerStatuses ?? []), ...(pod?.status?.containerStatuses ?? [])];
  const ended = all.find(({ state }) => state?.terminated && state.terminated.exitCode !== 0);
  const { reason = "Error", exitCode } = ended?.state?.terminated ?? {};
  if (exitCode === undefined) return undefined;
  const where = ended?.name === service ? "" : `container ${ended?.name}: `;
  return `${where}${reason === "Error" ? "" : `${reason}, `}exit code ${exitCode}`;
}

function describeFailure(migration: Migration, job: string, reason: string, log: readonly string[]): string {
  const { service, config, namespace } = migration;
  const serves =
    config.phase === "expand"
      ? "The rollout has not begun: what served before goes on."
      : "The new release is rolled out and serves. Only what it no longer needs is still there.";
  return [
    `${nameOf(migration)} failed: Job ${job} in ${namespace}: ${reason.replace(/\.$/, "")}.`,
    ...(log.length > 0 ? ["Last lines of its log:", ...log.map((line) => `  | ${line}`)] : []),
    `${serves} Once the cause is gone, the same command runs the migration of ${service} again: docs/runbooks/failed-migration.md.`,
  ].join("\n");
}
