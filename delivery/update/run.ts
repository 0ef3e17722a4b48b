import { isEks } from "../../config/environment.ts";
import { stackFileOf } from "../../config/naming.ts";
import { printRunningServices } from "../cluster.ts";
import { type Changes, readChanges } from "../engine/changes.ts";
import { updateMessage } from "../engine/history.ts";
import { breakLock, type EngineResult, lastLine, readOutputs, runEngine } from "../engine/run.ts";
import { SignalHold } from "../engine/signals.ts";
import { unfinishedReason } from "../engine/unfinished.ts";
import { atReleases } from "../environment.ts";
import { Failure, reasonOf } from "../failure.ts";
import { checkBuildSource } from "../git/build-source.ts";
import { formatDuration, info, printResult, warn } from "../output.ts";
import { formatReleases, type Releases } from "../releases.ts";
import { type DeployRun, writeRun } from "../run-folder.ts";
import type { UpdateContext } from "./context.ts";
import { followUp } from "./follow-up.ts";
import { recordUpdate } from "./record.ts";

/** An update to run. */
export interface UpdatePlan {
  action: DeployRun["action"];
  /** Subject of the record's commit. */
  subject: string;
  /** The stack's file after the update, from its text before. */
  edit: (text: string) => string;
  /** Releases in the edited file. */
  releases: Releases;
}

/**
 * Records the change, runs `pulumi up`, and then uploads artifacts, pushes a tag and notifies Slack.
 *
 * @throws Failure if the update failed. If it was refused before anything changed, its record is reverted.
 */
export async function runUpdate(context: UpdateContext, plan: UpdatePlan): Promise<void> {
  const { root, options, text } = context;
  const { stack } = options;
  const { action, subject, edit } = plan;
  const release = formatReleases(plan.releases);
  // A rollback builds nothing: its images are in the registry.
  if (context.git && action !== "rollback") {
    await checkBuildSource(context.git, atReleases(context.environment, plan.releases));
  }
  if (options.dryRun) {
    const changed = edit(text) !== text;
    const file = stackFileOf(stack);
    info(
      `Would ${changed ? `record in ${file}: ${subject}` : `leave ${file} unchanged`}, and run: pulumi up --stack ${stack}`,
    );
    printResult(options, { dryRun: true, action, stack, release, recorded: changed }, "");
    return;
  }
  if (options.breakLock) await breakLock(root, stack);
  // From the record on, a signal ends the engine and not this process: the result must be recorded too.
  const signals = new SignalHold();
  try {
    await recordAndRun(context, plan, signals);
  } finally {
    signals.release();
  }
}

async function recordAndRun(context: UpdateContext, plan: UpdatePlan, signals: SignalHold): Promise<void> {
  const { root, options, run } = context;
  const { stack } = options;
  const { action } = plan;
  const release = formatReleases(plan.releases);
  const record = await recordUpdate(context, plan);
  const startedAt = new Date();
  info(`${action} ${release}: pulumi up --stack ${stack}`);
  const message = updateMessage(action, release, run.actor);
  const args = ["up", "--yes", "--skip-preview", "--suppress-outputs", "--message", message];
  const engine = await runEngine({ root, stack, args, signals });
  const seconds = (Date.now() - startedAt.valueOf()) / 1000;
  const changes = readChanges(engine.events);
  if (!engine.ok && (engine.locked || !engine.mayHaveChanged)) {
    await record.revert();
    const reason = engine.locked ? lockedReason(engine.log) : (changes.problems[0] ?? unfinishedReason(engine));
    throw new Failure(`${action} of ${stack}: refused, nothing was changed. ${reason}`);
  }
  const result: DeployRun = {
    stack,
    action,
    release,
    previous: formatReleases(context.releases),
    services: changes.services.map(({ name, from, to }) => ({ name, ...(from && { from }), ...(to && { to }) })),
    ...(engine.interrupted ? { images: {} } : await readResult(context)),
    actor: run.actor,
    startedAt: startedAt.toISOString(),
    seconds,
    status: engine.ok ? "succeeded" : engine.interrupted ? "cancelled" : "failed",
    ...(!engine.ok && { reason: failureReason(changes, engine) }),
    ...(record.commit && { commit: record.commit }),
    ...(run.url && { url: run.url }),
    ...(run.build && { build: run.build }),
  };
  const folder = writeRun(root, result, engine.log, engine.events);
  signals.release();
  await printRunningServices(context.environment);
  await followUp(context, { run: result, folder, log: engine.log });
  if (!engine.ok) throw new Failure(failureMessage(result));
  printResult(options, { ...result, folder }, `${stack} runs ${release} (${formatDuration(seconds)}).`);
}

/** What only the stack's outputs tell about an update. */
async function readResult(context: UpdateContext): Promise<Pick<DeployRun, "images" | "bucket" | "region">> {
  const { root, options, environment } = context;
  const region = isEks(environment.config) && { region: environment.config.aws.region };
  try {
    const { services = {}, platform } = await readOutputs(root, options.stack);
    const bucket = options.bucket ?? platform?.artifactsBucket ?? process.env.SLIPWAY_ARTIFACTS_BUCKET;
    return { images: services, ...(bucket && { bucket }), ...region };
  } catch (error) {
    warn(`The outputs of ${options.stack} cannot be read: ${reasonOf(error)}. The deploy stands.`);
    return { images: {}, ...region };
  }
}

function failureReason({ problems }: Changes, engine: EngineResult): string {
  const isExplained = problems.length > 0 && !engine.interrupted && !engine.killed;
  return isExplained ? problems.slice(0, 3).join("\n") : (unfinishedReason(engine) ?? lastLine(engine.log));
}

/** The engine's message names the host, process and time of the update that holds the lock. */
function lockedReason(log: string): string {
  const holder = log.split("\n").find((line) => /created by|currently in progress/.test(line));
  const who = holder ? ` (${holder.trim().replace(/^error: /, "")})` : "";
  return (
    `Another update of the stack is running${who}. Wait for it to end and run this again. If that update was killed ` +
    "and no update is running, add --break-lock (docs/runbooks/stuck-lock.md)."
  );
}

function failureMessage({ action, stack, release, previous, seconds, reason, status }: DeployRun): string {
  if (status === "cancelled") {
    return [
      `${action} of ${release} to ${stack} was interrupted after ${formatDuration(seconds)}. ` +
        "Some services may have the new release, the others keep the old one.",
      reason,
      `To resume: npm run slipway -- deploy --stack ${stack}`,
    ].join("\n");
  }
  return [
    `${action} of ${release} to ${stack} failed after ${formatDuration(seconds)}. ` +
      "Updated services keep the new release; failed ones keep the old one.",
    reason,
    ...(action === "deploy" && release !== previous
      ? [`To roll back: npm run slipway -- rollback --stack ${stack}`]
      : []),
    "More: docs/runbooks/failed-deploy.md",
  ].join("\n");
}
