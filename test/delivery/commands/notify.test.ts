import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type NotifyOptions, notify } from "../../../delivery/commands/notify.ts";
import { type DeployRun, writeRun } from "../../../delivery/run-folder.ts";
import { FakeGitHub, FakeSlack } from "../../e2e/github-and-slack.ts";
import { captureOutput, stubMachine } from "../machine.ts";
import { deployRun } from "../project.ts";
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
  return writeRun(clone.root, deployRun({ commit, ...over }), "", []);
}

/** @returns the output */
async function tell(options: Partial<NotifyOptions> = {}): Promise<{ stdout: string; stderr: string }> {
  const heard = captureOutput();
  await notify({ stack: "dev", ...options }, clone.root);
  vi.restoreAllMocks();
  return heard;
}

describe("a message about a deploy", () => {
  it("says what was deployed, by whom, and how to roll back", async () => {
    wrote();
    expect((await tell()).stderr).toBe("Slack was notified.\n");
    for (const part of ["dev: deployed v1.1.0", "(was v1.0.0)", "31 s", "ada", "api: v1.0.0 → v1.1.0"])
      expect(slack.last).toContain(part);
    expect(slack.last).toContain("npm run slipway -- rollback --stack dev");
  });

  it("says why it failed, whatever the status of the job", async () => {
    wrote({ status: "failed", reason: "pod api-1: CrashLoopBackOff" });
    await tell({ status: "cancelled" });
    expect(slack.last).toMatch(/deploy of v1\.1\.0 failed.*pod api-1: CrashLoopBackOff/);
  });

  it("says of a commit in review what it waits for, and not that it is deployed", async () => {
    const review = "https://github.com/example/manifests/pull/7";
    const manifests = { repository: "https://git.example.com/m.git", branch: "env/dev", commit, unseen: true, review };
    wrote({ manifests });
    await tell();
    expect(slack.last).toContain("deploy of v1.1.0 waits for its review");
    expect(slack.last).toContain(review);
    for (const part of ["Argo CD rolls it out", "slipway -- rollback"]) expect(slack.last).not.toContain(part);
  });

  it("is left to Argo CD where that notifies Slack, so that nothing is said twice", async () => {
    const manifests = { repository: "https://git.example.com/m.git", branch: "env/dev", commit };
    wrote({ manifests: { ...manifests, argoCdNotifies: true } });
    expect((await tell({ status: "success" })).stderr).toContain("Argo CD notifies Slack");
    expect(slack.sent).toEqual([]);
    wrote({ manifests, startedAt: "2026-02-01T12:00:00.000Z" });
    await tell({ status: "success" });
    expect(slack.sent).toHaveLength(1);
  });

  it.each([
    ["a rollback", { action: "rollback", release: "v1.0.0", previous: "v1.1.0" }],
    ["a restart", { action: "restart", release: "v1.1.0", previous: "v1.1.0" }],
  ] as const)("offers no rollback of %s", async (_, over) => {
    wrote(over);
    await tell();
    expect(slack.last).not.toContain("slipway -- rollback");
  });

  it("is about the newest, or the one that --run names", async () => {
    const folder = wrote();
    wrote({ release: "v1.2.0", startedAt: "2026-02-01T12:00:00.000Z" });
    await tell();
    expect(slack.last).toContain("deployed v1.2.0");
    await tell({ run: folder });
    expect(slack.last).toContain("deployed v1.1.0");
  });

  it("contains the pull request and the duration of each job from GitHub", async () => {
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
    // The record of the deploy is checked out now.
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
    expect(github.unexpected).toEqual([]);

    await github.server.cut();
    expect((await tell()).stderr).toBe(
      "⚠ GitHub does not give the pull request and the jobs: ECONNREFUSED. The message is sent without them.\nSlack was notified.\n",
    );
    expect(slack.sent).toHaveLength(2);
  });
});

describe("a message about a job that ended before a deploy began", () => {
  it.each([
    ["failure", "deploy failed", "The job failed before the update began"],
    ["cancelled", "deploy cancelled", "grace"],
    ["success", "deploy succeeded", "grace"],
  ] as const)("gives its status: %s", async (status, headline, more) => {
    expect((await tell({ status })).stderr).toBe("Slack was notified.\n");
    expect(slack.last).toContain(`dev: ${headline}`);
    expect(slack.last).toContain(more);
  });

  it.each([
    ["whose build is another", { build: "41" }, "42"],
    ["that succeeded, of a job without a number", {}, undefined],
  ])("is not about an earlier run in the same folder %s", async (_, run, build) => {
    wrote(run);
    if (build) vi.stubEnv("GITHUB_ACTIONS", "true");
    if (build) vi.stubEnv("GITHUB_RUN_ID", build);
    const { stderr } = await tell({ status: "failure" });
    expect(stderr).toContain("is of an earlier job");
    expect(slack.last).toContain("dev: deploy failed");
    expect(slack.last).not.toContain("v1.1.0");
  });

  it("gives the reason", async () => {
    await tell({ status: "failure", reason: "no credentials of AWS" });
    expect(slack.last).toContain("no credentials of AWS");
  });
});

describe("notify never fails", () => {
  it("for a run that another release of Slipway wrote", async () => {
    const folder = wrote();
    writeFileSync(join(clone.root, folder, "run.json"), JSON.stringify({ stack: "dev", version: 9 }));
    const { stderr } = await tell({ run: folder, status: "success" });
    expect(stderr).toMatch(/^⚠ .*Another release of Slipway.*\nSlack was notified\.\n$/);
    writeFileSync(join(clone.root, folder, "run.json"), JSON.stringify({ ...deployRun(), services: [{}, null] }));
    expect((await tell({ run: folder, status: "success" })).stderr).toMatch(/Slack was notified\.\n$/);
  });

  it("without a run: it sends what --status says, and without that nothing, because a guess may be a false alarm", async () => {
    const sent = slack.sent.length;
    expect((await tell()).stderr).toMatch(
      /^⚠ \.slipway\/runs has no run of dev\..*\n⚠ Slack was not notified: .*--status/,
    );
    expect(slack.sent.length).toBe(sent);
    expect((await tell({ run: "elsewhere", status: "failure" })).stderr).toMatch(
      /^⚠ --run elsewhere: .*\nSlack was notified/,
    );
  });

  it("for an incomplete run", async () => {
    const folder = wrote();
    writeFileSync(join(clone.root, folder, "run.json"), '{ "stack": "d');
    expect((await tell({ status: "failure" })).stderr).toMatch(/Slack was notified\.\n$/);
    expect(slack.last).toContain("dev: deploy failed");
  });

  it("if Slack cannot be reached: it warns with the command to retry", async () => {
    const folder = wrote();
    await slack.server.cut();
    expect((await tell()).stderr).toBe(
      `⚠ Slack was not notified: ECONNREFUSED. To retry: npm run slipway -- notify --stack dev --run ${folder}\n`,
    );
  });

  it("outside of a git repository", async () => {
    const { root } = clone;
    writeFileSync(join(root, ".git/HEAD"), "");
    expect((await tell({ status: "success" })).stderr).toBe("Slack was notified.\n");
  });
});

it("prints the message in a dry run without sending it", async () => {
  wrote();
  const { stdout, stderr } = await tell({ dryRun: true });
  expect(stderr).toBe("Would notify Slack.\n");
  expect(JSON.parse(stdout).text).toBe("✅ dev: deployed v1.1.0");
  expect(slack.sent).toEqual([]);
});
