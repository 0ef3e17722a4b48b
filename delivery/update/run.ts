import { isEks } from "../../config/environment.ts";
import { stackFileOf } from "../../config/naming.ts";
import { printRunningServices, readSpreadServices } from "../cluster.ts";
import { type Changes, readChanges } from "../engine/changes.ts";
import { updateMessage } from "../engine/history.ts";
import { readLocks, type StackLock } from "../engine/locks.ts";
import { POLICY_PACK } from "../engine/policy-pack.ts";
import { breakLock, type EngineResult, lastLine, readOutputs, runEngine } from "../engine/run.ts";
import { SignalHold } from "../engine/signals.ts";
import { refuseUndeclaredProviders } from "../engine/state-providers.ts";
import { unfinishedReason } from "../engine/unfinished.ts";
import { atReleases, urlOf } from "../environment.ts";
import { EXIT } from "../exit-codes.ts";
import { Failure, reasonOf } from "../failure.ts";
import { checkBuildSource } from "../git/build-source.ts";
import { requireCommitted } from "../git/record.ts";
import { reportToJob } from "../github/job.ts";
import { GitOpsUpdate } from "../gitops/gitops-update.ts";
import { formatDuration, info, printResult, warn } from "../output.ts";
import { rebalance } from "../rebalance/rebalance.ts";
import { formatReleases, type Releases } from "../releases.ts";
import { type DeployRun, writeRun } from "../run-folder.ts";
import type { ServiceStatus } from "../running-services.ts";
import { formatOutcome, readOutcomes } from "../service-outcome.ts";
import type { Spread } from "../spread/spread.ts";
import { approveUpdate, printPlan } from "../terminal/approve.ts";
import { followUpdate } from "../terminal/follow-update.ts";
import { checkUncommitted, warnIfStale } from "./checkout.ts";
import type { UpdateContext } from "./context.ts";
import { followUp } from "./follow-up.ts";
import { programEnvironment } from "./program-environment.ts";
import { type PlannedRecord, plannedText, recordUpdate, type UpdateRecord } from "./record.ts";
import type { SwitchesBack } from "./switches-back.ts";

/** An update to run. */
export interface UpdatePlan extends PlannedRecord {
  /** Services that go back to pods which still run, before the engine changes anything. @default - none */
  switchesBack?: SwitchesBack;
}

/**
 * Records the change, runs `pulumi up`, and then uploads artifacts, pushes a tag and notifies Slack.
 *
 * @throws Failure if the update failed. If it was refused before anything changed, its record is reverted.
 */
export async function runUpdate(context: UpdateContext, plan: UpdatePlan): Promise<void> {
  const { options, text } = context;
  const { stack } = options;
  const { action, subject } = plan;
  const release = formatReleases(plan.releases);
  const changed = plannedText(context, plan) !== text;
  if (context.git && changed && options.commit !== false) await requireCommitted(context.git, stack);
  // The engine finds it too, but only after the record is pushed.
  const lock = options.dryRun || options.breakLock ? undefined : readLocks(context.root, stack).catch(() => undefined);
  const uncommitted = await checkUncommitted(context);
  const [holder] = (await lock) ?? [];
  if (holder !== undefined) throw lockedFailure(action, stack, describeHolder(holder));
  // A rollback builds nothing: its images are in the registry.
  if (context.git && action !== "rollback") {
    await checkBuildSource(context.git, atReleases(context.environment, plan.releases));
  }
  await warnIfStale(context);
  await refuseUndeclaredProviders(context.root, stack);
  if (options.dryRun) {
    const file = stackFileOf(stack);
    info(
      `Would ${changed ? `record in ${file}: ${subject}` : `leave ${file} unchanged`}, and run: pulumi up --stack ${stack}`,
    );
    await plan.switchesBack?.announce();
    return printPlan(context, plan, { dryRun: true, action, stack, release, recorded: changed });
  }
  await approveUpdate(context, plan);
  // From the record on, a signal ends the engine and not this process: the result must be recorded too.
  const signals = new SignalHold();
  try {
    await recordAndRun(context, plan, { uncommitted, signals });
  } finally {
    signals.release();
  }
}

