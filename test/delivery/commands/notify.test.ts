import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type NotifyOptions, notify } from "../../../delivery/commands/notify.ts";
import { type DeployRun, writeRun } from "../../../delivery/run-folder.ts";
import { FakeGitHub, FakeSlack } from "../../e2e/github-and-slack.ts";
import { captureOutput, stubMachine } from "../machine.ts";
import { Clone } from "../repositories.ts";

const slack = new FakeSlack("/services/T000/B000/a-webhook-that-no-output-may-show");
let clone: Clone;
let commit: string;

beforeEach(async () => {
  await slack.server.start();
  slack.sent.length = 0;
  stubMachine({ SLACK_WEBHOOK_URL: slack.url, SLIPWAY_ACTOR: "grace" });
  clone = await Clone.alone();
  commit = await clone.commit("feat: begin");
});
afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await slack.server.cut();
});

/** @returns folder of the run, relative to the project */
function wrote(over: Partial<DeployRun> = {}): string {
  const run: DeployRun = {
    stack: "dev",
    action: "deploy",
    release: "v1.1.0",
    previous: "v1.0.0",
    services: [{ name: "api", from: "v1.0.0", to: "v1.1.0" }],
    images: {},
    actor: "ada",
    startedAt: "2026-01-31T12:00:00.000Z",
    seconds: 31,
    status: "succeeded",
    commit,
    ...over,
  };
  return writeRun(clone.root, run, "", []);
}

/** @returns what is printed and said */
async function tell(options: Partial<NotifyOptions> = {}): Promise<{ stdout: string; stderr: string }> {
  const heard = captureOutput();
  await notify({ stack: "dev", ...options }, clone.root);
  vi.restoreAllMocks();
  return heard;
}

describe("of a deploy", () => {
  it("tells what it was, who did it, and how to go back", async () => {
    wrote();
    expect((await tell()).stderr).toBe("Slack was told.\n");
    for (const part of ["dev: deployed v1.1.0", "(before: v1.0.0)", "31 s", "ada", "api: v1.0.0 → v1.1.0"])
      expect(slack.last).toContain(part);
    expect(slack.last).toContain("npm run slipway -- rollback --stack dev");
  });

  it("tells why it failed, whatever the job says of itself", async () => {
    wrote({ status: "failed", reason: "pod api-1: CrashLoopBackOff" });
    await tell({ status: "cancelled" });
    expect(slack.last).toMatch(/deploy of v1\.1\.0 failed.*pod api-1: CrashLoopBackOff/);
  });

  it.each([
    ["a rollback", { action: "rollback", release: "v1.0.0", previous: "v1.1.0" }],
    ["a restart", { action: "restart", release: "v1.1.0", previous: "v1.1.0" }],
  ] as const)("offers no way back from %s", async (_, over) => {
    wrote(over);
    await tell();
    expect(slack.last).not.toContain("slipway -- rollback");
  });

  it("tells of the newest, or of the one that --run names", async () => {
    const folder = wrote();
    wrote({ release: "v1.2.0", startedAt: "2026-02-01T12:00:00.000Z" });
    await tell();
    expect(slack.last).toContain("deployed v1.2.0");
    await tell({ run: folder });
    expect(slack.last).toContain("deployed v1.1.0");
  });

  it("tells what GitHub knows of it: the pull request, and how long each job took", async () => {
    const github = new FakeGitHub("a-token");
    await github.server.start();
    stubMachine({
      SLACK_WEBHOOK_URL: slack.url,
      GITHUB_TOKEN: "a-token",
      GITHUB_API_URL: github.server.url,
      GITHUB_REPOSITORY: "example/shop",
      GITHUB_RUN_ID: "4711",
    });
    github.pullRequests.push({ number: 7, title: "[minor] Cards", merge_commit_sha: commit, merged_at: "2026-01-31" });
    // The record of the deploy is checked out by now.
    await clone.commit("Deploy v1.1.0 to dev [skip ci]");
    wrote();
    await tell();
    for (const part of [
      "#7 [minor] Cards",
      "https://github.com/grace",
      "version: 9 s",
      "dev / deploy: in_progress, running",
    ])
      expect(slack.last).toContain(part);
    expect(github.strange).toEqual([]);

    await github.server.cut();
    expect((await tell()).stderr).toBe(
      "⚠ GitHub cannot be asked for the pull request and the jobs: ECONNREFUSED. The message goes without them.\nSlack was told.\n",
    );
    expect(slack.sent).toHaveLength(2);
  });
});

describe("of a job that ended before a deploy had begun", () => {
  it.each([
    ["failure", "deploy failed", "The job failed before the update began"],
    ["cancelled", "deploy cancelled", "grace"],
    ["success", "deploy succeeded", "grace"],
  ] as const)("tells that: %s", async (status, headline, more) => {
    expect((await tell({ status })).stderr).toBe("Slack was told.\n");
    expect(slack.last).toContain(`dev: ${headline}`);
    expect(slack.last).toContain(more);
  });

  it("tells the reason that it is given", async () => {
    await tell({ status: "failure", reason: "no credentials of AWS" });
    expect(slack.last).toContain("no credentials of AWS");
  });
});

describe("never fails", () => {
  it("without a run: it says so, and tells what it can", async () => {
    expect((await tell()).stderr).toMatch(/^⚠ \.slipway\/runs has no run of dev\..*\nSlack was told\.\n$/);
    expect((await tell({ run: "elsewhere", status: "failure" })).stderr).toMatch(
      /^⚠ --run elsewhere: .*\nSlack was told/,
    );
  });

  it("over a run that was cut off while it was written", async () => {
    const folder = wrote();
    writeFileSync(join(clone.root, folder, "run.json"), '{ "stack": "d');
    expect((await tell({ status: "failure" })).stderr).toMatch(/Slack was told\.\n$/);
    expect(slack.last).toContain("dev: deploy failed");
  });

  it("with Slack away: it says what to run again", async () => {
    const folder = wrote();
    await slack.server.cut();
    expect((await tell()).stderr).toBe(
      `⚠ Slack was not told: ECONNREFUSED. Run again when that is mended: npm run slipway -- notify --stack dev --run ${folder}\n`,
    );
  });

  it("outside of a git repository", async () => {
    const { root } = clone;
    writeFileSync(join(root, ".git/HEAD"), "");
    expect((await tell({ status: "success" })).stderr).toBe("Slack was told.\n");
  });
});

it("sends nothing in a dry run, and shows what it would send", async () => {
  wrote();
  const { stdout, stderr } = await tell({ dryRun: true });
  expect(stderr).toBe("Would tell Slack.\n");
  expect(JSON.parse(stdout).text).toBe("✅ dev: deployed v1.1.0");
  expect(slack.sent).toEqual([]);
});
