import type { SimpleGit } from "simple-git";
import { parse } from "yaml";
import { merge } from "../../config/merge.ts";
import { ENVIRONMENT_KEY, releaseOf, SERVICES_FILE } from "../../config/naming.ts";
import { writtenService } from "../../config/read.ts";
import { differences } from "../engine/differences.ts";
import type { DeliveredEnvironment, DeliveredService } from "../environment.ts";
import { releasesIn, stackFileOf } from "../stack-file.ts";
import { hashOf } from "./version-bump.ts";

/** Where frameworks keep changes of a schema: Flyway, Rails, Alembic, Django, Prisma, Knex, Liquibase and their like. */
const MIGRATION = /(^|\/)(migrations?|db\/migrate|alembic\/versions|changelogs?)\/.+/;

export interface Span {
  /** Release tags. */
  older: string;
  newer: string;
  /** Relative to the project. */
  folder: string;
}

/**
 * Files of schema migrations in a folder that came with the newer release.
 *
 * @returns undefined where git does not know one of the releases.
 */
export async function migrationsBetween(git: SimpleGit, { older, newer, folder }: Span): Promise<string[] | undefined> {
  const [from, to] = [await commitOf(git, older), await commitOf(git, newer)];
  if (from === undefined || to === undefined) return undefined;
  const diff = await git.raw(["diff", "--name-only", "--diff-filter=AMR", "--relative", from, to, "--", folder]);
  return diff.split("\n").filter((file) => MIGRATION.test(file));
}

/** The commit that a release was made of: by the hash in it, or a git tag of its name. */
async function commitOf(git: SimpleGit, release: string): Promise<string | undefined> {
  const names = [hashOf(release), `refs/tags/${release}`].filter((name) => name !== undefined);
  for (const name of names) {
    const found = await git.raw(["rev-parse", "--verify", "--quiet", `${name}^{commit}`]).catch(() => "");
    if (found.trim() !== "") return found.trim();
  }
  return undefined;
}

/** A release that is further back than this is seldom gone back to, and each costs a look. */
const MOST_RECORDS = 200;

/** What is the release's own, or says nothing of how a service runs. */
const NOT_CONFIG = /^(tag|restartedAt|build)\b/;

/** How the config of services differs between the record of a release and now, a line for each difference. */
export async function configChanges(
  git: SimpleGit,
  stack: string,
  environment: DeliveredEnvironment,
  services: readonly DeliveredService[],
): Promise<string[]> {
  const lines = await Promise.all(
    services.map(async ({ name, release }) => {
      const then = await servicesAt(git, stack, await recordOf(git, stack, name, release));
      if (then?.[name] === undefined) return [];
      return differences(then[name], writtenService(environment.config, name))
        .filter(({ path }) => !NOT_CONFIG.test(path))
        .map(({ path, from, to }) => `${name}.${path}: ${shown(from)} then, ${shown(to)} now`);
    }),
  );
  return lines.flat();
}

function shown(value: unknown): string {
  return value === undefined ? "not set" : JSON.stringify(value);
}

/** The last commit of the stack's file by which the service was to run a release. */
async function recordOf(git: SimpleGit, stack: string, service: string, release: string): Promise<string | undefined> {
  const file = stackFileOf(stack);
  const log = await git.raw(["log", "--format=%H", `--max-count=${MOST_RECORDS}`, "--", file]).catch(() => "");
  for (const commit of log.split("\n").filter(Boolean)) {
    const { release: all, tags } = releasesIn(await git.raw(["show", `${commit}:./${file}`]).catch(() => ""));
    if (releaseOf(tags[service], all) === release) return commit;
  }
  return undefined;
}

async function servicesAt(
  git: SimpleGit,
  stack: string,
  commit: string | undefined,
): Promise<Record<string, Record<string, unknown>> | undefined> {
  if (commit === undefined) return undefined;
  try {
    const shared = parse(await git.raw(["show", `${commit}:./${SERVICES_FILE}`]));
    const own = parse(await git.raw(["show", `${commit}:./${stackFileOf(stack)}`]))?.config?.[ENVIRONMENT_KEY];
    const merged = merge(shared ?? {}, own ?? {}) as { services?: Record<string, Record<string, unknown>> };
    return merged.services;
  } catch {
    // A file that was not there then, or no YAML.
    return undefined;
  }
}
