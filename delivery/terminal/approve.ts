import { readHistory } from "../engine/history.ts";
import { Failure } from "../failure.ts";
import { info, printResult } from "../output.ts";
import { formatReleases } from "../releases.ts";
import type { UpdateContext } from "../update/context.ts";
import { confirm } from "./confirm.ts";
import { type PlannedUpdate, planUpdate } from "./plan.ts";
import { formatPlan } from "./plan-text.ts";
import { isAttended, style } from "./style.ts";

/**
 * Prints what an update would do, for --dry-run.
 *
 * @param result the rest of the command's result
 * @throws Failure if the engine cannot preview it; the update would probably fail as well.
 */
export async function printPlan(context: UpdateContext, update: PlannedUpdate, result: object): Promise<void> {
  const { options } = context;
  const plan = await planUpdate(context, update);
  if (plan.failure !== undefined) {
    throw new Failure(`${update.action} of ${options.stack}: the preview failed. ${plan.failure}`);
  }
  printResult(options, { ...result, plan }, formatPlan(plan, process.stdout));
}

/**
 * Before an update of an environment with `protect: data`, shows a person the plan and asks. CI, scripts and `--yes` are not asked.
 *
 * @throws Failure if the answer is not yes, or the engine cannot preview a deploy. A rollback and a restart can go on without a preview.
 */
export async function approveUpdate(context: UpdateContext, update: PlannedUpdate): Promise<void> {
  const { options, run, environment } = context;
  const { stack } = options;
  if (environment.config.protect !== "data" || options.yes || run.isCi || !isAttended()) return;
  const { action } = update;
  const [before] = context.sources.updates;
  const what = `${action} ${formatReleases(update.releases)}`;
  info(style("dim", `Comparing ${what} with what runs in ${stack}. --yes skips this.`));
  const plan = await planUpdate(context, update);
  if (plan.failure !== undefined && action === "deploy") {
    throw new Failure(`${action} of ${stack}: the preview failed, nothing was changed. ${plan.failure}`);
  }
  info(`\n${style("bold", `${stack}: ${what}`)}\n${formatPlan(plan, process.stderr)}\n`);
  if (!(await confirm(`Change ${stack}?`))) throw new Failure("Nothing was changed.");
  const [now] = await readHistory(context.root, stack, 1);
  if (now?.at === before?.at) return;
  throw new Failure(
    `${action} of ${stack}: somebody else has changed ${stack} since the plan was made; nothing was changed. Run this again.`,
  );
}
