import type { IncomingWebhookSendArguments } from "@slack/webhook";
import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { readChanges } from "../../../delivery/engine/changes.ts";
import { redact } from "../../../delivery/secrets.ts";
import { type DeployReport, slackMessage } from "../../../delivery/slack/message.ts";
import { diagnostic } from "../engine/events.ts";

const report = (over: Partial<DeployReport> = {}): DeployReport => ({
  stack: "prod",
  action: "deploy",
  status: "succeeded",
  release: "v1.3.0",
  previous: "v1.2.9",
  services: [],
  seconds: 125,
  actor: "ada",
  jobs: [],
  ...over,
});

interface TextObject {
  type: string;
  text: string;
}
interface Block {
  type: string;
  text?: TextObject;
  fields?: TextObject[];
  elements?: TextObject[];
}
const blocksOf = (message: IncomingWebhookSendArguments) => (message.blocks ?? []) as Block[];
const textsOf = (over: Partial<DeployReport>) =>
  blocksOf(slackMessage(report(over))).flatMap(({ text, fields = [], elements = [] }) =>
    [...(text ? [text] : []), ...fields, ...elements].map(({ text }) => text),
  );

describe("slackMessage", () => {
  it("reports a successful deploy, and how to roll it back", () => {
    const message = slackMessage(
      report({
        services: [
          { name: "api", from: "v1.2.9", to: "v1.3.0" },
          { name: "web", from: "v1.3.0", to: "v1.3.0" },
          { name: "orders", from: "v1.2.9" },
          { name: "worker", to: "v1.3.0" },
        ],
        jobs: [
          { name: "test", seconds: 31, result: "success" },
          { name: "lint", seconds: 61, result: "failure" },
          { name: "deploy", result: "in_progress" },
        ],
        pullRequest: {
          number: 7,
          title: "[minor] Add gift cards",
          url: "https://github.com/example/shop/pull/7",
          labels: [],
          isBot: false,
          mergedBy: { login: "grace", url: "https://github.com/grace" },
        },
        url: "https://ci/1",
        folder: ".slipway/runs/x",
        rollback: "npm run slipway -- rollback --stack prod",
      }),
    );
    const section = (text: string) => ({ type: "section", text: { type: "mrkdwn", text } });
    expect(message).toEqual({
      text: "✅ prod: deployed v1.3.0",
      blocks: [
        { type: "header", text: { type: "plain_text", text: "✅ prod: deployed v1.3.0", emoji: true } },
        {
          type: "section",
          fields: [
            "*Environment*\nprod",
            "*Status*\nsucceeded",
            "*Release*\nv1.3.0 (was v1.2.9)",
            "*Took*\n2 m 5 s",
            "*By*\nada",
            "*Pull request*\n<https://github.com/example/shop/pull/7|#7 [minor] Add gift cards>",
            "*Merged by*\n<https://github.com/grace|grace>",
          ].map((text) => ({ type: "mrkdwn", text })),
        },
        section(
          "*Services*\n• api: v1.2.9 → v1.3.0\n• web: v1.3.0, config changed\n• orders: removed\n• worker: v1.3.0",
        ),
        section("*Jobs*\n• test: 31 s\n• lint: failure, 1 m 1 s\n• deploy: in_progress, running"),
        section("*To roll back* (v1.3.0)\n`npm run slipway -- rollback --stack prod`"),
        section("<https://ci/1|Logs>"),
      ],
    });
  });

  it("reports why a deploy failed, in the notification too", () => {
    const reason = "api v1.3.0: pod api-1: CrashLoopBackOff\n  panic: no database";
    const message = slackMessage(report({ status: "failed", reason, rollback: "npm run slipway -- rollback" }));
    expect(message.text).toBe("❌ prod: deploy of v1.3.0 failed: api v1.3.0: pod api-1: CrashLoopBackOff");
    const texts = textsOf({ status: "failed", reason, rollback: "npm run slipway -- rollback" });
    expect(texts[0]).toBe("❌ prod: deploy of v1.3.0 failed");
    expect(texts).toContain(`*Reason*\n\`\`\`${reason}\`\`\``);
    expect(texts).toContain("*To roll back* (v1.3.0)\n`npm run slipway -- rollback`");
  });

  it.each([
    [{ action: "rollback", release: "v1.2.9" }, "✅ prod: rolled back to v1.2.9"],
    [{ action: "restart" }, "✅ prod: restarted v1.3.0"],
    [{ status: "cancelled" as const }, "⏹️ prod: deploy of v1.3.0 cancelled"],
    [{ status: "cancelled" as const, reason: "stopped by hand" }, "⏹️ prod: deploy of v1.3.0 cancelled"],
    [{ status: "failed" as const, release: undefined }, "❌ prod: deploy failed"],
  ])("summarises %o in one line", (over, line) => {
    expect(slackMessage({ ...report(), ...over } as DeployReport).text).toBe(line);
  });

  it("names the folder of the log on a person's machine", () => {
    expect(textsOf({ folder: ".slipway/runs/x" }).at(-1)).toBe("Logs: .slipway/runs/x, on the machine that ran it");
  });

  it("says how many jobs it leaves out", () => {
    const jobs = Array.from({ length: 33 }, (_, at) => ({ name: `job-${at}`, seconds: 1, result: "success" }));
    const text = textsOf({ jobs }).find((text) => text.startsWith("*Jobs*"));
    expect(text).toMatch(/• job-19: 1 s\n• and 13 more$/);
  });
});

