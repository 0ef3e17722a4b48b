import type { SimpleGit } from "simple-git";
import { isEks } from "../config/environment.ts";
import { currentRun, type Run } from "./ci.ts";
import { artifactsOf } from "./commands/artifacts.ts";
import { inWords, updateMessage } from "./commands/history.ts";
import { notifyOf } from "./commands/notify.ts";
import { sayWhatRuns } from "./commands/status.ts";
import { tagOf } from "./commands/tag.ts";
import { type Changes, changesIn, touchedAnything } from "./engine/changes.ts";
import { askEngine, breakLock, runEngine } from "./engine/run.ts";
import { checkServices, type DeliveredEnvironment, readEnvironment } from "./environment.ts";
import { Failure, reasonOf } from "./failure.ts";
import { checkBuildSource } from "./git/build-source.ts";
import { commitRecord, type Pushed, pushRecord } from "./git/record.ts";
import { gitReason, openRepository } from "./git/repository.ts";
import { type CommonOptions, conclude, duration, say, warn } from "./output.ts";
import { type DeployRun, type StoredRun, writeRun } from "./run-folder.ts";
import { readStackFile, releasesIn, stackFileOf, writeStackFile } from "./stack-file.ts";

/** What deploy, rollback and restart take alike. */
export interface UpdateOptions extends CommonOptions {
  stack: string;
  /** Services it is about. @default - all */
  service?: string[];
  /** Commit the change of the stack's file. @default true */
  commit?: boolean;
  /** Push the commit, to the branch that is checked out or built. @default - true in CI, else false */
  push?: boolean;
  /** Upload the artifacts afterwards. @default true */
  artifacts?: boolean;
  /** Bucket for them. @default - the stack's own, or SLIPWAY_ARTIFACTS_BUCKET */
  bucket?: string;
  /** Push the git tag afterwards. @default true */
  tag?: boolean;
  /** Tell Slack afterwards. @default true */
  notify?: boolean;
  /** First take away the lock that a killed update left. Whoever asks for it must know that none runs. @default false */
  breakLock?: boolean;
}

/** What an update stands on; nothing has been changed yet. */
export interface Ground {
  root: string;
  options: UpdateOptions;
  /** Undefined where nothing is to be committed and there is no repository. */
  git: SimpleGit | undefined;
  run: Run;
  /** The stack's file as it is. */
  text: string;
  environment: DeliveredEnvironment;
}

/** What is to be done. */
export interface Plan {
  action: DeployRun["action"];
  /** Subject of the record's commit. */
  subject: string;
  edit: (text: string) => string;
}

/** @throws Failure for faults of the config, services that the stack does not run, or no git repository. */
export async function layGround(options: UpdateOptions, root: string): Promise<Ground> {
  const text = readStackFile(root, options.stack);
  const environment = readEnvironment(root, options.stack, text);
  checkServices(environment, options.service ?? []);
  const git = options.commit === false ? await openRepository(root).catch(() => undefined) : await openRepository(root);
  return { root, options, git, run: await currentRun(git, root), text, environment };
}

/**
 * Records the change, updates the stack, and tells of it. Artifacts, tag and message are told apart from the update: whatever
 * becomes of them, its outcome stays, and a warning says what to run again.
 *
 * @throws Failure if the update failed. Where it was refused before anything was touched, its record is taken back.
 */
export async function carryOut(ground: Ground, plan: Plan): Promise<void> {
  const { root, options, run, text, environment } = ground;
  const { stack } = options;
  const edited = plan.edit(text);
  const release = inWords(releasesIn(edited));
  // A rollback has seen to it that nothing is to be built.
  if (ground.git && plan.action !== "rollback") {
    await checkBuildSource(ground.git, readEnvironment(root, stack, edited));
  }
  if (options.dryRun) {
    const record =
      edited === text ? `leave ${stackFileOf(stack)} as it is` : `record in ${stackFileOf(stack)}: ${plan.subject}`;
    say(`Would ${record}, and run: pulumi up --stack ${stack}`);
    conclude(options, { dryRun: true, action: plan.action, stack, release, recorded: edited !== text }, "");
    return;
  }
  if (options.breakLock) await breakLock(root, stack);
  const record = await recordPlan(ground, plan, edited);
  const startedAt = new Date();
  const message = updateMessage(plan.action, release, run.actor);
  say(`${plan.action} ${release}: pulumi up --stack ${stack}`);
  const engine = await runEngine({
    root,
    stack,
    args: ["up", "--yes", "--skip-preview", "--suppress-outputs", "--message", message],
  });
  const seconds = (Date.now() - startedAt.valueOf()) / 1000;
  const changes = changesIn(engine.events);
  if (!engine.ok && (engine.locked || !touchedAnything(engine.events))) {
    await record.takeBack();
    const reason = engine.locked ? lockedReason(engine.log) : (changes.problems[0] ?? lastLine(engine.log));
    throw new Failure(`${plan.action} of ${stack}: refused, nothing was changed. ${reason}`);
  }
  const facts = await readFacts(ground);
  const told: DeployRun = {
    stack,
    action: plan.action,
    release,
    previous: inWords(releasesIn(text)),
    services: changes.services.map(({ name, from, to }) => ({ name, ...(from && { from }), ...(to && { to }) })),
    ...facts,
    actor: run.actor,
    startedAt: startedAt.toISOString(),
    seconds,
    status: engine.ok ? "succeeded" : "failed",
    ...(!engine.ok && { reason: failureReason(changes, engine.log) }),
    ...(record.base && { commit: record.base }),
    ...(run.url && { url: run.url }),
    ...(run.build && { build: run.build }),
    ...(isEks(environment.config) && { region: environment.config.aws.region }),
  };
  const folder = writeRun(root, told, engine.log, engine.events);
  await sayWhatRuns(environment);
  await tellOf(ground, { run: told, folder, log: engine.log });
  if (!engine.ok) throw new Failure(failureMessage(told));
  conclude(options, { ...told, folder }, `${stack} runs ${release} (${duration(seconds)}).`);
}

