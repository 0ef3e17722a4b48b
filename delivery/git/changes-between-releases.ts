import { parse } from "yaml";
import { merge } from "../../config/merge.ts";
import { ENVIRONMENT_KEY, SERVICES_FILE, stackFileOf } from "../../config/naming.ts";
import { writtenService } from "../../config/read.ts";
import { findDifferences } from "../engine/differences.ts";
import type { StackEnvironment, StackService } from "../environment.ts";
import { releaseOf } from "../releases.ts";
import { readReleases } from "../stack-file.ts";
import { findReleaseCommit } from "./release-commit.ts";
import type { Git } from "./repository.ts";

/** Where frameworks keep schema migrations: Flyway, Rails, Alembic, Django, Prisma, Knex, Liquibase and others. */
const MIGRATION = /(^|\/)(migrations?|db\/migrate|alembic\/versions|changelogs?)\/.+/;

/** Two releases of what is built from a folder. */
export interface ReleaseRange {
  /** Release tags. */
  older: string;
  newer: string;
  /** Relative to the project. */
  folder: string;
}

/**
 * Files of schema migrations in a folder that the newer release added or changed.
 *
 * @returns undefined if git does not know the commit of one of the releases.
 */
export async function listMigrations(git: Git, { older, newer, folder }: ReleaseRange): Promise<string[] | undefined> {
  const [from, to] = [await findReleaseCommit(git, older), await findReleaseCommit(git, newer)];
  if (from === undefined || to === undefined) return undefined;
  const diff = await git.run("diff", "--name-only", "--diff-filter=AMR", "--relative", from, to, "--", folder);
  return diff.split("\n").filter((file) => MIGRATION.test(file));
}

/** Each record costs a git command, and a rollback seldom goes further back. */
const MOST_RECORDS = 200;

/** Fields that a release sets itself, or that do not change how a service runs. */
const NOT_CONFIG = /^(tag|restartedAt|build)\b/;

/** Differences in the services' config between the record of their release and today, one per line. */
export async function listConfigChanges(
  git: Git,
  environment: StackEnvironment,
  services: readonly StackService[],
): Promise<string[]> {
  const { stack, config } = environment;
  const lines = await Promise.all(
    services.map(async ({ name, release }) => {
      const then = await servicesAt(git, stack, await findRecord(git, stack, name, release));
      if (then?.[name] === undefined) return [];
      return findDifferences(then[name], writtenService(config, name))
        .filter(({ path }) => !NOT_CONFIG.test(path))
        .map(({ path, from, to }) => `${name}.${path}: ${formatValue(from)} then, ${formatValue(to)} now`);
    }),
  );
  return lines.flat();
}

function formatValue(value: unknown): string {
  return value === undefined ? "not set" : JSON.stringify(value);
}

/** The last commit of the stack's file that set the service's release. */
async function findRecord(git: Git, stack: string, service: string, release: string): Promise<string | undefined> {
  const file = stackFileOf(stack);
  const log = await git.textOrEmpty("log", "--format=%H", `--max-count=${MOST_RECORDS}`, "--", file);
  for (const commit of log.split("\n").filter(Boolean)) {
    const releases = readReleases(await git.textOrEmpty("show", `${commit}:./${file}`));
    if (releaseOf(releases, service) === release) return commit;
  }
  return undefined;
}

async function servicesAt(
  git: Git,
  stack: string,
  commit: string | undefined,
): Promise<Record<string, Record<string, unknown>> | undefined> {
  if (commit === undefined) return undefined;
  try {
    const shared = parse(await git.readFile(commit, `./${SERVICES_FILE}`));
    const own = parse(await git.readFile(commit, `./${stackFileOf(stack)}`))?.config?.[ENVIRONMENT_KEY];
    const merged = merge(shared ?? {}, own ?? {}) as { services?: Record<string, Record<string, unknown>> };
    return merged.services;
  } catch {
    // The file did not exist at that commit, or is not YAML.
    return undefined;
  }
}
