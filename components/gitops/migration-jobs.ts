import { jobName, type Migration } from "../migrations/migration.ts";

/** Set by the commands that render: Jobs of migrations in the history of the branch. */
const JOBS = "SLIPWAY_MIGRATION_JOBS";
/** Set by `slipway rollback`. */
const ACTION = "SLIPWAY_ACTION";

/** What the history of the branch says of migrations, by the names of their Jobs. */
export interface MigrationJobs {
  /** A commit has added them. */
  committed: readonly string[];
  /** They have failed, and a commit has taken them back. */
  failed: readonly string[];
}

export function readMigrationJobs(): MigrationJobs & { isRollback: boolean } {
  const { committed = [], failed = [] } = JSON.parse(process.env[JOBS] || "{}") as Partial<MigrationJobs>;
  return { committed, failed, isRollback: process.env[ACTION] === "rollback" };
}

/** Variables that say it to the program. */
export function migrationJobsVariables(jobs: MigrationJobs): Record<string, string> {
  return { [JOBS]: JSON.stringify(jobs) };
}

/**
 * The Job that runs a migration. Its name is that of the image, command and phase, as in mode direct. A Job cannot be changed and one that
 * has failed stays, for its log: the next attempt has a number.
 *
 * @returns undefined if none runs: a rollback to a release that was deployed without this migration.
 */
export function migrationJob(
  migration: Pick<Migration, "service" | "config" | "image">,
  { committed, failed, isRollback }: ReturnType<typeof readMigrationJobs>,
): string | undefined {
  const first = jobName(migration);
  const attempts = new Set(failed.filter((name) => name === first || name.startsWith(`${first}-`))).size;
  const name = attempts === 0 ? first : `${first}-${attempts + 1}`;
  return isRollback && !committed.includes(name) ? undefined : name;
}
