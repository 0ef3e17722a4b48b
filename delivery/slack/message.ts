import type { IncomingWebhookSendArguments } from "@slack/webhook";
import type { Job, PullRequest } from "../github/client.ts";
import { formatDuration } from "../output.ts";
import { redact } from "../secrets.ts";
import { truncate } from "../truncate.ts";

/** Of a header, a section's text, a field, and fields in a section: https://docs.slack.dev/reference/block-kit/blocks/ */
const MOST = { header: 150, section: 3000, field: 2000, fields: 10 };
const MOST_JOBS = 20;
const MOST_REASON = 1500;
/** Of what a lock screen shows, and of what stands beside something that must not be cut. */
const MOST_LINE = 200;

/** What a message tells. */
export interface DeployReport {
  stack: string;
  action: string;
  status: "succeeded" | "failed" | "cancelled";
  /** Undefined where it ended before that was known. */
  release?: string;
  previous?: string;
  services: readonly { name: string; from?: string; to?: string }[];
  seconds?: number;
  actor: string;
  reason?: string;
  jobs: readonly Job[];
  pullRequest?: PullRequest;
  /** CI's log. */
  url?: string;
  /** Where the log is on a person's machine. */
  folder?: string;
  /** What goes back; undefined where there is nothing to go back from. */
  rollback?: string;
}

const SIGNS = { succeeded: "✅", failed: "❌", cancelled: "⏹️" } as const;
const VERBS: Record<string, string> = { deploy: "deployed", rollback: "rolled back", restart: "restarted" };

/** The story as Slack shows it; `text` is what a phone's lock screen has of it. */
export function slackMessage(story: DeployReport): IncomingWebhookSendArguments {
  const { stack, status, release = "" } = story;
  const text = `${SIGNS[status]} ${stack}: ${headline(story)}`;
  const fields = fieldsOf(story).slice(0, MOST.fields);
  return {
    text: escaped(
      `${text}${status === "failed" && story.reason ? `: ${truncate(story.reason.split("\n")[0] ?? "", MOST_LINE)}` : ""}`,
    ),
    blocks: [
      { type: "header", text: { type: "plain_text", text: truncate(text, MOST.header), emoji: true } },
      {
        type: "section",
        fields: fields.map((field) => ({ type: "mrkdwn" as const, text: cutMarkup(field, MOST.field) })),
      },
      ...sections([
        story.reason && status !== "succeeded"
          ? `*Reason*\n\`\`\`${cutMarkup(escaped(redact(story.reason)).replaceAll("```", "'''"), MOST_REASON)}\`\`\``
          : undefined,
        story.services.length > 0 ? `*Services*\n${story.services.map(serviceLine).join("\n")}` : undefined,
        story.jobs.length > 0 ? `*Jobs*\n${jobLines(story.jobs)}` : undefined,
        story.rollback
          ? `*To go back* (${escaped(truncate(release, MOST_LINE))})\n\`${escaped(story.rollback)}\``
          : undefined,
      ]),
      ...links(story),
    ],
  };
}

function headline({ action, status, release }: DeployReport): string {
  if (release === undefined) return `${action} ${status}`;
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
      ? [`*Release*\n${escaped(release)}${previous && previous !== release ? ` (before: ${escaped(previous)})` : ""}`]
      : []),
    ...(seconds === undefined ? [] : [`*Took*\n${formatDuration(seconds)}`]),
    `*By*\n${escaped(actor)}`,
    ...(pullRequest ? [`*Pull request*\n${link(pullRequest.url, `#${pullRequest.number} ${pullRequest.title}`)}`] : []),
    ...(mergedBy ? [`*Merged by*\n${link(mergedBy.url, mergedBy.login)}`] : []),
  ];
}

function serviceLine({ name, from, to }: DeployReport["services"][number]): string {
  if (to === undefined) return `• ${escaped(name)}: gone`;
  if (from === to) return `• ${escaped(name)}: ${escaped(to)}, config`;
  return `• ${escaped(name)}: ${from ? `${escaped(from)} → ` : ""}${escaped(to)}`;
}

function jobLines(jobs: readonly Job[]): string {
  const lines = jobs.slice(0, MOST_JOBS).map(({ name, seconds, result }) => {
    const took = seconds === undefined ? "running" : formatDuration(seconds);
    return `• ${escaped(name)}: ${result === "success" ? "" : `${escaped(result)}, `}${took}`;
  });
  return [...lines, ...(jobs.length > MOST_JOBS ? [`• and ${jobs.length - MOST_JOBS} more`] : [])].join("\n");
}

function sections(texts: readonly (string | undefined)[]): NonNullable<IncomingWebhookSendArguments["blocks"]> {
  return texts.flatMap((text) =>
    text === undefined
      ? []
      : [{ type: "section" as const, text: { type: "mrkdwn" as const, text: cutMarkup(text, MOST.section) } }],
  );
}

function links({ url, folder }: DeployReport): NonNullable<IncomingWebhookSendArguments["blocks"]> {
  if (url) return [{ type: "section", text: { type: "mrkdwn", text: link(url, "Logs") } }];
  if (folder)
    return [{ type: "context", elements: [{ type: "mrkdwn", text: `Logs: ${escaped(folder)}, where it was run` }] }];
  return [];
}

function link(url: string, text: string): string {
  return `<${url}|${escaped(text).replaceAll("|", "¦")}>`;
}

/** https://docs.slack.dev/messaging/formatting-message-text/#escaping */
function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** Markup that is cut must not end in the midst of a link or of a character that was written out. */
function cutMarkup(text: string, most: number): string {
  const short = truncate(text, most);
  return short === text ? text : short.replace(/(&[a-z]{0,3}|<[^<>]*)…$/, "…");
}
