import type { SimpleGit } from "simple-git";
import { detectCiRun, type Run } from "../ci.ts";
import { Failure, reasonOf } from "../failure.ts";
import { openRepository } from "../git/repository.ts";
import { GitHub, type Job, type PullRequest } from "../github/client.ts";
import { type CommonOptions, printResult, info, warn } from "../output.ts";
import { readRun, type StoredRun } from "../run-folder.ts";
import { type DeployReport, slackMessage } from "../slack/message.ts";

export interface NotifyOptions extends CommonOptions {
  stack: string;
  /** Folder that a deploy wrote. @default - the stack's newest */
  run?: string;
  /** How the job ended, where no deploy could say so. @default - what the run says */
  status?: "success" | "failure" | "cancelled";
  reason?: string;
}

const STATUSES = { success: "succeeded", failure: "failed", cancelled: "cancelled" } as const;

/** Tells Slack what became of a deploy, or of a job that ended before it had begun. Never fails: it warns. */
export async function notify(options: NotifyOptions, root: string): Promise<void> {
  const git = await openRepository(root).catch(() => undefined);
  const run = await detectCiRun(git, root);
  const stored = findRun(options, root);
  const story = await buildReport(git, run, options.stack, stored, options);
  const message = slackMessage(story);
  if (options.dryRun) info("Would tell Slack.");
  else
    await tell(
      message,
      `Run again when that is mended: npm run slipway -- notify --stack ${options.stack}${stored ? ` --run ${stored.folder}` : ""}`,
    );
  printResult(options, message, options.dryRun ? JSON.stringify(message, undefined, 2) : "");
}

/** @param again what to say of running it again. */
export async function notifyOf(git: SimpleGit | undefined, run: Run, stored: StoredRun, again: string): Promise<void> {
  if (!process.env.SLACK_WEBHOOK_URL) return;
  await tell(slackMessage(await buildReport(git, run, stored.run.stack, stored, {})), again);
}

async function tell(message: ReturnType<typeof slackMessage>, again: string): Promise<void> {
  await (await import("../slack/send.ts")).sendToSlack(message, again);
}

/** None is no fault: the job may have ended before there was one. */
function findRun({ stack, run, status }: NotifyOptions, root: string): StoredRun | undefined {
  try {
    return readRun(root, stack, run);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (run !== undefined || status === undefined) warn(error.message);
    return undefined;
  }
}

async function buildReport(
  git: SimpleGit | undefined,
  run: Run,
  stack: string,
  stored: StoredRun | undefined,
  { status, reason }: Pick<NotifyOptions, "status" | "reason">,
): Promise<DeployReport> {
  const told = stored?.run;
  const commit = told?.commit ?? (await git?.revparse(["HEAD"]).catch(() => undefined));
  const { pullRequest, jobs } = await askGitHub(git, commit, run);
  const failed = told ? told.status === "failed" : status === "failure";
  const why =
    reason ?? told?.reason ?? (failed && !told ? "The job failed before the update began: see the log." : undefined);
  const rollback =
    told && told.release !== told.previous && told.action !== "rollback"
      ? `npm run slipway -- rollback --stack ${stack}`
      : undefined;
  return {
    stack,
    action: told?.action ?? "deploy",
    status: told?.status ?? (status ? STATUSES[status] : "failed"),
    ...(told && { release: told.release, previous: told.previous, seconds: told.seconds, folder: stored.folder }),
    services: told?.services ?? [],
    actor: told?.actor ?? run.actor,
    ...(why && { reason: why }),
    jobs,
    ...(pullRequest && { pullRequest }),
    ...((told?.url ?? run.url) && { url: told?.url ?? run.url }),
    ...(rollback && { rollback }),
  };
}

/** What GitHub adds to the story. Without it the story is told all the same. */
async function askGitHub(
  git: SimpleGit | undefined,
  commit: string | undefined,
  { workflowRun }: Run,
): Promise<{ pullRequest?: PullRequest; jobs: Job[] }> {
  const github = await GitHub.connect(git);
  if (github === undefined) return { jobs: [] };
  try {
    const pullRequest = commit && (await github.findPullRequest(commit));
    const jobs = workflowRun === undefined ? [] : await github.listJobs(workflowRun);
    return { ...(pullRequest && { pullRequest }), jobs };
  } catch (error) {
    warn(
      `GitHub cannot be asked for the pull request and the jobs: ${reasonOf(error)}. The message goes without them.`,
    );
    return { jobs: [] };
  }
}