describe("every message", () => {
  const url = "https://ci.example.com/runs/1?a=b";
  // Slack's own markup, characters that are escaped, and surrogate pairs.
  const text = fc
    .tuple(
      fc.string({ unit: fc.constantFrom("<", ">", "&", "`", "```", "|", "😀", "a", "\n", "*", "<!channel>") }),
      fc.nat(300),
    )
    .map(([words, count]) => `x${words.repeat(count)}`);
  const short = text.map((words) => [...words].slice(0, 250).join(""));
  // As formatReleases gives it, up to a stack with a hundred services that each have a release of their own.
  const release = fc
    .nat(100)
    .map((count) =>
      ["v1.3.0", ...Array.from({ length: count }, () => `service v1.2.9-${"5e15f0a".repeat(8)}`)].join(", "),
    );
  const some = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
  const list = <T>(value: fc.Arbitrary<T>) => fc.array(value, { maxLength: 60, size: "max" });
  const reports: fc.Arbitrary<DeployReport> = fc
    .record({
      stack: fc.constantFrom("prod", `e${"u".repeat(99)}`),
      action: fc.constantFrom("deploy", "rollback", "restart"),
      status: fc.constantFrom("succeeded" as const, "failed" as const, "cancelled" as const),
      release: some(release),
      previous: some(release),
      services: list(fc.record({ name: short, from: some(short), to: some(short) })),
      seconds: some(fc.double({ min: 0, max: 1e6, noNaN: true })),
      actor: text,
      reason: some(text),
      jobs: list(fc.record({ name: text, seconds: some(fc.nat()), result: fc.constantFrom("success", "failure") })),
      pullRequest: some(
        fc.record({
          number: fc.nat(),
          title: short,
          url: fc.constant(url),
          mergedBy: fc.record({ login: short, url: fc.constant(url) }),
        }),
      ),
      url: some(fc.constant(url)),
      folder: some(short),
      rollback: some(fc.constant("npm run slipway -- rollback --stack prod")),
    })
    .map((given) => JSON.parse(JSON.stringify(given)) as DeployReport);

  const holds = (check: (message: IncomingWebhookSendArguments, report: DeployReport) => void) =>
    fc.assert(
      fc.property(reports, (report) => {
        check(slackMessage(report), report);
      }),
      { numRuns: 60 },
    );
  const allTexts = (message: IncomingWebhookSendArguments) =>
    blocksOf(message).flatMap(({ text, fields = [], elements = [] }) => [
      ...(text ? [text] : []),
      ...fields,
      ...elements,
    ]);

  it("respects the limits of Block Kit", () => {
    // https://docs.slack.dev/reference/block-kit/blocks/ and, for the text, /messaging/
    holds((message) => {
      const blocks = blocksOf(message);
      expect(blocks.length).toBeLessThanOrEqual(50);
      for (const { type, text, fields, elements } of blocks) {
        expect(["header", "section", "context"]).toContain(type);
        const most = { header: 150, section: 3000, context: 2000 }[type] ?? 0;
        for (const { text: words } of [...(text ? [text] : []), ...(elements ?? [])]) {
          expect(words.length).toBeGreaterThan(0);
          expect(words.length).toBeLessThanOrEqual(most);
        }
        if (type === "section") expect([text, fields].filter(Boolean)).toHaveLength(1);
        if (type === "header") expect(text?.type).toBe("plain_text");
        if (fields) expect(fields.length).toSatisfy((count: number) => count >= 1 && count <= 10);
        for (const field of fields ?? []) expect(field.text.length).toBeLessThanOrEqual(2000);
      }
      expect(message.text?.length).toBeLessThanOrEqual(40_000);
    });
  });

  it("does not split surrogate pairs, which parsers of JSON reject", () => {
    holds((message) =>
      expect(
        allTexts(message)
          .map(({ text }) => text)
          .join("\n"),
      ).not.toMatch(/\p{Surrogate}/u),
    );
  });

  it("contains no markup but its own, in the notification too", () => {
    holds((message) => {
      const own = allTexts(message).flatMap(({ type, text }) => (type === "mrkdwn" ? [text] : []));
      for (const text of [...own, message.text ?? ""]) {
        const plain = text
          .replaceAll(`<${url}|Logs>`, "")
          .replaceAll(/<https:\/\/ci\.example\.com\/runs\/1\?a=b\|[^<>|]*>/g, "");
        expect(plain).not.toMatch(/[<>]|&(?!(amp|lt|gt);)/);
      }
    });
  });

  it("keeps the reason in its code block", () => {
    holds((message) => {
      for (const { text } of allTexts(message).filter(({ text }) => text.startsWith("*Reason*"))) {
        expect(text).toMatch(/^\*Reason\*\n```[\s\S]*```$/);
        expect(text.slice("*Reason*\n```".length, -"```".length)).not.toContain("```");
      }
    });
  });

  it("says how to roll back if there is something to roll back", () => {
    holds((message, { rollback }) => {
      const command = allTexts(message).filter(({ text }) =>
        text.includes("`npm run slipway -- rollback --stack prod`"),
      );
      expect(command).toHaveLength(rollback ? 1 : 0);
    });
  });

  it("gives the reason unless the deploy succeeded", () => {
    holds((message, { status, reason }) => {
      const told = allTexts(message).some(({ text }) => text.startsWith("*Reason*"));
      expect(told).toBe(status !== "succeeded" && reason !== undefined);
    });
  });
});

describe("a secret", () => {
  afterEach(() => vi.unstubAllEnvs());

  it("is not in the message, not even partly where a text is truncated", () => {
    const token = "a-token&that<no>message-may-show";
    vi.stubEnv("SOME_TOKEN", token);
    for (let at = 0; at < token.length; at++) {
      for (const length of [170, 1470]) {
        const { problems } = readChanges([diagnostic("error", `${"x".repeat(length + at)}${token}`)]);
        const message = slackMessage(report({ status: "failed", reason: problems.join("\n") }));
        expect(redact(JSON.stringify(message))).not.toMatch(/a-toke|message-may/);
      }
    }
  });
});
