import { readRunningServices } from "../cluster.ts";
import type { History } from "../engine/history.ts";
import { previousIn } from "../engine/previous-releases.ts";
import { atReleases, type StackService } from "../environment.ts";
import { Failure, reasonOf } from "../failure.ts";
import { listConfigChanges, listMigrations } from "../git/changes-between-releases.ts";
import type { Git } from "../git/repository.ts";
import { requireImages } from "../images.ts";
import { info, warn } from "../output.ts";
import { assignRelease, formatReleases, type Releases, releaseOf, sameReleases } from "../releases.ts";
import { setReleases } from "../stack-file.ts";
import { listMoves, refusal, type ServiceMove } from "../update/compare.ts";
import { prepareUpdate, type UpdateContext, type UpdateOptions } from "../update/context.ts";
import { runUpdate } from "../update/run.ts";
import { describeSources } from "../update/sources.ts";
import { SwitchesBack } from "../update/switches-back.ts";

/** Releases to list in a message. */
const MOST_RELEASES = 20;

export interface RollbackOptions extends UpdateOptions {
  /** Release to roll back to. @default - that of the last successful update before the current release */
  to?: string;
}

/**
 * Deploys an earlier release of the stack's history. Nothing is built: the images of that release run again. It starts from what the
 * history says and not from the checkout's file, which may be old.
 *
 * @throws Failure if there is no such release, its images are gone, or the update fails.
 */
export async function rollback(options: RollbackOptions, root: string): Promise<void> {
  const context = await prepareUpdate(options, root);
  const { stack, service = [] } = options;
  const { file, now } = context.sources;
  if (!sameReleases(file, now)) {
    info(`A rollback starts from what was last deployed, not from the file:\n${describeSources(context.sources)}`);
  }
  const target = await findTarget(context, service);
  const { running } = context.sources;
  // A rollback that was interrupted is what the stack was last meant to run, and is not over.
  if (sameReleases(target, now) && (!running || sameReleases(running.releases, now))) {
    throw refusal(
      context,
      `rollback: ${stack} is at ${formatReleases(now)} already.`,
      `Choose another release with --to; see: npm run slipway -- history --stack ${stack}`,
    );
  }
  const moves = listMoves(context, sameReleases(target, now) && running ? running.releases : now, target);
  const environment = atReleases(context.environment, target);
  const services = environment.services.filter(({ name }) => moves.some((move) => move.name === name));
  const images = await requireImages(
    environment,
    services,
    "A rollback builds nothing. Choose another release with --to.",
  );
  info(`Rolling back: ${await describeMoves(context, moves)}`);
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
    // With Argo CD only a commit lasts, and the commit brings the same pods.
    ...(environment.config.gitops === undefined && { switchesBack: new SwitchesBack(environment, images) }),
  });
}

/** A service that a failed update never changed runs the target already. The cluster knows; without its answer the record has to do. */
async function describeMoves({ environment }: UpdateContext, moves: readonly ServiceMove[]): Promise<string> {
  const running = await readRunningServices(environment).catch(() => undefined);
  return moves
    .map(({ name, from, to }) => {
      const runs = running?.[name]?.release ?? from;
      return runs === to ? `${name} still runs ${to}` : `${name} ${runs} → ${to}`;
    })
    .join(", ");
}

/** Reads the history as far back as it takes. */
async function findTarget({ history, options, sources }: UpdateContext, service: readonly string[]): Promise<Releases> {
  for await (const part of history) {
    const target =
      service.length > 0 ? targetOfServices(part, options, sources.now) : targetOfStack(part, options, sources.now);
    if (target) return target;
  }
  throw new Failure(`rollback: the history of ${options.stack} ended before it was complete. Run this again.`);
}

/**
 * @returns undefined if only an older part of the history can tell.
 * @throws Failure if there is no such release in the whole history.
 */
function targetOfStack(history: History, { stack, to }: RollbackOptions, now: Releases): Releases | undefined {
  if (to === undefined) {
    const found = previousIn(history, now);
    if (found === undefined || found.previous) return found?.previous;
    throw new Failure(
      `rollback: ${stack} has no successful release before ${formatReleases(now)}. Choose a release with --to; see: npm run slipway -- history --stack ${stack}`,
    );
  }
  const succeeded = history.updates.filter(({ result, action }) => result === "succeeded" && action !== "destroy");
  const found = succeeded.find(({ releases }) => releases.release === to)?.releases;
  if (found || !history.complete) return found;
  const known = [...new Set(succeeded.map(({ releases }) => releases.release))];
  throw new Failure(
    `--to ${to}: the history of ${stack} has no successful deploy of it. Successful releases: ${known.slice(0, MOST_RELEASES).join(", ") || "none"}${known.length > MOST_RELEASES ? ", …" : ""}. ` +
      `To deploy it anyway: npm run slipway -- deploy --stack ${stack} --release ${to} --allow-downgrade`,
  );
}

/** Rolls each service back to its own previous release. */
function targetOfServices(
  history: History,
  { stack, to, service = [] }: RollbackOptions,
  now: Releases,
): Releases | undefined {
  const only = (releases: Releases, name: string) => ({ release: releaseOf(releases, name), tags: {} });
  return service.reduce<Releases | undefined>((releases, name) => {
    const updates = history.updates.map((update) => ({ ...update, releases: only(update.releases, name) }));
    const target = targetOfStack({ ...history, updates }, { stack, ...(to && { to }) }, only(now, name));
    return releases && target && assignRelease(releases, target.release, [name]);
  }, now);
}

/** Reports migrations and config that a rollback leaves as they are, before it begins. */
async function reportWhatStays(
  git: Git,
  { environment, sources }: UpdateContext,
  services: readonly StackService[],
): Promise<void> {
  const current = new Map(atReleases(environment, sources.now).services.map(({ name, release }) => [name, release]));
  const unknown: string[] = [];
  for (const { name, release, context } of services) {
    if (context === undefined) continue;
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