async function recordAndRun(
  context: UpdateContext,
  plan: UpdatePlan,
  { uncommitted, signals }: { uncommitted: readonly string[]; signals: SignalHold },
): Promise<void> {
  const { root, options, run } = context;
  const { stack } = options;
  const { action } = plan;
  const gitops = GitOpsUpdate.of(context, plan);
  const release = formatReleases(plan.releases);
  const record = await recordUpdate(context, plan);
  const startedAt = new Date();
  // Nothing waits for it: the program takes longer to begin.
  const before = gitops
    ? Promise.resolve({})
    : readSpreadServices(context.environment).catch((): Record<string, ServiceStatus> => ({}));
  const engine = await runOrRevert(context, plan, record, async () => {
    if (options.breakLock) await breakLock(root, stack);
    info(`${action} ${release}: pulumi up --stack ${stack}`);
    const message = updateMessage({ action, releases: release, actor: run.actor, uncommitted });
    const flags = ["--yes", "--skip-preview", "--suppress-outputs", ...(action === "deploy" ? POLICY_PACK : [])];
    const args = ["up", ...flags, "--message", message];
    const follower = followUpdate(context.environment, options);
    const onEvent: typeof follower.onEvent = (event) => {
      // The engine writes its first event when it holds the stack's lock.
      plan.switchesBack?.begin();
      follower.onEvent(event);
    };
    const environment = { ...programEnvironment(plan, options), ...gitops?.environment };
    const command = { root, stack, args: [...args, ...(gitops?.targets ?? [])], environment, signals };
    const engine = await runEngine({ ...command, ...follower, onEvent }).finally(follower.stop);
    if (engine.ok) await gitops?.publish(record.commit);
    return engine;
  }).finally(() => gitops?.end());
  if (engine.ok) await gitops?.follow(() => signals.received !== undefined);
  const ok = engine.ok && gitops?.failure === undefined;
  const seconds = (Date.now() - startedAt.valueOf()) / 1000;
  // Whoever has interrupted it may not wait for the cluster's answer.
  const changes = readChanges(engine.events);
  const evensOut = engine.ok && movesPods(context, action, changes);
  const running =
    engine.interrupted || gitops
      ? undefined
      : await printRunningServices(context.environment, { before: spreadsOf(changes, await before), evensOut });
  const result: DeployRun = {
    stack,
    action,
    release,
    previous: formatReleases(previousOf(context, action)),
    services:
      gitops?.services ??
      readOutcomes(changes, engine.ok, atReleases(context.environment, plan.releases).services, running),
    ...(gitops?.manifests && { manifests: gitops.manifests }),
    ...(engine.interrupted ? { images: {} } : await readResult(context)),
    actor: run.actor,
    startedAt: startedAt.toISOString(),
    seconds,
    status: ok ? "succeeded" : engine.interrupted ? "cancelled" : "failed",
    ...(!ok && { reason: gitops?.failure ?? failureReason(changes, engine, stack) }),
    ...(record.commit && { commit: record.commit }),
    ...(uncommitted.length > 0 && { uncommitted: [...uncommitted] }),
    ...(run.url && { url: run.url }),
    ...(run.build && { build: run.build }),
  };
  const folder = writeRun(root, result, engine.log, engine.events);
  await record.settle();
  signals.release();
  reportToJob(result, urlOf(context.environment));
  // What waits for its review is neither tagged nor told of as deployed.
  if (!gitops?.isInReview) await followUp(context, { run: result, folder, log: engine.log });
  if (!ok) throw new Failure(failureMessage(result), EXIT.failed);
  // Last, when the deploy is recorded and reported.
  const moved = evensOut && { moved: await rebalance(context.environment) };
  const waiting = result.services.filter(({ waits }) => waits);
  const lines = [
    ...(gitops?.unseen ?? [`${stack} runs ${release} (${formatDuration(seconds)}).`]),
    ...waiting.map((service) => `${formatOutcome(service)}. ${promotionHint(service.name, stack)}`),
  ];
  printResult(options, { ...result, folder, ...moved }, lines.join("\n"));
}

/** Where the services that an update changed ran before it. */
function spreadsOf({ services }: Changes, before: Record<string, ServiceStatus>): Record<string, Spread | undefined> {
  return Object.fromEntries(services.map(({ name }) => [name, before[name]?.spread]));
}

/** Not after a rollback: whoever goes back has other worries than where pods run. Not if nothing has changed either. */
function movesPods({ environment }: UpdateContext, action: UpdatePlan["action"], { services }: Changes): boolean {
  return environment.config.rebalance === "afterDeploy" && action !== "rollback" && services.length > 0;
}

