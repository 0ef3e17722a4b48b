import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { commitUrl } from "../../../components/gitops/slack-messages.ts";
import { notificationsSecret, slackNotifications } from "../../../components/gitops/slack-notifications.ts";
import type { GitOpsConfig, SlackConfig } from "../../../config/environment.ts";

const repository = "https://github.com/example/manifests.git";
const of = (slack: SlackConfig) => slackNotifications("prod", { repository, slack } as GitOpsConfig);
const webhook = of({ by: "webhook" });
const token = of({ by: "token", channel: "deploys", apiUrl: "https://slack-gov.com/api/" });
const NAMES = ["deployed", "degraded", "waiting", "healed", "failing"];

describe("the notifications of Argo CD", () => {
  it("are none if the config has none", () => {
    expect(slackNotifications("prod", { repository, slack: undefined } as GitOpsConfig)).toEqual({});
  });

  it.each([
    ["webhook", webhook, "slack"],
    ["token", token, "slack:deploys"],
  ])("by %s are all subscribed, and each trigger sends a template that exists", (_, data, recipient) => {
    const [{ recipients, triggers }] = parse(data.subscriptions ?? "");
    expect(recipients).toEqual([recipient]);
    expect(triggers).toEqual(NAMES);
    for (const name of NAMES) {
      const [{ when, oncePer, send }] = parse(data[`trigger.${name}`] ?? "");
      // Otherwise a service whose health flaps fills the channel.
      expect(oncePer, name).toBeTruthy();
      // A message that cannot be made would count as sent.
      expect(when, name).toMatch(/^\(.+\) and repo\.GetCommitMetadata\(/);
      expect(send).toEqual([name]);
      expect(Object.keys(data)).toContain(`template.${name}`);
    }
  });

  it("tell of what is over only while it is news", () => {
    for (const name of ["deployed", "healed"]) expect(webhook[`trigger.${name}`]).toContain(".Hours() < 1");
  });

  it("name the secret, which is the webhook's URL or the token", () => {
    expect(parse(webhook["service.webhook.slack"] ?? "")).toMatchObject({ url: "$slack-webhook-url" });
    expect(parse(token["service.slack"] ?? "")).toEqual({
      token: "$slack-token",
      apiURL: "https://slack-gov.com/api/",
    });
    expect(notificationsSecret({ by: "webhook" }, "x")).toEqual({ "slack-webhook-url": "x" });
    expect(notificationsSecret({ by: "token", channel: "deploys" }, "x")).toEqual({ "slack-token": "x" });
  });

  it("by token are one thread for each commit, of which the channel sees what somebody must act on", () => {
    const slackOf = (name: string) => parse(token[`template.${name}`] ?? "").slack;
    expect(slackOf("deployed")).toMatchObject({
      notifyBroadcast: false,
      groupingKey: expect.stringContaining("revision"),
    });
    for (const name of ["degraded", "waiting", "healed", "failing"]) expect(slackOf(name).notifyBroadcast).toBe(true);
  });

  it("say the same by webhook and by token", () => {
    for (const name of NAMES) {
      const { body } = parse(webhook[`template.${name}`] ?? "").webhook.slack;
      const { message, slack } = parse(token[`template.${name}`] ?? "");
      const [headline] = /\{\{ \(.+/.exec(message) ?? [];
      expect(body).toContain(headline?.replace(/ }}$/, ""));
      expect(body).toContain(slack.blocks.slice(slack.blocks.indexOf("[\n")));
    }
  });

  it("offer a rollback with the stack's name", () => {
    expect(webhook["template.degraded"]).toContain("npm run slipway -- rollback --stack prod");
  });
});

it.each([
  ["https://github.com/a/b.git", "https://github.com/a/b/commit/"],
  ["https://gitlab.example.com/a/b/c.git", "https://gitlab.example.com/a/b/c/-/commit/"],
  ["https://bitbucket.org/a/b", "https://bitbucket.org/a/b/commits/"],
])("a commit of %s is at %s", (url, expected) => {
  expect(commitUrl(url)).toBe(expected);
});
