import { detectCiRun } from "../ci.ts";
import { Failure } from "../failure.ts";
import { openRepository } from "../git/repository.ts";
import { type CommonOptions, info, printResult, warn } from "../output.ts";
import { readRun, type StoredRun } from "../run-folder.ts";
import { slackMessage } from "../slack/message.ts";
import { buildReport } from "../slack/notify.ts";
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
  const stored = findRun(options, root);
  const job = { ...(status && { status: STATUSES[status] }), ...(reason && { reason }) };
  const message = slackMessage(await buildReport(git, ci, stack, stored, job));
  const folder = stored ? ` --run ${stored.folder}` : "";
  if (options.dryRun) info("Would notify Slack.");
  else await sendToSlack(message, `To retry: npm run slipway -- notify --stack ${stack}${folder}`);
  printResult(options, message, options.dryRun ? JSON.stringify(message, undefined, 2) : "");
}

/** A missing run is only a warning: the job may have ended before a deploy began. */
function findRun({ stack, run, status }: NotifyOptions, root: string): StoredRun | undefined {
  try {
    return readRun(root, stack, run);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (run !== undefined || status === undefined) warn(error.message);
    return undefined;
  }
}
