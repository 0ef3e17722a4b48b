import type { IncomingWebhookSendArguments } from "@slack/webhook";
import { truncate } from "../truncate.ts";
import { escaped, truncateMarkup } from "./markup.ts";

/** The log has all. */
const MOST_LINES = 20;
const MAX_LINE = 400;
/** https://docs.slack.dev/reference/block-kit/blocks/section-block */
const MAX_SECTION = 3000;

/** A title and a list as a Slack message. Nothing in them is markup: names and reasons come from the cluster and the engine. */
export function listMessage(title: string, lines: readonly string[]): IncomingWebhookSendArguments {
  const shown = lines
    .slice(0, MOST_LINES)
    .map((line) => `• ${escaped(truncate(line.replaceAll(/\s*\n\s*/g, " "), MAX_LINE))}`);
  const more = lines.length > MOST_LINES ? [`• and ${lines.length - MOST_LINES} more`] : [];
  const text = truncateMarkup([escaped(title), ...shown, ...more].join("\n"), MAX_SECTION);
  return { text, blocks: [{ type: "section", text: { type: "mrkdwn", text, verbatim: true } }] };
}
