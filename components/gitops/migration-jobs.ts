import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { jobName, type Migration } from "../migrations/migration.ts";

/** Beside the folders of the services, none of which has a dot in its name. A variable has 128 KiB at most, and years of deploys have more. */
const FILE = "migration-jobs.json";
/** Set by `slipway rollback`. */
const ACTION = "SLIPWAY_ACTION";

/** What the history of the branch says of migrations, by the names of their Jobs. */
export interface MigrationJobs {
  /** A commit has added them. */
  committed: readonly string[];
  /** They have failed, and a commit has taken them back. */
  failed: readonly string[];
}

/** @param folder that the program writes the manifests to */
export function readMigrationJobs(folder: string): MigrationJobs & { isRollback: boolean } {
  const file = join(folder, FILE);
  const jobs = existsSync(file)
    ? (JSON.parse(readFileSync(file, "utf8")) as MigrationJobs)
    : { committed: [], failed: [] };
  return { ...jobs, isRollback: process.env[ACTION] === "rollback" };
}

/** For the program, before it renders. */
export function writeMigrationJobs(folder: string, { committed, failed }: MigrationJobs): void {
  writeFileSync(join(folder, FILE), JSON.stringify({ committed, failed }));
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
