import { previousReleases, readHistory, type Update } from "../engine/history.ts";
import { atReleases, type StackService } from "../environment.ts";
import { Failure, reasonOf } from "../failure.ts";
import { listConfigChanges, listMigrations } from "../git/changes-between-releases.ts";
import type { Git } from "../git/repository.ts";
import { requireImages } from "../images.ts";
import { info, warn } from "../output.ts";
import { assignRelease, formatReleases, type Releases, releaseOf, sameReleases } from "../releases.ts";
import { setReleases } from "../stack-file.ts";
import { prepareUpdate, type UpdateContext, type UpdateOptions } from "../update/context.ts";
import { runUpdate } from "../update/run.ts";

export interface RollbackOptions extends UpdateOptions {
  /** Release to roll back to. @default - that of the last successful update before the current release */
  to?: string;
}

/**
 * Deploys an earlier release of the stack's history. Nothing is built: the images of that release run again.
 *
 * @throws Failure if there is no such release, its images are gone, or the update fails.
 */
export async function rollback(options: RollbackOptions, root: string): Promise<void> {
  const context = await prepareUpdate(options, root);
  const { stack, service = [] } = options;
  const now = context.releases;
  const updates = await readHistory(root, stack);
  const target = service.length > 0 ? targetOfServices(updates, options, now) : targetOfStack(updates, options, now);
  if (sameReleases(target, now)) {
    throw new Failure(
      `rollback: ${stack} is at ${formatReleases(now)} already. Choose another release with --to; see: npm run slipway -- history --stack ${stack}`,
    );
  }
  const current = new Map(context.environment.services.map(({ name, release }) => [name, release]));
  const environment = atReleases(context.environment, target);
  const services = environment.services.filter(({ name, release }) => current.get(name) !== release);
  await requireImages(environment, services, "A rollback builds nothing. Choose another release with --to.");
  info(`Rolling back: ${services.map(({ name, release }) => `${name} ${current.get(name)} → ${release}`).join(", ")}`);
  if (context.git) {
    await reportWhatStays(context.git, context, services).catch((error: unknown) =>
      warn(
        `What the rollback leaves as it is cannot be listed: ${reasonOf(error)}. Check migrations and config yourself.`,
      ),
    );
  }
  await runUpdate(context, {
    action: "rollback",
    subject: `Roll ${stack} back to ${formatReleases(target)}`,
    edit: (text) => setReleases(text, stack, target),
    releases: target,
  });
}

function targetOfStack(updates: readonly Update[], { stack, to }: RollbackOptions, now: Releases): Releases {
  if (to === undefined) {
    const previous = previousReleases(updates, now);
    if (previous) return previous;
    throw new Failure(
      `rollback: ${stack} has no successful release before ${formatReleases(now)}. Choose a release with --to; see: npm run slipway -- history --stack ${stack}`,
    );
  }
  const succeeded = updates.filter(({ result }) => result === "succeeded").map(({ releases }) => releases);
  const found = succeeded.find(({ release }) => release === to);
  if (found) return found;
  const known = [...new Set(succeeded.map(({ release }) => release))];
  throw new Failure(
    `--to ${to}: the recent history of ${stack} has no successful deploy of it. Successful releases: ${known.join(", ") || "none"}. ` +
      `To deploy it anyway: npm run slipway -- deploy --stack ${stack} --release ${to}`,
  );
}

/** Rolls each service back to its own previous release. */
function targetOfServices(
  updates: readonly Update[],
  { stack, to, service = [] }: RollbackOptions,
  now: Releases,
): Releases {
  const only = (releases: Releases, name: string) => ({ release: releaseOf(releases, name), tags: {} });
  return service.reduce((releases, name) => {
    const history = updates.map((update) => ({ ...update, releases: only(update.releases, name) }));
    const target = targetOfStack(history, { stack, ...(to && { to }) }, only(now, name));
    return assignRelease(releases, target.release, [name]);
  }, now);
}

/** Reports migrations and config that a rollback leaves as they are, before it begins. */
async function reportWhatStays(
  git: Git,
  { environment }: UpdateContext,
  services: readonly StackService[],
): Promise<void> {
  const current = new Map(environment.services.map(({ name, release }) => [name, release]));
  const unknown: string[] = [];
  for (const { name, release, context } of services) {
    const newer = current.get(name) ?? "";
    const migrations = await listMigrations(git, { older: release, newer, folder: context });
    if (migrations === undefined) unknown.push(name);
    else if (migrations.length > 0) {
      warn(
        `${name}: schema migrations are not rolled back. Added between ${release} and ${newer}:\n${indent(migrations)}\n` +
          `Continue only if ${name} ${release} works with the migrated schema (expand and contract).`,
      );
    }
  }
  if (unknown.length > 0) {
    warn(
      `${unknown.join(", ")}: git does not know the commits of both releases, so schema migrations between them cannot be listed. ` +
        "Check them yourself if the service has a database.",
    );
  }
  const changes = await listConfigChanges(git, environment, services);
  if (changes.length > 0) info(`The config is not rolled back. Changed since that release:\n${indent(changes)}`);
}

function indent(lines: readonly string[]): string {
  return lines.map((line) => `  ${line}`).join("\n");
}
