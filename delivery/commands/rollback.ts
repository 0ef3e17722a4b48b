import type { SimpleGit } from "simple-git";
import { type StackService, readEnvironment } from "../environment.ts";
import { Failure } from "../failure.ts";
import { configChanges, migrationsBetween } from "../git/changes-between-releases.ts";
import { requireImages } from "../images.ts";
import { info, warn } from "../output.ts";
import { assignRelease, type Releases, readReleases, setReleases } from "../stack-file.ts";
import { runUpdate, type UpdateContext, prepareUpdate, type UpdateOptions } from "../update/run.ts";
import { formatReleases, sameReleases, previousReleases, readHistory, type Update } from "./history.ts";

export interface RollbackOptions extends UpdateOptions {
  /** Release to go back to. @default - the one that ran well before */
  to?: string;
}

/**
 * Goes back to the release that ran well before, or to one that is named, by the stack's own record. Nothing is built: the very
 * bytes of that release run again.
 *
 * @throws Failure if there is none, its images are gone, or it fails.
 */
export async function rollback(options: RollbackOptions, root: string): Promise<void> {
  const ground = await prepareUpdate(options, root);
  const { stack, service = [] } = options;
  const now = readReleases(ground.text);
  const updates = await readHistory(root, stack);
  const target = service.length > 0 ? ofServices(ground, updates, options, now) : ofAll(updates, options, now);
  if (sameReleases(target, now))
    throw new Failure(
      `rollback: ${stack} is to run ${formatReleases(now)} already. Name another by --to: npm run slipway -- history --stack ${stack}`,
    );

  const edit = (text: string) => setReleases(text, stack, target);
  const environment = readEnvironment(root, stack, edit(ground.text));
  const back = environment.services.filter(({ name, release }) => releaseOf(ground, name) !== release);
  await requireImages(environment, back, "A rollback builds nothing. Name another release by --to.");
  info(`Going back: ${back.map(({ name, release }) => `${name} ${releaseOf(ground, name)} → ${release}`).join(", ")}`);
  if (ground.git) await nameWhatStays(ground.git, ground, back);
  await runUpdate(ground, { action: "rollback", subject: `Roll ${stack} back to ${formatReleases(target)}`, edit });
}

function ofAll(updates: readonly Update[], { stack, to }: RollbackOptions, now: Releases): Releases {
  if (to === undefined) {
    const previous = previousReleases(updates, now);
    if (previous) return previous;
    throw new Failure(
      `rollback: nothing ran well in ${stack} before ${formatReleases(now)}. Name a release by --to, or see: npm run slipway -- history --stack ${stack}`,
    );
  }
  const known = updates.find(({ releases, result }) => releases.release === to && result === "succeeded");
  if (known) return known.releases;
  const ran = [
    ...new Set(updates.filter(({ result }) => result === "succeeded").map(({ releases }) => releases.release)),
  ];
  throw new Failure(
    `--to ${to}: it never ran well in ${stack}, as far as its record goes back. These did: ${ran.join(", ") || "none"}. To deploy it all the same: npm run slipway -- deploy --stack ${stack} --release ${to}`,
  );
}

/** Of some services alone: each to what it ran before. */
function ofServices(
  { text }: UpdateContext,
  updates: readonly Update[],
  { stack, to, service = [] }: RollbackOptions,
  now: Releases,
): Releases {
  return service.reduce((releases, name) => {
    const own = (update: Update) => update.releases.tags[name] ?? update.releases.release;
    const ran = updates.map((update) => ({ ...update, releases: { release: own(update), tags: {} } }));
    const before = { release: now.tags[name] ?? now.release, tags: {} };
    const target = ofAll(ran, { stack, ...(to && { to }) }, before);
    return assignRelease(releases, target.release, [name]);
  }, readReleases(text));
}

function releaseOf({ environment }: UpdateContext, name: string): string | undefined {
  return environment.services.find((service) => service.name === name)?.release;
}

/** A rollback takes images back and nothing else; what it leaves must be known before, not after. */
async function nameWhatStays(git: SimpleGit, ground: UpdateContext, back: readonly StackService[]): Promise<void> {
  const { options, environment } = ground;
  const unknown: string[] = [];
  for (const { name, release, context } of back) {
    const from = releaseOf(ground, name) ?? "";
    const migrations = await migrationsBetween(git, { older: release, newer: from, folder: context });
    if (migrations === undefined) unknown.push(name);
    else if (migrations.length > 0) {
      warn(
        `${name}: the schema stays migrated. Between ${release} and ${from} came:\n${migrations.map((file) => `  ${file}`).join("\n")}\n` +
          `Go on only if ${name} ${release} works with that schema (expand and contract).`,
      );
    }
  }
  if (unknown.length > 0) {
    warn(
      `${unknown.join(", ")}: git does not know the commits of both releases, so migrations of a schema between them cannot be ` +
        "named. Look yourself where there is a database.",
    );
  }
  const changes = await configChanges(git, options.stack, environment, back);
  if (changes.length > 0)
    info(`The config stays as it is. Changed since then:\n${changes.map((line) => `  ${line}`).join("\n")}`);
}
