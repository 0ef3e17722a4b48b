import type { IncomingWebhookSendArguments } from "@slack/webhook";
import type { Job, PullRequest } from "../github/client.ts";
import { formatDuration } from "../output.ts";
import { redact } from "../secrets.ts";
import { formatOutcome, type ServiceOutcome } from "../service-outcome.ts";
import { truncate } from "../truncate.ts";
import { escaped, link, truncateMarkup } from "./markup.ts";

/** For a header, a section's text, a field, and fields in a section: https://docs.slack.dev/reference/block-kit/blocks/ */
const LIMITS = { header: 150, section: 3000, field: 2000, fields: 10 };
const MAX_JOBS = 20;
const MAX_REASON = 1500;
/** Of a notification, and of a text before one that must not be truncated. */
const MAX_LINE = 200;

/** The result of a deploy, rollback or restart. */
export interface DeployReport {
  stack: string;
  action: string;
  status: "succeeded" | "failed" | "cancelled";
  /** Undefined if the job ended before it was known. */
  release?: string;
  previous?: string;
  services: readonly ServiceOutcome[];
  /** A commit for Argo CD, whose rollout nobody has seen. @default false */
  isCommittedOnly?: boolean;
  /** Where a commit for Argo CD waits for its review: a URL, or a branch. Nothing is deployed before. @default - it does not wait */
  review?: string;
  seconds?: number;
  actor: string;
  reason?: string;
  /** Files that were deployed as no commit has them. @default - none */
  uncommitted?: readonly string[];
  jobs: readonly Job[];
  pullRequest?: PullRequest;
  /** URL of CI's log. */
  url?: string;
  /** Folder of the log on a person's machine. */
  folder?: string;
  /** Command that rolls back; undefined if there is nothing to roll back. */
  rollback?: string;
}

const SIGNS = { succeeded: "✅", failed: "❌", cancelled: "⏹️" } as const;
const VERBS: Record<string, string> = { deploy: "deployed", rollback: "rolled back", restart: "restarted" };

/** The report as a Slack message. `text` is what notifications show. */
export function slackMessage(report: DeployReport): IncomingWebhookSendArguments {
  const { stack, status, release = "" } = report;
  const text = `${SIGNS[status]} ${stack}: ${headline(report)}`;
  const fields = fieldsOf(report).slice(0, LIMITS.fields);
  return {
    text: escaped(
      `${text}${status === "failed" && report.reason ? `: ${truncate(report.reason.split("\n")[0] ?? "", MAX_LINE)}` : ""}`,
    ),
    blocks: [
      { type: "header", text: { type: "plain_text", text: truncate(text, LIMITS.header), emoji: true } },
      {
        type: "section",
        fields: fields.map((field) => ({ type: "mrkdwn" as const, text: truncateMarkup(field, LIMITS.field) })),
      },
      ...sections([
        report.reason && status !== "succeeded"
          ? `*Reason*\n\`\`\`${truncateMarkup(escaped(redact(report.reason)).replaceAll("```", "'''"), MAX_REASON)}\`\`\``
          : undefined,
        report.uncommitted?.length
          ? `*Deployed with uncommitted changes*\n${escaped(report.uncommitted.join(", "))}`
          : undefined,
        report.services.length > 0 ? `*Services*\n${report.services.map(serviceLine).join("\n")}` : undefined,
        report.review &&
          `*To review*\n${report.review.startsWith("https://") ? link(report.review, report.review) : escaped(report.review)}`,
        waitingText(report),
        report.jobs.length > 0 ? `*Jobs*\n${jobLines(report.jobs)}` : undefined,
        report.rollback
          ? `*To roll back* (${escaped(truncate(release, MAX_LINE))})\n\`${escaped(report.rollback)}\``
          : undefined,
      ]),
      ...links(report),
    ],
  };
}

function headline({ action, status, release, isCommittedOnly, review }: DeployReport): string {
  if (release === undefined) return `${action} ${status}`;
  if (review !== undefined) return `${action} of ${release} waits for its review`;
  if (status === "succeeded" && isCommittedOnly) return `${action} of ${release} committed; Argo CD rolls it out`;
  return status === "succeeded"
    ? `${VERBS[action] ?? action} ${action === "rollback" ? "to " : ""}${release}`
    : `${action} of ${release} ${status}`;
}

function fieldsOf({ stack, release, previous, status, seconds, actor, pullRequest }: DeployReport): string[] {
  const { mergedBy } = pullRequest ?? {};
  return [
    `*Environment*\n${escaped(stack)}`,
    `*Status*\n${status}`,
    ...(release
      ? [`*Release*\n${escaped(release)}${previous && previous !== release ? ` (was ${escaped(previous)})` : ""}`]
      : []),
    ...(seconds === undefined ? [] : [`*Took*\n${formatDuration(seconds)}`]),
    `*By*\n${escaped(actor)}`,
    ...(pullRequest ? [`*Pull request*\n${link(pullRequest.url, `#${pullRequest.number} ${pullRequest.title}`)}`] : []),
    ...(mergedBy ? [`*Merged by*\n${link(mergedBy.url, mergedBy.login)}`] : []),
  ];
}

function waitingText({ services, stack }: DeployReport): string | undefined {
  const waiting = services.filter(({ waits }) => waits);
  if (waiting.length === 0) return undefined;
  const commands = waiting.map(({ name }) => `\`${escaped(`npm run slipway -- promote ${name} --stack ${stack}`)}\``);
  return `*Waits for somebody to promote it*\n${commands.join("\n")}`;
}

function serviceLine(service: ServiceOutcome): string {
  return `• ${escaped(formatOutcome(service))}`;
}

function jobLines(jobs: readonly Job[]): string {
  const lines = jobs.slice(0, MAX_JOBS).map(({ name, seconds, result }) => {
    const took = seconds === undefined ? "running" : formatDuration(seconds);
    return `• ${escaped(name)}: ${result === "success" ? "" : `${escaped(result)}, `}${took}`;
  });
  return [...lines, ...(jobs.length > MAX_JOBS ? [`• and ${jobs.length - MAX_JOBS} more`] : [])].join("\n");
}

function sections(texts: readonly (string | undefined)[]): NonNullable<IncomingWebhookSendArguments["blocks"]> {
  return texts.flatMap((text) =>
    text === undefined
      ? []
      : [{ type: "section" as const, text: { type: "mrkdwn" as const, text: truncateMarkup(text, LIMITS.section) } }],
  );
}

function links({ url, folder }: DeployReport): NonNullable<IncomingWebhookSendArguments["blocks"]> {
  if (url) return [{ type: "section", text: { type: "mrkdwn", text: link(url, "Logs") } }];
  if (folder)
    return [
      { type: "context", elements: [{ type: "mrkdwn", text: `Logs: ${escaped(folder)}, on the machine that ran it` }] },
    ];
  return [];
}
