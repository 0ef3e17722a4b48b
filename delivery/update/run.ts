import { isEks } from "../../config/environment.ts";
import { stackFileOf } from "../../config/naming.ts";
import { printRunningServices } from "../cluster.ts";
import { type Changes, readChanges } from "../engine/changes.ts";
import { updateMessage } from "../engine/history.ts";
import { breakLock, lastLine, readOutputs, runEngine } from "../engine/run.ts";
import { hasStartedChange } from "../engine/steps.ts";
import { atReleases, urlOf } from "../environment.ts";
import { EXIT } from "../exit-codes.ts";
import { Failure, reasonOf } from "../failure.ts";
import { checkBuildSource } from "../git/build-source.ts";
import { reportToJob } from "../github/job.ts";
import { formatDuration, info, printResult, warn } from "../output.ts";
import { formatReleases, type Releases } from "../releases.ts";
import { type DeployRun, writeRun } from "../run-folder.ts";
import { approveUpdate, printPlan } from "../terminal/approve.ts";
import { followUpdate } from "../terminal/follow-update.ts";
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
  const { root, options, run, text } = context;
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
    return printPlan(context, plan, { dryRun: true, action, stack, release, recorded: changed });
  }
  await approveUpdate(context, plan);
  if (options.breakLock) await breakLock(root, stack);
  const record = await recordUpdate(context, plan);
  const startedAt = new Date();
  info(`${action} ${release}: pulumi up --stack ${stack}`);
  const message = updateMessage(action, release, run.actor);
  const args = ["up", "--yes", "--skip-preview", "--suppress-outputs", "--message", message];
  const follower = followUpdate(context.environment, options);
  const engine = await runEngine({ root, stack, args, ...follower }).finally(follower.stop);
  const seconds = (Date.now() - startedAt.valueOf()) / 1000;
  const changes = readChanges(engine.events);
  if (!engine.ok && (engine.locked || !hasStartedChange(engine.events))) {
    await record.revert();
    const reason = engine.locked ? lockedReason(engine.log) : (changes.problems[0] ?? lastLine(engine.log));
    throw new Failure(
      `${action} of ${stack}: refused, nothing was changed. ${reason}`,
      engine.locked ? EXIT.locked : EXIT.refused,
    );
  }
  const result: DeployRun = {
    stack,
    action,
    release,
    previous: formatReleases(context.releases),
    services: changes.services.map(({ name, from, to }) => ({ name, ...(from && { from }), ...(to && { to }) })),
    ...(await readResult(context)),
    actor: run.actor,
    startedAt: startedAt.toISOString(),
    seconds,
    status: engine.ok ? "succeeded" : "failed",
    ...(!engine.ok && { reason: failureReason(changes, engine.log) }),
    ...(record.commit && { commit: record.commit }),
    ...(run.url && { url: run.url }),
    ...(run.build && { build: run.build }),
  };
  const folder = writeRun(root, result, engine.log, engine.events);
  reportToJob(result, urlOf(context.environment));
  await printRunningServices(context.environment);
  await followUp(context, { run: result, folder, log: engine.log });
  if (!engine.ok) throw new Failure(failureMessage(result), EXIT.failed);
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

function failureReason(changes: Changes, log: string): string {
  return changes.problems.length > 0 ? changes.problems.slice(0, 3).join("\n") : lastLine(log);
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

function failureMessage({ action, stack, release, previous, seconds, reason }: DeployRun): string {
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
