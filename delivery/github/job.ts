import { appendFileSync } from "node:fs";
import { reasonOf } from "../failure.ts";
import { githubCommand } from "../log-commands.ts";
import { formatDuration, info, warn } from "../output.ts";
import type { DeployRun } from "../run-folder.ts";
import { redact } from "../secrets.ts";
import { truncate } from "../truncate.ts";

const MOST_CHARACTERS = 5_000;
const SIGNS = { succeeded: "✅", failed: "❌", cancelled: "⚪" } as const;

/**
 * Tells a job of GitHub Actions about a deploy: its summary gets a table, and its outputs the URL of the deployment, for
 * `environment.url` of the workflow. Does nothing elsewhere.
 *
 * @param url of the first service that has one
 */
export function reportToJob(run: DeployRun, url: string | undefined, environment = process.env): void {
  const { GITHUB_STEP_SUMMARY: summary, GITHUB_OUTPUT: outputs } = environment;
  try {
    if (summary) appendFileSync(summary, redact(summaryOf(run, url)));
    if (outputs)
      appendFileSync(
        outputs,
        `release=${run.release.split(",")[0]}\nstatus=${run.status}\n${url ? `url=${url}\n` : ""}`,
      );
  } catch (error) {
    warn(`The summary of the job cannot be written: ${reasonOf(error)}.`);
  }
}

/** In GitHub Actions, shows the first line of a failure beside the run. */
export function annotateFailure(message: string, environment = process.env): void {
  const [line = ""] = message.split("\n");
  // https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions#setting-an-error-message
  if (environment.GITHUB_ACTIONS) info(githubCommand("error", line));
}

function summaryOf(run: DeployRun, url: string | undefined): string {
  const { stack, action, release, status, seconds, services, reason, actor } = run;
  const rows = services.map(
    ({ name, from = "–", to = "removed" }) => `| ${cell(name)} | ${cell(from)} | ${cell(to)} |`,
  );
  return [
    `### ${SIGNS[status]} ${cell(stack)}: ${action} of ${cell(release)} ${status}`,
    "",
    `${formatDuration(seconds)}, by ${cell(actor)}${url ? `, <${url}>` : ""}`,
    "",
    ...(rows.length > 0 ? ["| Service | Before | After |", "|---|---|---|", ...rows, ""] : []),
    ...(reason ? ["```", truncate(reason.replaceAll("```", "'''"), MOST_CHARACTERS), "```", ""] : []),
    "",
  ].join("\n");
}

function cell(text: string): string {
  return text.replaceAll(/[|\n\r]/g, " ").replaceAll("<", "&lt;");
}
