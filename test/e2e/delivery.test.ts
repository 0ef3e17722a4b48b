import { writeFileSync } from "node:fs";
import { Spec, Validation } from "@cyclonedx/cyclonedx-library";
import { describe, expect, it } from "vitest";
import { startLoad } from "../load/load.ts";
import { describeFaults } from "./delivery-faults.ts";
import { TOKEN, useDeliveryShop } from "./delivery-shop.ts";
import { schemaFaults } from "./published-schemas.ts";

const STACK = "e2e-delivery";
const shop = useDeliveryShop(STACK);
const onLoad = () => startLoad({ url: `http://${shop.host}:30080/version`, rps: 200, maxSeconds: 200 });

/** Releases, in the order of their deploys. */
const releases = { first: "", second: "" };

describe("from a merged pull request to a deploy", () => {
  it("deploys a first release, records it and tags it", async () => {
    releases.first = (await shop.ci("version", "--push")).stdout;
    expect(releases.first).toMatch(/^v0\.1\.0-[0-9a-f]{7}$/);
    const { exitCode, output } = await shop.ci("deploy", "--stack", STACK, "--release", releases.first);
    expect(exitCode, output).toBe(0);
    expect(await shop.runningRelease()).toBe(releases.first);
    expect(await shop.recordedRelease()).toBe(releases.first);
    expect(await shop.repository.remoteTags()).toEqual([`${STACK}/${releases.first}/4711`, releases.first]);
    expect(output).not.toContain("::warning::");
  });

  it("takes the next version from the title of the pull request; one without a mark is a patch", async () => {
    const commit = await shop.repository.merge(7, "[minor] Add gift cards", () =>
      writeFileSync(
        shop.repository.workspace.path("examples/shop/api/cards.go"),
        "package main\n\nconst cards = true\n",
      ),
    );
    shop.github.pullRequests.push({
      number: 7,
      title: "Add gift cards",
      merge_commit_sha: commit,
      merged_at: "2026-01-31T12:00:00Z",
    });
    const unmarked = await shop.ci("version", "--dry-run");
    expect(unmarked.exitCode, unmarked.output).toBe(0);
    expect(unmarked.stdout).toMatch(/^v0\.1\.1-/);
    expect(unmarked.output).toContain("Add gift cards");
    const [pullRequest] = shop.github.pullRequests;
    if (pullRequest) pullRequest.title = "[minor] Add gift cards";
    releases.second = (await shop.ci("version", "--push")).stdout;
    expect(releases.second).toBe(`v0.2.0-${commit.slice(0, 7)}`);
    expect((await shop.ci("version", "--push")).stdout).toBe(releases.second);
    expect(await shop.repository.remoteTags()).toContain(releases.second);
  });

  it("writes one comment with the preview on the pull request, and updates it", async () => {
    const comment = ["preview", "--stack", STACK, "--comment", "--pull-request", "7"];
    expect((await shop.ci(...comment)).exitCode).toBe(0);
    expect(shop.github.comments).toEqual([]);
    const { exitCode, output } = await shop.ci(...comment, "--release", releases.second);
    expect(exitCode, output).toBe(0);
    expect(shop.github.comments).toHaveLength(1);
    const body = shop.github.comments[0]?.body ?? "";
    expect(body).toContain(
      `| \`api\` | update | \`${releases.first}\` | **\`${releases.second}\`**, image will be built |`,
    );
    // The registry does not have the image yet: its digest is unknown, not removed.
    expect(body).toContain('+ values.image: "[known after the image is built]"');
    expect(body).not.toMatch(/^[-+] version: /m);
    expect((await shop.ci(...comment)).exitCode).toBe(0);
    expect(shop.github.comments).toHaveLength(1);
    expect(shop.github.comments[0]?.body).toContain("No changes.");
    expect(await shop.recordedRelease()).toBe(releases.first);
  });

  it("deploys it under load without a lost request", async () => {
    const load = await onLoad();
    const { exitCode, output } = await shop.ci("deploy", "--stack", STACK, "--release", releases.second, "--json");
    const { failed, sent, byRelease } = await load.stop();
    expect(exitCode, output).toBe(0);
    expect([failed, Object.keys(byRelease).sort()]).toEqual([0, [releases.first, releases.second]]);
    expect(sent).toBeGreaterThan(1000);
    expect(await shop.recordedRelease()).toBe(releases.second);
    expect(await shop.repository.remoteTags()).toContain(`${STACK}/${releases.second}/4711`);
  });

  it("notifies Slack of the pull request, the duration of each job, and how to roll back", () => {
    for (const part of [
      releases.second,
      releases.first,
      "#7 [minor] Add gift cards",
      "https://github.com/grace",
      "version: 9 s",
      "/actions/runs/4711",
    ])
      expect(shop.slack.last).toContain(part);
    expect(shop.slack.last).toContain(`npm run slipway -- rollback --stack ${STACK}`);
  });

  it("uploads the running manifests, a bill of materials, the log and the summary", async () => {
    const names = (await shop.keys())
      .filter((key) => key.startsWith(`${releases.second}/${STACK}/`))
      .map((key) => key.split("/").slice(3).join("/"));
    expect(names.sort()).toEqual([
      "manifests/api.yaml",
      "manifests/worker.yaml",
      "sbom.cdx.json",
      "summary.json",
      "update.log",
    ]);
    const digest = (await shop.repository.workspace.services()).api?.digest;
    expect(await shop.artifact("manifests/api.yaml")).toContain(`@${digest}`);
    const bom = await shop.artifact("sbom.cdx.json");
    expect(bom).toContain(String(digest));
    expect(await new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(bom)).toBeNull();
    expect(JSON.parse(await shop.artifact("summary.json"))).toMatchObject({
      status: "succeeded",
      release: releases.second,
      actor: "ada",
    });
  });
});

