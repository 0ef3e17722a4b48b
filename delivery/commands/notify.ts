import { type CiRun, detectCiRun } from "../ci.ts";
import { Failure, reasonOf } from "../failure.ts";
import { openRepository } from "../git/repository.ts";
import { type CommonOptions, info, printResult, warn } from "../output.ts";
import { type DeployRun, readRun, type StoredRun } from "../run-folder.ts";
import { slackMessage } from "../slack/message.ts";
import { ARGO_CD_NOTIFIES, buildReport } from "../slack/notify.ts";
import { sendToSlack } from "../slack/send.ts";

export interface NotifyOptions extends CommonOptions {
  stack: string;
  /** Folder that a deploy wrote. @default - the stack's newest */
  run?: string;
  /** Result of the job, if it ended before the deploy began. @default - what the run says */
  status?: "success" | "failure" | "cancelled";
  reason?: string;
}

const STATUSES = { success: "succeeded", failure: "failed", cancelled: "cancelled" } as const;

/** Notifies Slack of the result of a deploy, or of a job that ended before one began. Never fails: it warns. */
export async function notify(options: NotifyOptions, root: string): Promise<void> {
  const { stack, status, reason } = options;
  const git = await openRepository(root).catch(() => undefined);
  const ci = await detectCiRun(git, root);
  const stored = findRun(options, root, ci);
  // Nobody knows how it ended, and a guess would be a false alarm.
  if (stored === undefined && status === undefined) return reportUnknown(options);
  if (stored?.run.manifests?.argoCdNotifies) {
    info(ARGO_CD_NOTIFIES);
    return printResult(options, { sent: false }, "");
  }
  const job = { ...(status && { status: STATUSES[status] }), ...(reason && { reason }) };
  const build = async (run?: StoredRun) => slackMessage(await buildReport(git, ci, stack, run, job));
  const message = await build(stored).catch((error: unknown) => {
    warn(`${stored?.folder} cannot be reported (${reasonOf(error)}). Another release of Slipway may have written it.`);
    return status === undefined ? undefined : build();
  });
  if (message === undefined) return reportUnknown(options);
  const folder = stored ? ` --run ${stored.folder}` : "";
  if (options.dryRun) info("Would notify Slack.");
  else await sendToSlack(message, `To retry: npm run slipway -- notify --stack ${stack}${folder}`);
  printResult(options, message, options.dryRun ? JSON.stringify(message, undefined, 2) : "");
}

function reportUnknown(options: NotifyOptions): void {
  warn("Slack was not notified: say what happened with --status success, failure or cancelled.");
  printResult(options, { sent: false }, "");
}

/** A missing run is only a warning: the job may have ended before a deploy began. */
function findRun({ stack, run, status }: NotifyOptions, root: string, ci: CiRun): StoredRun | undefined {
  try {
    const stored = readRun(root, stack, run);
    if (run !== undefined || status === undefined || isOfJob(stored.run, status, ci)) return stored;
    info(
      `${stored.folder} is of an earlier job, so the message is about this job alone. To report it: --run ${stored.folder}`,
    );
    return undefined;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (run !== undefined || status === undefined) warn(error.message);
    return undefined;
  }
}

/** Whether the stack's newest run can be of the job that ended. A workspace that is kept has the runs of earlier jobs too. */
function isOfJob(run: DeployRun, status: NonNullable<NotifyOptions["status"]>, { build }: CiRun): boolean {
  if (build !== undefined && run.build !== undefined) return run.build === build;
  // Follow-ups only warn, so a job that ran this deploy would have succeeded as well.
  return run.status !== "succeeded" || status === "success";
}
