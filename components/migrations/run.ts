import type { V1Job } from "@kubernetes/client-node";
import type { MigrationsApi } from "./api.ts";
import { acquireLease, releaseLeases } from "./database-lease.ts";
import { follow } from "./follow.ts";
import type { MigrationObjects } from "./job.ts";
import { endOf } from "./job-end.ts";
import { ledgerName, readLedger, recordMigration } from "./ledger.ts";
import { jobLabels, jobName, keyOf, type Migration, nameOf } from "./migration.ts";

/** A Job that is over stays for its log. Not before the ledger has its result: without both, nobody would know. */
const KEPT_SECONDS = 7 * 24 * 3600;

/** A migration that did not succeed. The message names service, job, reason and the last log lines. */
export class MigrationError extends Error {}

export type Say = (message: string) => Promise<void>;

/**
 * Runs a migration to its end, unless the ledger has it. Each step can be the last before a kill, and can be done twice at once:
 *
 * 1. The Job is created suspended. Its name is that of the image, command and phase, so there is one.
 * 2. The Lease of the database is taken in the Job's name.
 * 3. The ledger gets `started`, the pod its network policy, and the Job is let go.
 * 4. The Job ends. Whoever watches writes the result into the ledger and gives the Lease up.
 *
 * A Job that failed before this call is deleted and made once more. A Job that is under way is followed.
 *
 * @throws MigrationError if it fails or takes too long
 */
export async function runMigration(
  api: MigrationsApi,
  migration: Migration,
  objects: () => Promise<MigrationObjects>,
  say: Say,
): Promise<void> {
  const { namespace, service } = migration;
  const name = jobName(migration);
  const known = (await readLedger(api, namespace, service)).migrations[keyOf(migration)];
  if (known?.result === "succeeded") return;
  await removeLeftovers(api, migration);
  const found = await api.job(namespace, name);
  const foundEnd = found && endOf(found);
  if (found && foundEnd && !foundEnd.succeeded) {
    await say(
      `${nameOf(migration)}: Job ${name} of an earlier command has failed (${foundEnd.reason}). It runs again.`,
    );
    await api.deleteJob(namespace, found);
  }
  if (foundEnd?.succeeded) {
    await say(`${nameOf(migration)}: Job ${name} of an earlier command has succeeded. It does not run again.`);
  }
  if (found && !foundEnd)
    await say(`${nameOf(migration)}: Job ${name} is there from an earlier command, which was interrupted.`);
  if (!found && known?.result === "started") {
    await say(
      `${nameOf(migration)}: it was started by an earlier command, and its Job ${name} was deleted before its result was known. It runs again.`,
    );
  }
  const made = await objects();
  const job = (await api.createJob(namespace, made.job)) ?? (await existing(api, migration));
  await release(api, migration, made, job, say);
  const end = await follow(api, migration, job, say);
  if (end.succeeded || !end.isUnknown) await record(api, migration, job, end);
  if (!end.succeeded) throw new MigrationError(end.message);
}

/** Lets a suspended Job go, once no other migration of the database runs. */
async function release(
  api: MigrationsApi,
  migration: Migration,
  { networkPolicy, serviceAccount }: MigrationObjects,
  job: V1Job,
  say: Say,
): Promise<void> {
  if (job.spec?.suspend !== true) return;
  const { namespace, config } = migration;
  const { name = "", uid = "" } = job.metadata ?? {};
  await acquireLease(api, migration, (message) => say(`${nameOf(migration)}: ${message}.`));
  const owner = { apiVersion: "batch/v1", kind: "Job", name, uid };
  const { metadata } = networkPolicy;
  await api.createIfMissing({ ...networkPolicy, metadata: { ...metadata, ownerReferences: [owner] } });
  await api.createIfMissing(serviceAccount);
  await recordMigration(api, migration, { job: name, result: "started" });
  const command = [...config.command, ...(config.args ?? [])].join(" ");
  await say(`${nameOf(migration)}: Job ${name} runs: ${command} (at most ${config.timeoutSeconds} s)`);
  await api.patchJob(namespace, name, { suspend: false });
}

async function record(
  api: MigrationsApi,
  migration: Migration,
  { metadata }: V1Job,
  end: { succeeded: true } | { succeeded: false; reason: string },
): Promise<void> {
  const { namespace, service } = migration;
  const { name = "" } = metadata ?? {};
  const result = end.succeeded
    ? ({ result: "succeeded" } as const)
    : ({ result: "failed", reason: end.reason } as const);
  await recordMigration(api, migration, { job: name, ...result }).catch((error: unknown) => {
    const why = error instanceof Error ? error.message.split("\n")[0] : error;
    throw new MigrationError(
      `${nameOf(migration)}: Job ${name} has ${result.result}, and the ledger ${ledgerName(service)} in ${namespace} could not be written: ` +
        `${why}. Run the same command again: it finds the Job and does not start it again.`,
    );
  });
  // What is left undone here hurts nobody: a Lease of a Job that is over is free, and a Job that is over only takes room.
  await Promise.allSettled([
    api.patchJob(namespace, name, { ttlSecondsAfterFinished: KEPT_SECONDS }),
    releaseLeases(api, migration),
  ]);
}

/** Another command may delete it, or has just made it. */
async function existing(api: MigrationsApi, migration: Migration): Promise<V1Job> {
  const name = jobName(migration);
  const job = await api.job(migration.namespace, name);
  if (job === undefined) {
    throw new MigrationError(
      `${nameOf(migration)}: Job ${name} was deleted while this command made it. Run the same command again.`,
    );
  }
  return job;
}

/** Jobs of other releases that were killed before they were let go. They have no pods, and nobody will let them go. */
async function removeLeftovers(api: MigrationsApi, migration: Migration): Promise<void> {
  const { namespace, service } = migration;
  const jobs = await api.jobs(namespace, jobLabels(service));
  const left = jobs.filter(
    ({ metadata, spec, status }) =>
      metadata?.name !== jobName(migration) && spec?.suspend === true && status?.startTime === undefined,
  );
  for (const job of left) await api.deleteJob(namespace, job);
}
