import { stringify } from "yaml";
import type { GitOpsConfig, SlackConfig } from "../../config/environment.ts";
import { factsOf, type SlackMessage, slackMessages } from "./slack-messages.ts";

/** Argo CD's notifications controller reads this Secret, and no other. */
export const NOTIFICATIONS_SECRET = "argocd-notifications-secret";

/** Keys of the Secret. */
const SECRET_KEYS = { webhook: "slack-webhook-url", token: "slack-token" } as const;

/** The Secret's content. @param value the webhook's URL or the bot's token */
export function notificationsSecret<T>({ by }: SlackConfig, value: T): Record<string, T> {
  return { [SECRET_KEYS[by]]: value };
}

const PHASE = "app.status?.operationState?.phase";
/** The commit of the operation. The branch may be further: a commit of another service starts no operation. */
const REVISION =
  "app.status.operationState.syncResult?.revision ?? app.status.operationState.operation?.sync?.revision";
/** Every message reads the commit. A message that could not be made is not made again, but a condition that fails is tried again. */
const IS_READABLE = `repo.GetCommitMetadata(${REVISION}).Message != nil`;

/** No old news: whoever sets up the notifications, or another channel, would get the last deploy of each service. */
const IS_NEWS = ["app.status.operationState.finishedAt", "app.status.health?.lastTransitionTime"]
  .map((time) => `time.Now().Sub(time.Parse(${time} ?? '1970-01-01T00:00:00Z')).Hours() < 1`)
  .join(" or ");

/**
 * When a message is sent. https://argo-cd.readthedocs.io/en/release-3.2/operator-manual/notifications/triggers/
 *
 * With `oncePer`, a message is sent again only when that value changes. Without it, it would be sent whenever its condition becomes true
 * again, and a service whose health flaps would fill the channel.
 */
const TRIGGERS: Record<string, { when: string; oncePer: string }> = {
  deployed: {
    when: `${PHASE} == 'Succeeded' and app.status.sync?.status == 'Synced' and app.status.health?.status == 'Healthy' and (${IS_NEWS})`,
    oncePer: REVISION,
  },
  // It may happen weeks after the deploy, and again after another recovery. So it counts per commit and per time that it began.
  degraded: {
    when: `app.status?.health?.status == 'Degraded' and ${PHASE} != nil`,
    oncePer: `(${REVISION}) + ' ' + (app.status.health?.lastTransitionTime ?? '')`,
  },
  waiting: { when: `app.status?.health?.status == 'Suspended' and ${PHASE} != nil`, oncePer: REVISION },
  // Something may undo each healing. So once in ten minutes: the start without its last digit of the minutes, and seconds.
  healed: {
    when: `${PHASE} == 'Succeeded' and (app.status.operationState.operation?.sync?.autoHealAttemptsCount ?? 0) > 0 and (${IS_NEWS})`,
    oncePer: "app.status.operationState.startedAt[0:15]",
  },
  // The first attempts may fail because the API server or a webhook is away for a moment.
  failing: {
    when: `${PHASE} in ['Error', 'Failed'] or (${PHASE} == 'Running' and (app.status.operationState.retryCount ?? 0) >= 3)`,
    oncePer: REVISION,
  },
};

/** Data of the ConfigMap argocd-notifications-cm: what Argo CD sends to Slack, when and where. Nothing in it is secret. */
export function slackNotifications(stack: string, { repository, slack }: GitOpsConfig): Record<string, string> {
  if (slack === undefined) return {};
  const args = { stack, repository };
  const templates = Object.entries(slackMessages(args)).map(([name, message]) => [
    `template.${name}`,
    stringify(template(factsOf(args), message, slack), { lineWidth: 0 }),
  ]);
  const triggers = Object.entries(TRIGGERS).map(([name, { when, oncePer }]) => [
    `trigger.${name}`,
    stringify([{ when: `(${when}) and ${IS_READABLE}`, oncePer, send: [name] }], { lineWidth: 0 }),
  ]);
  const recipient = slack.by === "token" ? `slack:${slack.channel}` : "slack";
  return {
    ...serviceOf(slack),
    subscriptions: stringify([{ recipients: [recipient], triggers: Object.keys(TRIGGERS) }]),
    ...Object.fromEntries([...templates, ...triggers]),
  };
}

const SECOND = 1_000_000_000;

/** With `oncePer`, a message that Slack did not take counts as sent. So it is tried for some three minutes. */
const RETRY = { retryMax: 8, retryWaitMin: SECOND, retryWaitMax: 60 * SECOND };

function serviceOf({ by, apiUrl }: SlackConfig): Record<string, string> {
  const secret = `$${SECRET_KEYS[by]}`;
  if (by === "token") return { "service.slack": stringify({ token: secret, ...(apiUrl && { apiURL: apiUrl }) }) };
  const headers = [{ name: "Content-Type", value: "application/json" }];
  return { "service.webhook.slack": stringify({ url: secret, headers, ...RETRY }) };
}

/** The same headline and blocks, by the way that the service takes them. */
function template(facts: string, { headline, lines, isUrgent }: SlackMessage, { by }: SlackConfig): object {
  const blocks = `[
{"type": "header", "text": {"type": "plain_text", "emoji": true, "text": {{ ${headline} | trunc 150 | toJson }}}},
{"type": "section", "text": {"type": "mrkdwn", "verbatim": true, "text": {{ list ${lines.join(" ")} | compact | join "\\n" | toJson }}}}
]`;
  if (by === "webhook") {
    const body = `${facts}{"text": {{ ${headline} | toJson }}, "blocks": ${blocks}}`;
    return { webhook: { slack: { method: "POST", body } } };
  }
  const message = `${facts}{{ ${headline} }}`;
  return {
    message,
    slack: {
      blocks: `${facts}${blocks}`,
      groupingKey: "{{ .app.status.operationState.operation.sync.revision }}",
      notifyBroadcast: isUrgent,
    },
  };
}
