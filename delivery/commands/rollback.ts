import type { SimpleGit } from "simple-git";
import { releaseOf as serviceRelease } from "../../config/naming.ts";
import { type DeliveredService, readEnvironment } from "../environment.ts";
import { Failure } from "../failure.ts";
import { configChanges, migrationsBetween } from "../git/changes-between-releases.ts";
import { demandImages } from "../images.ts";
import { say, warn } from "../output.ts";
import { changed, type Releases, releasesIn, withReleases } from "../stack-file.ts";
import { carryOut, type Ground, layGround, type UpdateOptions } from "../update.ts";
import { inWords, isSame, previousReleases, readHistory, type Update } from "./history.ts";

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
  const ground = await layGround(options, root);
  const { stack, service = [] } = options;
  const now = releasesIn(ground.text);
  const updates = await readHistory(root, stack);
  const target = service.length > 0 ? ofServices(ground, updates, options, now) : ofAll(updates, options, now);
  if (isSame(target, now))
    throw new Failure(
      `rollback: ${stack} is to run ${inWords(now)} already. Name another by --to: npm run slipway -- history --stack ${stack}`,
    );

  const edit = (text: string) => withReleases(text, stack, target);
  const environment = readEnvironment(root, stack, edit(ground.text));
  const back = environment.services.filter(({ name, release }) => releaseOf(ground, name) !== release);
  await demandImages(environment, back, "A rollback builds nothing. Name another release by --to.");
  say(`Going back: ${back.map(({ name, release }) => `${name} ${releaseOf(ground, name)} → ${release}`).join(", ")}`);
  if (ground.git) await nameWhatStays(ground.git, ground, back);
  await carryOut(ground, { action: "rollback", subject: `Roll ${stack} back to ${inWords(target)}`, edit });
}

function ofAll(updates: readonly Update[], { stack, to }: RollbackOptions, now: Releases): Releases {
  if (to === undefined) {
    const previous = previousReleases(updates, now);
    if (previous) return previous;
    throw new Failure(
      `rollback: nothing ran well in ${stack} before ${inWords(now)}. Name a release by --to, or see: npm run slipway -- history --stack ${stack}`,
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
  { text }: Ground,
  updates: readonly Update[],
  { stack, to, service = [] }: RollbackOptions,
  now: Releases,
): Releases {
  return service.reduce((releases, name) => {
    const own = (update: Update) => serviceRelease(update.releases.tags[name], update.releases.release);
    const ran = updates.map((update) => ({ ...update, releases: { release: own(update), tags: {} } }));
    const before = { release: serviceRelease(now.tags[name], now.release), tags: {} };
    const target = ofAll(ran, { stack, ...(to && { to }) }, before);
    return changed(releases, target.release, [name]);
  }, releasesIn(text));
}

function releaseOf({ environment }: Ground, name: string): string | undefined {
  return environment.services.find((service) => service.name === name)?.release;
}

/** A rollback takes images back and nothing else; what it leaves must be known before, not after. */
async function nameWhatStays(git: SimpleGit, ground: Ground, back: readonly DeliveredService[]): Promise<void> {
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
    say(`The config stays as it is. Changed since then:\n${changes.map((line) => `  ${line}`).join("\n")}`);
}
