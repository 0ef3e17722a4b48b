import type { ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { sendToSlack } from "../../../delivery/slack/send.ts";
import { serve } from "../../components/images/registry-server.ts";
import { captureOutput, stubMachine } from "../machine.ts";

const PATH = "/services/T000/B000/a-webhook-that-no-output-may-show";
/** Messages that arrived. */
let told: unknown[];
/** Answers of the webhook, in order; after them ok. */
let answers: ((response: ServerResponse) => void)[];
let close: () => Promise<void>;

beforeEach(async () => {
  told = [];
  answers = [];
  const server = await serve(async (request, response) => {
    const body = JSON.parse((await buffer(request)).toString());
    const answer = answers.shift();
    if (answer) return answer(response);
    told.push(body);
    response.end("ok");
  });
  close = server.close;
  stubMachine({ SLACK_WEBHOOK_URL: `http://${server.address}${PATH}`, DB_PASSWORD: "a-password-of-ours" });
});
afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await close();
});

/** @returns standard error */
async function tell(text = "deployed"): Promise<string> {
  const heard = captureOutput();
  await sendToSlack({ text }, "Run again: notify");
  vi.restoreAllMocks();
  return heard.stderr;
}

it("sends the message without secrets", async () => {
  expect(await tell("deployed with a-password-of-ours")).toBe("Slack was notified.\n");
  expect(told).toEqual([{ text: "deployed with ***" }]);
});

it("retries once after a server error", async () => {
  answers = [(response) => response.writeHead(503).end()];
  expect(await tell()).toBe("Slack was notified.\n");
  expect(told).toEqual([{ text: "deployed" }]);
});

it("warns with the command to retry if Slack does not know the webhook", async () => {
  answers = [(response) => response.writeHead(404).end("no_service")];
  expect(await tell()).toMatch(/^⚠ Slack was not notified: .*404.*\. Run again: notify\n$/);
  expect(told).toEqual([]);
});

it("warns if Slack cannot be reached, without printing the webhook", async () => {
  await close();
  const said = await tell();
  expect(said).toContain("⚠ Slack was not notified: ECONNREFUSED. Run again: notify");
  expect(said).not.toContain("a-webhook-that");
});

it("warns if the webhook is not set, or not a URL", async () => {
  vi.stubEnv("SLACK_WEBHOOK_URL", "hooks.slack.com/no-address");
  const said = await tell();
  expect(said).toMatch(/^⚠ Slack was not notified: .+\. Run again: notify\n$/);
  expect(said).not.toContain("no-address");
  vi.stubEnv("SLACK_WEBHOOK_URL", undefined);
  expect(await tell()).toBe(
    "⚠ Slack was not notified: SLACK_WEBHOOK_URL is not set. Set it to the URL of an incoming webhook.\n",
  );
});
