import { runsToEnd } from "../../config/kinds.ts";
import { Failure } from "../failure.ts";
import { warn } from "../output.ts";
import type { Releases } from "../releases.ts";
import { setRestartedAt } from "../stack-file.ts";
import {
  formatMoves,
  isStale,
  listDowngrades,
  listMoves,
  refusal,
  refuseUnmergedRecord,
  staleRefusal,
} from "../update/compare.ts";
import { prepareUpdate, type UpdateContext, type UpdateOptions } from "../update/context.ts";
import { runUpdate } from "../update/run.ts";

/**
 * Replaces the pods of services without a new image, by a rolling update like a deploy. No service gets another release.
 *
 * @throws Failure if the restart is refused or fails.
 */
export async function restart(options: UpdateOptions, root: string): Promise<void> {
  const context = await prepareUpdate(options, root);
  const { stack, service = [] } = options;
  const services = service.length > 0 ? service : restartable(context);
  refuseCron(context, service);
  if (services.length === 0) throw new Failure(`restart: ${stack} runs no services.`);
  const at = new Date().toISOString();
  const what = service.length > 0 ? service.join(", ") : "all services";
  await runUpdate(context, {
    action: "restart",
    subject: `Restart ${what} of ${stack}`,
    edit: (text) => setRestartedAt(text, stack, services, at),
    releases: await runningReleases(context),
  });
}

/** Services with pods to replace. A job runs again only if it is named. */
function restartable({ environment: { config } }: UpdateContext): string[] {
  return config.services.filter(({ kind }) => !runsToEnd(kind)).map(({ name }) => name);
}

function refuseCron({ environment: { config }, options: { stack } }: UpdateContext, named: readonly string[]): void {
  const cron = config.services.find(({ name, kind }) => kind === "cron" && named.includes(name));
  if (cron === undefined) return;
  throw new Failure(
    `restart: ${cron.name} is of kind cron: each run has a new pod, so there is none to replace. ` +
      `To run it now: npm run slipway -- run ${cron.name} --stack ${stack}`,
  );
}

/** @throws Failure if a restart would change a release, or nobody can say which releases run. */
async function runningReleases(context: UpdateContext): Promise<Releases> {
  const { file, running, now } = context.sources;
  const { stack } = context.options;
  if (await isStale(context)) throw staleRefusal(context, "restart");
  refuseUnmergedRecord(context, "restart");
  if (!running) return file;
  const unfinished = listMoves(context, running.releases, now);
  if (unfinished.length > 0) {
    throw refusal(
      context,
      `restart of ${stack}: the last update did not succeed, so a restart could change releases (${formatMoves(unfinished)}).`,
      `Finish it: npm run slipway -- deploy --stack ${stack}\nOr take it back: npm run slipway -- rollback --stack ${stack}`,
    );
  }
  const moves = listMoves(context, running.releases, file);
  const back = await listDowngrades(context, moves);
  // After a rollback that is not in the file, the file's release is the bad one.
  if (back.length < moves.length && running.action !== "rollback") {
    throw refusal(
      context,
      `restart of ${stack}: the file has releases that do not run yet (${formatMoves(moves)}), and a restart deploys none.`,
      `Deploy them first: npm run slipway -- deploy --stack ${stack}`,
    );
  }
  if (moves.length > 0)
    warn(`The file has other releases than what runs (${formatMoves(moves)}). The restart keeps what runs.`);
  return moves.length > 0 ? running.releases : file;
}