interface KeptRecord {
  /** Commit that was checked out. */
  base: string | undefined;
  /** Leaves the file, and the branch, as they were. */
  takeBack: () => Promise<void>;
}

async function recordPlan(ground: Ground, plan: Plan, edited: string): Promise<KeptRecord> {
  const { git, root, options, run, text } = ground;
  const { stack } = options;
  const base = git && (await git.revparse(["HEAD"]).catch(() => undefined));
  if (edited === text) return { base, takeBack: async () => {} };
  const change = { stack, edit: plan.edit, subject: plan.subject, action: plan.action, actor: run.actor };
  if (!git || options.commit === false) {
    writeStackFile(root, stack, edited);
    return { base, takeBack: async () => writeStackFile(root, stack, text) };
  }
  await commitRecord(git, root, change);
  const wantsPush = options.push ?? run.isCi;
  const pushed = wantsPush ? await tryPush(git, change, run.branch) : undefined;
  if (!wantsPush) say(`Recorded in ${stackFileOf(stack)}, here only. For the others to see it: git push`);
  const takeBack = async () => {
    const back = { ...change, subject: `Take back: ${plan.subject}` };
    await commitRecord(git, root, { ...back, edit: (now) => (now === edited ? text : now) });
    if (pushed)
      await tryPush(git, { ...back, edit: (now) => (now === pushed.after ? pushed.before : now) }, pushed.branch);
  };
  return { base, takeBack };
}

/** A record that cannot be pushed holds up no deploy. */
async function tryPush(
  git: SimpleGit,
  change: Parameters<typeof pushRecord>[1],
  branch: string | undefined,
): Promise<Pushed | undefined> {
  try {
    if (branch === undefined) throw new Failure("no branch is checked out");
    return await pushRecord(git, change, branch);
  } catch (error) {
    warn(
      `The record "${change.subject}" could not be pushed (${error instanceof Failure ? error.message : gitReason(error)}). The deploy goes on. ` +
        `Run again when that is mended: npm run slipway -- release --stack ${change.stack} --push`,
    );
    return undefined;
  }
}

/** What the deploy is told of by afterwards, and only the state knows. */
async function readFacts({ root, options }: Ground): Promise<Pick<DeployRun, "images" | "bucket">> {
  try {
    type Outputs = { services?: DeployRun["images"]; platform?: { artifactsBucket?: string } };
    const outputs = await askEngine<Outputs>(root, options.stack, ["stack", "output"]);
    const bucket = options.bucket ?? outputs.platform?.artifactsBucket ?? process.env.SLIPWAY_ARTIFACTS_BUCKET;
    return { images: outputs.services ?? {}, ...(bucket && { bucket }) };
  } catch (error) {
    warn(`What ${options.stack} has become could not be read back: ${reasonOf(error)}. The deploy stands.`);
    return { images: {} };
  }
}

async function tellOf({ root, options, git, run }: Ground, stored: StoredRun): Promise<void> {
  const { stack } = options;
  const again = (command: string) =>
    `The ${stored.run.action} stands. Run again when that is mended: npm run slipway -- ${command} --stack ${stack} --run ${stored.folder}`;
  const attempt = async (command: string, what: string, work: () => Promise<unknown>) => {
    try {
      await work();
    } catch (error) {
      warn(`${what}: ${reasonOf(error)}. ${again(command)}`);
    }
  };
  if (options.artifacts !== false && stored.run.bucket) {
    await attempt("artifacts", "The artifacts were not uploaded", () => artifactsOf(root, stored, { stack }));
  }
  if (options.tag !== false && stored.run.status === "succeeded" && git && (options.push ?? run.isCi)) {
    await attempt("tag", "The git tag was not pushed", () => tagOf(git, stored.run, run.build));
  }
  if (options.notify !== false) await notifyOf(git, run, stored, again("notify"));
}

function failureReason(changes: Changes, log: string): string {
  return changes.problems.length > 0 ? changes.problems.slice(0, 3).join("\n") : lastLine(log);
}

function lastLine(log: string): string {
  return log.trim().split("\n").at(-1) ?? "";
}

/** The engine names host, process and time of whoever holds the lock. */
function lockedReason(log: string): string {
  const line =
    log
      .split("\n")
      .find((said) => /created by|currently in progress/.test(said))
      ?.trim() ?? "";
  return `Another update of the stack is under way${line ? ` (${line.replace(/^error: /, "")})` : ""}. Wait for it and run this again. Was it killed, and you know that none runs: add --break-lock (docs/runbooks/stuck-lock.md).`;
}

function failureMessage({ action, stack, release, previous, seconds, reason }: DeployRun): string {
  const back =
    action === "deploy" && release !== previous ? `\nTo go back: npm run slipway -- rollback --stack ${stack}` : "";
  return `${action} of ${release} to ${stack} failed after ${duration(seconds)}. What was rolled out stays; what failed runs as before.\n${reason}${back}\nMore: docs/runbooks/failed-deploy.md`;
}
