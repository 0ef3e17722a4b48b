import type { CiRun } from "../ci.ts";
import { reasonOf } from "../failure.ts";
import type { Git } from "../git/repository.ts";
import { GitHub, type Job, type PullRequest } from "../github/client.ts";
import { warn } from "../output.ts";
import type { StoredRun } from "../run-folder.ts";
import { type DeployReport, slackMessage } from "./message.ts";
import { sendToSlack } from "./send.ts";

/** Two messages of one thing would hide the third. */
export const ARGO_CD_NOTIFIES = "Argo CD notifies Slack of what becomes of it (delivery.gitops.slack).";

/** What CI knows about a job that ended without a deploy. */
export interface JobResult {
  /** @default - failed */
  status?: DeployReport["status"];
  /** @default - none, or for a failed job a hint to look into the log */
  reason?: string;
}

/**
 * Notifies Slack of a deploy, if a webhook is set. Never fails: it warns.
 *
 * @param retry sentence that says how to send the message again
 */
export async function notifyDeploy(git: Git | undefined, run: CiRun, stored: StoredRun, retry: string): Promise<void> {
  if (!process.env.SLACK_WEBHOOK_URL) return;
  try {
    await sendToSlack(slackMessage(await buildReport(git, run, stored.run.stack, stored)), retry);
  } catch (error) {
    warn(`Slack was not notified: ${reasonOf(error)}. ${retry}`);
  }
}

/** Collects what is known about a deploy, from its folder and from GitHub. @param stored undefined if there was no deploy */
export async function buildReport(
  git: Git | undefined,
  ci: CiRun,
  stack: string,
  stored: StoredRun | undefined,
  job: JobResult = {},
): Promise<DeployReport> {
  const run = stored?.run;
  const commit = run?.commit ?? (await git?.findCommit("HEAD").catch(() => undefined));
  const { pullRequest, jobs } = await queryGitHub(git, commit, ci);
  const status = run?.status ?? job.status ?? "failed";
  const reason =
    job.reason ??
    run?.reason ??
    (!run && job.status === "failed" ? "The job failed before the update began: see the log." : undefined);
  const url = run?.url ?? ci.url;
  return {
    stack,
    action: run?.action ?? "deploy",
    status,
    ...(run && { release: run.release, previous: run.previous, seconds: run.seconds, folder: stored.folder }),
    services: run?.services ?? [],
    ...(run?.manifests?.unseen && { isCommittedOnly: true }),
    ...(run?.manifests?.review && { review: run.manifests.review }),
    ...(run?.uncommitted && { uncommitted: run.uncommitted }),
    actor: run?.actor ?? ci.actor,
    ...(reason && { reason }),
    jobs,
    ...(pullRequest && { pullRequest }),
    ...(url && { url }),
    ...(run &&
      run.release !== run.previous &&
      run.action !== "rollback" &&
      !run.manifests?.review &&
      status !== "cancelled" && { rollback: `npm run slipway -- rollback --stack ${stack}` }),
  };
}

/** The pull request and the jobs. If GitHub does not answer, the message is sent without them. */
async function queryGitHub(
  git: Git | undefined,
  commit: string | undefined,
  { workflowRun }: CiRun,
): Promise<{ pullRequest?: PullRequest; jobs: Job[] }> {
  try {
    const github = await GitHub.connect(git);
    if (github === undefined) return { jobs: [] };
    const pullRequest = commit && (await github.findPullRequest(commit));
    const jobs = workflowRun === undefined ? [] : await github.listJobs(workflowRun);
    return { ...(pullRequest && { pullRequest }), jobs };
  } catch (error) {
    warn(`GitHub does not give the pull request and the jobs: ${reasonOf(error)}. The message is sent without them.`);
    return { jobs: [] };
  }
}
