import { warn } from "../output.ts";
import type { Releases } from "../releases.ts";
import {
  formatMoves,
  isStale,
  listDowngrades,
  listMoves,
  refusal,
  refuseUnmergedRecord,
  staleRefusal,
} from "./compare.ts";
import type { UpdateContext } from "./context.ts";

/**
 * The releases that the services which are not named keep: those of the stack's file, unless the file would take them back.
 *
 * @param named services; if it is empty, all get the release, and none keeps its own
 * @throws Failure if a `git pull` brings the file up to date.
 */
export async function releasesOfOthers(context: UpdateContext, named: readonly string[]): Promise<Releases> {
  const { file, now, branch } = context.sources;
  if (named.length === 0) return file;
  const others = (to: Releases) => listMoves(context, now, to).filter(({ name }) => !named.includes(name));
  const moves = others(file);
  if (moves.length === 0) return file;
  refuseUnmergedRecord(context, "deploy");
  if (branch && others(branch.releases).length === 0 && (await isStale(context))) throw staleRefusal(context, "deploy");
  const back = await listDowngrades(context, moves);
  if (back.length === 0) return file;
  if (back.length < moves.length) {
    throw refusal(
      context,
      `deploy of ${context.options.stack}: the file would also change ${formatMoves(moves)}.`,
      "Correct the file, or name the release of every service: --release <tag> without --service.",
    );
  }
  warn(`The file would take other services back (${formatMoves(moves)}). They keep what they run.`);
  return now;
}

/** @throws Failure if a service would get a release that is older than what runs, as in an old job of CI that is run again. */
export async function refuseDowngrade(
  context: UpdateContext,
  releases: Releases,
  { release, service }: { release: string | undefined; service: readonly string[] },
): Promise<void> {
  const { stack } = context.options;
  const { file, running, updates } = context.sources;
  if (!running) return;
  const back = await listDowngrades(context, listMoves(context, running.releases, releases));
  if (back.length === 0) return;
  const wanted = release ?? file.release;
  const ran = updates.some(
    (update) =>
      update.result === "succeeded" &&
      [update.releases.release, ...Object.values(update.releases.tags)].includes(wanted),
  );
  // A job may be an old one that runs again, and an old checkout does not know what it takes back. A person with a current one does.
  if (release !== undefined && !context.run.isCi && !(await isStale(context))) {
    return warn(`${release} is older than what runs. Services are taken back: ${formatMoves(back)}.`);
  }
  const only = service.length > 0 ? ` --service ${service.join(" ")}` : "";
  throw refusal(
    context,
    `deploy of ${stack}: ${release ?? "the file"} is older than what runs and would take back ${formatMoves(back)}.`,
    [
      // Of releases that differ by service, one command cannot keep all.
      ...(release === undefined && Object.keys(running.releases.tags).length === 0
        ? [`To keep what runs: npm run slipway -- deploy --stack ${stack} --release ${running.releases.release}`]
        : []),
      ...(ran ? [`To go back on purpose: npm run slipway -- rollback --stack ${stack} --to ${wanted}${only}`] : []),
      "To deploy it anyway: add --allow-downgrade",
    ].join("\n"),
  );
}