/**
 * Runs the engine. Whatever keeps it from changing anything, the record is reverted.
 *
 * @throws Failure if nothing was changed.
 */
async function runOrRevert(
  {
    options: { stack },
    environment: {
      config: { gitops },
    },
  }: UpdateContext,
  { action, switchesBack }: UpdatePlan,
  record: UpdateRecord,
  runIt: () => Promise<EngineResult>,
): Promise<EngineResult> {
  let changed = false;
  try {
    const engine = await runIt();
    // An update that only renders has changed nothing of what runs before its commit is pushed.
    changed = engine.ok || (engine.mayHaveChanged && gitops === undefined);
    if (changed) return engine;
    const [problem = unfinishedReason(engine)] = readChanges(engine.events).problems;
    if (engine.locked) throw lockedFailure(action, stack, holderIn(engine.log));
    throw new Failure(`${action} of ${stack}: refused, nothing was changed. ${problem}`, EXIT.refused);
  } finally {
    if (!changed) {
      await switchesBack?.undo();
      await record.revert();
    }
  }
}

function promotionHint(service: string, stack: string): string {
  return `To switch: npm run slipway -- promote ${service} --stack ${stack}. To go back: npm run slipway -- abort ${service} --stack ${stack}`;
}

/** It names the release: the checkout in which somebody resumes may not have the record. */
function resumeCommand({ action, stack, release }: Pick<DeployRun, "action" | "stack" | "release">): string {
  // Releases that differ by service cannot be named in one command.
  const one = release.includes(",") ? undefined : release;
  if (action === "restart") return `restart --stack ${stack}`;
  if (action === "rollback") return `rollback --stack ${stack}${one ? ` --to ${one}` : ""}`;
  return `deploy --stack ${stack}${one ? ` --release ${one}` : ""}`;
}

/** A rollback leaves the newest update, which may have failed. Any other update replaces what runs. */
function previousOf({ sources }: UpdateContext, action: UpdatePlan["action"]): Releases {
  return action === "rollback" ? sources.now : (sources.running?.releases ?? sources.now);
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
    warn(`The outputs of ${options.stack} cannot be read: ${reasonOf(error)}. This did not affect the update.`);
    return { images: {}, ...region };
  }
}

function failureReason({ problems }: Changes, engine: EngineResult, stack: string): string {
  const isExplained = problems.length > 0 && !engine.interrupted && !engine.killed;
  const reason = isExplained ? problems.slice(0, 3).join("\n") : (unfinishedReason(engine) ?? lastLine(engine.log));
  if (!engine.isChangeUnknown) return reason;
  return [
    reason,
    `It is not known what was changed, because the engine's events are missing. What runs: npm run slipway -- status --stack ${stack}`,
  ].join("\n");
}

function lockedFailure(action: string, stack: string, holder: string | undefined): Failure {
  return new Failure(
    `${action} of ${stack}: refused, nothing was changed. Another update of the stack is running${holder ? ` (${holder})` : ""}. Wait for ` +
      "it to end and run this again. If it was killed, the stack stays " +
      `locked: npm run slipway -- unlock --stack ${stack} (docs/runbooks/stuck-lock.md).`,
    EXIT.locked,
  );
}

function describeHolder({ user, host, pid, at }: StackLock): string {
  return `created by ${user}@${host} (pid ${pid}) at ${at}`;
}

/** The engine's message names the host, process and time of the update that holds the lock. */
function holderIn(log: string): string | undefined {
  const line = log.split("\n").find((text) => /created by|currently in progress/.test(text));
  return line?.trim().replace(/^error: /, "");
}

function failureMessage({ action, stack, release, previous, seconds, services, reason, status }: DeployRun): string {
  if (status === "cancelled") {
    return [
      `${action} of ${release} to ${stack} was interrupted after ${formatDuration(seconds)}.`,
      ...services.map((service) => `  ${formatOutcome(service)}`),
      reason,
      `To resume: npm run slipway -- ${resumeCommand({ action, stack, release })}`,
    ].join("\n");
  }
  return [
    `${action} of ${release} to ${stack} failed after ${formatDuration(seconds)}.`,
    ...services.map((service) => `  ${formatOutcome(service)}`),
    reason,
    ...(action === "deploy" && release !== previous
      ? [`To roll back: npm run slipway -- rollback --stack ${stack}`]
      : []),
    "More: docs/runbooks/failed-deploy.md",
  ].join("\n");
}
