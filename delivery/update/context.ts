import { type CiRun, detectCiRun } from "../ci.ts";
import type { History } from "../engine/history.ts";
import { readEnvironment, requireServices, type StackEnvironment } from "../environment.ts";
import { type Git, openRepository } from "../git/repository.ts";
import type { CommonOptions } from "../output.ts";
import { readStackFile } from "../stack-file.ts";
import { readSources, type Sources } from "./sources.ts";

/** Options of deploy, rollback and restart. */
export interface UpdateOptions extends CommonOptions {
  stack: string;
  /** Services to deploy, roll back or restart. @default - all */
  service?: string[];
  /** Commit the change of the stack's file. @default true */
  commit?: boolean;
  /** Push the record to the branch that keeps the records. @default - true in CI, else false */
  push?: boolean;
  /** Branch that keeps the records. @default - SLIPWAY_BRANCH, else the remote's default branch */
  branch?: string;
  /** Upload the artifacts after the update. @default true */
  artifacts?: boolean;
  /** Bucket for the artifacts. @default - the stack's own, or SLIPWAY_ARTIFACTS_BUCKET */
  bucket?: string;
  /** Push the git tag after the update. @default true */
  tag?: boolean;
  /** Notify Slack after the update. @default true */
  notify?: boolean;
  /** Remove the lock of a killed update first. Only safe if no update is running. @default false */
  breakLock?: boolean;
  /** Do not ask before an environment with `protect: data` changes. @default false */
  yes?: boolean;
  /** Print the engine's own lines. @default false */
  verbose?: boolean;
  /** Deploy a release that is older than a contract migration. @default false */
  acrossContract?: boolean;
  /** Services that the update may remove together. @default - one at a time */
  allowDelete?: string[];
  /** Overwrite manifests that somebody has edited by hand in the manifests repository. @default false */
  overwriteEdits?: boolean;
}

/** What a command knows before an update. Every file is read once, here. */
export interface UpdateContext {
  root: string;
  options: UpdateOptions;
  /** Undefined outside of a git repository, with --no-commit. */
  git: Git | undefined;
  run: CiRun;
  /** Text of the stack's file. */
  text: string;
  /** What says which releases the stack runs. */
  sources: Sources;
  /** The engine's history, in growing parts. */
  history: AsyncGenerator<History>;
  environment: StackEnvironment;
}

/**
 * Reads the stack and its surroundings, and compares what says which releases it runs.
 *
 * @throws Failure for a faulty config, an unknown service, or without a git repository or the engine.
 */
export async function prepareUpdate(options: UpdateOptions, root: string): Promise<UpdateContext> {
  const text = readStackFile(root, options.stack);
  const environment = readEnvironment(root, options.stack, text);
  requireServices(environment, options.service ?? []);
  const git = options.commit === false ? await openRepository(root).catch(() => undefined) : await openRepository(root);
  const run = await detectCiRun(git, root);
  const { history, ...sources } = await readSources(root, git, { stack: options.stack, branch: options.branch, text });
  return { root, options, git, run, text, environment, sources, history };
}

/** Whether the record is pushed. */
export function pushesRecord({ options, run, git }: UpdateContext): boolean {
  return git !== undefined && options.commit !== false && (options.push ?? run.isCi);
}
