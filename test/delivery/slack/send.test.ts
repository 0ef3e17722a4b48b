import type { ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { sendToSlack } from "../../../delivery/slack/send.ts";
import { serve } from "../../components/images/registry-server.ts";
import { captureOutput, stubMachine } from "../machine.ts";

const PATH = "/services/T000/B000/a-webhook-that-no-output-may-show";
/** What arrived. */
let told: unknown[];
/** What the webhook answers, one after the other; then ok. */
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

/** @returns what is said */
async function tell(text = "deployed"): Promise<string> {
  const heard = captureOutput();
  await sendToSlack({ text }, "Run again: notify");
  vi.restoreAllMocks();
  return heard.stderr;
}

it("tells Slack, and hides secrets from it", async () => {
  expect(await tell("deployed with a-password-of-ours")).toBe("Slack was told.\n");
  expect(told).toEqual([{ text: "deployed with ***" }]);
});

it("tries once more where the server stumbles", async () => {
  answers = [(response) => response.writeHead(503).end()];
  expect(await tell()).toBe("Slack was told.\n");
  expect(told).toEqual([{ text: "deployed" }]);
});

it("warns, with what to run again, where Slack knows no such webhook", async () => {
  answers = [(response) => response.writeHead(404).end("no_service")];
  expect(await tell()).toMatch(/^⚠ Slack was not told: .*404.*\. Run again: notify\n$/);
  expect(told).toEqual([]);
});

it("warns where Slack is away, and shows the webhook nowhere", async () => {
  await close();
  const said = await tell();
  expect(said).toContain("⚠ Slack was not told: ECONNREFUSED. Run again: notify");
  expect(said).not.toContain("a-webhook-that");
});

it("warns where the webhook is not set, or is no address", async () => {
  vi.stubEnv("SLACK_WEBHOOK_URL", "hooks.slack.com/no-address");
  const said = await tell();
  expect(said).toMatch(/^⚠ Slack was not told: .+\. Run again: notify\n$/);
  expect(said).not.toContain("no-address");
  vi.stubEnv("SLACK_WEBHOOK_URL", undefined);
  expect(await tell()).toBe(
    "⚠ Slack was not told: SLACK_WEBHOOK_URL is not set. Set it to the URL of an incoming webhook.\n",
  );
});