describe("a bad release and its rollback", () => {
  let third = "";

  it("fails with the reason in the terminal and in Slack, and loses no request", async () => {
    await shop.repository.merge(8, "fix: open the ledger", () =>
      writeFileSync(
        shop.repository.workspace.path("examples/shop/api/ledger.go"),
        'package main\n\nimport "log"\n\nfunc init() { log.Fatal("cannot open the ledger") }\n',
      ),
    );
    third = (await shop.ci("version", "--push")).stdout;
    expect(third).toMatch(/^v0\.2\.1-/);
    const load = await onLoad();
    const { exitCode, output } = await shop.ci("deploy", "--stack", STACK, "--release", third);
    const { failed, byRelease } = await load.stop();
    expect(exitCode).toBe(3);
    expect([failed, Object.keys(byRelease)]).toEqual([0, [releases.second]]);
    expect(output).toContain(`npm run slipway -- rollback --stack ${STACK}`);
    for (const text of [output, shop.slack.last])
      expect(text).toMatch(/pod api-\S+: CrashLoopBackOff[\s\S]*cannot open the ledger/);
    expect(shop.slack.last).toContain(`deploy of ${third} failed`);
    expect(await shop.repository.remoteTags()).not.toContain(`${STACK}/${third}/4711`);
  });

  it("is rolled back to the same image by one command", async () => {
    const { exitCode, output } = await shop.ci("rollback", "--stack", STACK);
    expect(exitCode, output).toBe(0);
    expect(output).not.toMatch(/docker:index:Image .* (creating|updating)/);
    expect(await shop.runningRelease()).toBe(releases.second);
    expect(await shop.recordedRelease()).toBe(releases.second);
    expect(shop.slack.last).toContain(`rolled back to ${releases.second}`);
  });

  it("cannot be the target of a rollback, and nothing changes", async () => {
    const before = shop.state();
    const unknown = await shop.ci("rollback", "--stack", STACK, "--to", third);
    expect(unknown.exitCode).toBe(1);
    expect(unknown.output).toContain(`--to ${third}: `);
    expect(shop.state()).toBe(before);
  });

  it("is in the history with its rollback", async () => {
    const { stdout } = await shop.ci("history", "--stack", STACK, "--json");
    const updates = JSON.parse(stdout).updates.map((update: Record<string, unknown>) => [
      update.action,
      update.by,
      update.result,
    ]);
    expect(updates).toEqual([
      ["rollback", "ada", "succeeded"],
      ["deploy", "ada", "failed"],
      ["deploy", "ada", "succeeded"],
      ["deploy", "ada", "succeeded"],
    ]);
    expect((await shop.ci("status", "--stack", STACK)).exitCode).toBe(0);
  });
});

describeFaults(shop, releases);

describe("messages and output", () => {
  it("match the schemas that GitHub and Slack publish", async () => {
    expect(shop.github.sent.length).toBeGreaterThan(1);
    expect(shop.slack.sent.length).toBeGreaterThan(4);
    expect(await schemaFaults([...shop.github.sent, ...shop.slack.sent])).toEqual([]);
    expect(shop.github.unexpected).toEqual([]);
  });

  it("contain no secret", async () => {
    const all = [
      ...shop.printed,
      ...[...shop.github.sent, ...shop.slack.sent].map(({ body }) => JSON.stringify(body)),
      await shop.artifact("update.log"),
    ].join("\n");
    for (const secret of [TOKEN, "a-webhook-that", "a-key-that", "only-for-the-local-stack"])
      expect(all).not.toContain(secret);
  });

  it("do not repeat a secret from the command line, which is refused", async () => {
    const { exitCode, output } = await shop.ci("notify", "--stack", STACK, "--reason", `token ${TOKEN}`);
    expect(exitCode).toBe(1);
    expect(output).toContain("is a secret; nothing was done");
    expect(output).not.toContain(TOKEN);
  });
});
