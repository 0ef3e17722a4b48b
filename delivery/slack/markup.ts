import { truncate } from "../truncate.ts";

/** Text of others as Slack shows it: without it `<!channel>` notifies everybody. https://docs.slack.dev/messaging/formatting-message-text/#escaping */
export function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

export function link(url: string, text: string): string {
  return `<${url.replaceAll(/[<>|]/g, encodeURIComponent)}|${escaped(text).replaceAll("|", "¦")}>`;
}

/** Truncates markup, but not within a link or an escaped character. */
export function truncateMarkup(text: string, most: number): string {
  const short = truncate(text, most);
  return short === text ? text : short.replace(/(&[a-z]{0,3}|<[^<>]*)…$/, "…");
}
