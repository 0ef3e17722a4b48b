import { IncomingWebhook, type IncomingWebhookSendArguments } from "@slack/webhook";
import { reasonOf } from "../failure.ts";
import { info, warn } from "../output.ts";
import { redact } from "../secrets.ts";

const TIMEOUT_MILLISECONDS = 10_000;

/**
 * Tells Slack, by the incoming webhook of SLACK_WEBHOOK_URL. Never fails: Slack being away is no reason for anything to stop.
 *
 * @param again what to say of running it again.
 */
export async function sendToSlack(message: IncomingWebhookSendArguments, again: string): Promise<void> {
  const url = process.env.SLACK_WEBHOOK_URL;
  if (!url) return warn("Slack was not told: SLACK_WEBHOOK_URL is not set. Set it to the URL of an incoming webhook.");
  try {
    // Once more where nothing, or only a server's error, came back.
    const webhook = new IncomingWebhook(url, {
      timeout: TIMEOUT_MILLISECONDS,
      retryConfig: { retries: 1, minTimeout: 500 },
    });
    await webhook.send(JSON.parse(redact(JSON.stringify(message))));
    info("Slack was told.");
  } catch (error) {
    warn(`Slack was not told: ${redact(reasonOf(error))}. ${again}`);
  }
}
