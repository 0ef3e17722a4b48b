import { existsSync } from "node:fs";
import { join, posix } from "node:path";
import { SERVICES_FILE, stackFileOf } from "../../config/naming.ts";
import { writtenService } from "../../config/read.ts";
import { servicesIn } from "../../config/stack-file.ts";
import { findDifferences } from "../engine/differences.ts";
import type { StackEnvironment, StackService } from "../environment.ts";
import { releaseOf } from "../releases.ts";
import { readReleases } from "../stack-file.ts";
import { findReleaseCommit } from "./release-commit.ts";
import { Git } from "./repository.ts";
import { openSourceFolder } from "./source-folder.ts";

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
 * Files of schema migrations in a folder that the newer release added or changed, in submodules too.
 *
 * @returns undefined if git does not know the commit of one of the releases, or the folder is not in this repository.
 */
export async function listMigrations(git: Git, { older, newer, folder }: ReleaseRange): Promise<string[] | undefined> {
  const [from, to] = [await findReleaseCommit(git, older), await findReleaseCommit(git, newer)];
  const source = await openSourceFolder(git, folder);
  if (from === undefined || to === undefined || source === undefined) return undefined;
  const files = await listChanged(source.git, await source.commitAt(from), await source.commitAt(to), source.path);
  const fromProject = (file: string) => posix.join(folder, posix.relative(source.path, file));
  return files?.map(fromProject).filter((file) => MIGRATION.test(file));
}

/** Mode of a submodule in git's trees. */
const SUBMODULE = "160000";

/** Files that were added or changed, relative to the top folder of the repository, where git runs. @returns undefined if git does not know a commit */
async function listChanged(
  git: Git,
  from: string | undefined,
  to: string | undefined,
  path: string,
): Promise<string[] | undefined> {
  const commits = [from && (await git.findCommit(from)), to && (await git.findCommit(to))];
  if (commits.includes(undefined)) return undefined;
  const range = [from ?? "", to ?? ""];
  const diff = await git.run("diff", "--raw", "--no-abbrev", "--diff-filter=AMRT", ...range, "--", path);
  const files: string[] = [];
  for (const line of diff.split("\n").filter(Boolean)) {
    const [entry = "", ...names] = line.split("\t");
    const [, mode, before, after] = entry.split(" ");
    const name = names.at(-1) ?? "";
    if (mode !== SUBMODULE) files.push(name);
    else {
      const inner = new Git(join(git.folder, name));
      // A submodule that is not checked out is an empty folder, or none.
      const changed = existsSync(join(inner.folder, ".git")) ? await listChanged(inner, before, after, ".") : undefined;
      if (changed === undefined) return undefined;
      files.push(...changed.map((file) => posix.join(name, file)));
    }
  }
  return files;
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
    const shared = await git.readFile(commit, `./${SERVICES_FILE}`);
    const own = await git.readFile(commit, `./${stackFileOf(stack)}`);
    return servicesIn(shared, stack, own) as Record<string, Record<string, unknown>> | undefined;
  } catch {
    // The file did not exist at that commit, or is not YAML.
    return undefined;
  }
}
