import { IncomingWebhook, type IncomingWebhookSendArguments } from "@slack/webhook";
import { reasonOf } from "../failure.ts";
import { info, warn } from "../output.ts";
import { redact, redactJson } from "../secrets.ts";

const TIMEOUT_MILLISECONDS = 10_000;

/**
 * Sends a message to the incoming webhook in SLACK_WEBHOOK_URL. A failure is a warning: an outage of Slack must stop nothing.
 *
 * @param retry sentence that says how to send the message again
 */
export async function sendToSlack(message: IncomingWebhookSendArguments, retry: string): Promise<void> {
  const url = process.env.SLACK_WEBHOOK_URL;
  if (!url) {
    return warn("Slack was not notified: SLACK_WEBHOOK_URL is not set. Set it to the URL of an incoming webhook.");
  }
  try {
    const webhook = new IncomingWebhook(url, {
      timeout: TIMEOUT_MILLISECONDS,
      retryConfig: { retries: 1, minTimeout: 500 },
    });
    await webhook.send(redactJson(message));
    info("Slack was notified.");
  } catch (error) {
    warn(`Slack was not notified: ${redact(reasonOf(error))}. ${retry}`);
  }
}
