import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
} from "@aws-sdk/client-s3";
import { Spec, Validation } from "@cyclonedx/cyclonedx-library";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { emulatorUrl } from "../../sandbox/aws/emulator.ts";
import { paths } from "../../sandbox/paths.ts";
import { account } from "../../sandbox/test/emulated-account.ts";
import { startLoad } from "../load/load.ts";
import { FakeGitHub, FakeSlack } from "./github-and-slack.ts";
import { schemaFaults } from "./published-schemas.ts";
import { ShopRepository } from "./shop-repository.ts";
import { ask, kubectl } from "./workspace.ts";

const STACK = "e2e-delivery";
const BUCKET = "e2e-delivery-artifacts";
const TOKEN = "a-token-that-no-output-may-show";
const quick = { rollout: { minReadySeconds: 1, timeoutSeconds: 30 }, shutdown: { preStopSeconds: 5, drainSeconds: 5 } };

const github = new FakeGitHub(TOKEN);
const slack = new FakeSlack("/services/T000/B000/a-webhook-that-no-output-may-show");
let shop: ShopRepository;
/** The output of every command. */
const printed: string[] = [];

/** Runs a command with the environment of a GitHub Actions job. */
async function ci(...args: string[]) {
  const run = await shop.slipway(args, await jobEnvironment());
  printed.push(run.output);
  return run;
}

async function jobEnvironment(over: NodeJS.ProcessEnv = {}): Promise<NodeJS.ProcessEnv> {
  return {
    CI: "true",
    GITHUB_ACTIONS: "true",
    GITHUB_REPOSITORY: "example/shop",
    GITHUB_SERVER_URL: "https://github.com",
    GITHUB_API_URL: github.server.url,
    GITHUB_RUN_ID: "4711",
    GITHUB_REF: "refs/heads/main",
    GITHUB_EVENT_NAME: "push",
    GITHUB_EVENT_PATH: "",
    GITHUB_SHA: await shop.git("rev-parse", "HEAD"),
    GITHUB_TRIGGERING_ACTOR: "ada",
    GITHUB_TOKEN: TOKEN,
    SLACK_WEBHOOK_URL: slack.url,
    SLIPWAY_ARTIFACTS_BUCKET: BUCKET,
    AWS_ENDPOINT_URL: emulatorUrl,
    AWS_REGION: "ap-northeast-2",
    AWS_ACCESS_KEY_ID: "123456789012",
    AWS_SECRET_ACCESS_KEY: "a-key-that-no-output-may-show",
    ...over,
  };
}

const host = `api.${STACK}.localhost`;
const release = async () => JSON.parse((await ask(host, "/version")).body).release as string;
const onLoad = () => startLoad({ url: `http://${host}:30080/version`, rps: 200, maxSeconds: 200 });
const recorded = async () =>
  parse(await shop.inRemote("show", `main:stacks/Pulumi.${STACK}.yaml`)).config["slipway:release"];
const stateFile = () => readFileSync(join(paths.stackStates, ".pulumi/stacks/slipway", `${STACK}.json`), "utf8");

/** Whether an update holds the stack's lock. */
function isLocked(): boolean {
  const locks = join(paths.stackStates, ".pulumi/locks/organization/slipway", STACK);
  return existsSync(locks) && readdirSync(locks).some((file) => file.endsWith(".json"));
}

async function keys(): Promise<string[]> {
  const { Contents = [] } = await account.s3.send(new ListObjectsV2Command({ Bucket: BUCKET }));
  return Contents.map(({ Key }) => Key ?? "");
}

async function artifact(end: string): Promise<string> {
  const key = (await keys()).filter((known) => known.endsWith(end)).at(-1);
  const { Body } = await account.s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: key }));
  return (await Body?.transformToString()) ?? "";
}

async function emptyBucket(): Promise<void> {
  try {
    for (const Key of await keys()) await account.s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key }));
    await account.s3.send(new DeleteBucketCommand({ Bucket: BUCKET }));
  } catch (error) {
    if (!(error instanceof Error && error.name === "NoSuchBucket")) throw error;
  }
}

beforeAll(async () => {
  const off = { enabled: false };
  shop = new ShopRepository(STACK, {
    services: {
      web: off,
      orders: off,
      worker: quick,
      api: { ...quick, replicas: { min: 2, max: 2 }, probes: { startupSeconds: 10 } },
    },
  });
  // An earlier run that was killed leaves its stack and its bucket.
  await shop.workspace.run("destroy");
  await emptyBucket();
  await account.s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  await Promise.all([github.server.start(), slack.server.start()]);
  await shop.begin();
});

afterAll(async () => {
  await Promise.all([github.server.cut(), slack.server.cut()]);
  await shop.remove();
  await emptyBucket();
});

let first = "";
let second = "";

describe("from a merged pull request to a deploy", () => {
  it("deploys a first release, records it and tags it", async () => {
    first = (await ci("version", "--push")).stdout;
    expect(first).toMatch(/^v0\.1\.0-[0-9a-f]{7}$/);
    const { exitCode, output } = await ci("deploy", "--stack", STACK, "--release", first);
    expect(exitCode, output).toBe(0);
    expect(await release()).toBe(first);
    expect(await recorded()).toBe(first);
    expect(await shop.remoteTags()).toEqual([`${STACK}/${first}/4711`, first]);
    expect(output).not.toContain("::warning::");
  });

  it("takes the next version from the title of the pull request, and refuses a title without a mark", async () => {
    const commit = await shop.merge(7, "[minor] Add gift cards", () =>
      writeFileSync(shop.workspace.path("examples/shop/api/cards.go"), "package main\n\nconst cards = true\n"),
    );
    github.pullRequests.push({
      number: 7,
      title: "Add gift cards",
      merge_commit_sha: commit,
      merged_at: "2026-01-31T12:00:00Z",
    });
    const refused = await ci("version", "--push");
    expect(refused.exitCode).toBe(1);
    expect(refused.output).toContain(
      'the title "Add gift cards" does not say what kind of change this is. Put [major]',
    );
    const [pullRequest] = github.pullRequests;
    if (pullRequest) pullRequest.title = "[minor] Add gift cards";
    second = (await ci("version", "--push")).stdout;
    expect(second).toBe(`v0.2.0-${commit.slice(0, 7)}`);
    expect((await ci("version", "--push")).stdout).toBe(second);
    expect(await shop.remoteTags()).toContain(second);
  });

  it("writes one comment with the preview on the pull request, and updates it", async () => {
    const comment = ["preview", "--stack", STACK, "--comment", "--pull-request", "7"];
    expect((await ci(...comment)).exitCode).toBe(0);
    expect(github.comments).toEqual([]);
    const { exitCode, output } = await ci(...comment, "--release", second);
    expect(exitCode, output).toBe(0);
    expect(github.comments).toHaveLength(1);
    const body = github.comments[0]?.body ?? "";
    expect(body).toContain(`| \`api\` | update | \`${first}\` | **\`${second}\`**, image will be built |`);
    // The registry does not hold the image yet: its digest is unknown, not removed.
    expect(body).toContain('+ values.image: "[known after the image is built]"');
    expect(body).not.toMatch(/^[-+] version: /m);
    expect((await ci(...comment)).exitCode).toBe(0);
    expect(github.comments).toHaveLength(1);
    expect(github.comments[0]?.body).toContain("No changes.");
    expect(await recorded()).toBe(first);
  });

  it("deploys it under load without a lost request", async () => {
    const load = await onLoad();
    const { exitCode, output } = await ci("deploy", "--stack", STACK, "--release", second, "--json");
    const { failed, sent, byRelease } = await load.stop();
    expect(exitCode, output).toBe(0);
    expect([failed, Object.keys(byRelease).sort()]).toEqual([0, [first, second]]);
    expect(sent).toBeGreaterThan(1000);
    expect(await recorded()).toBe(second);
    expect(await shop.remoteTags()).toContain(`${STACK}/${second}/4711`);
  });

  it("notifies Slack of the pull request, the duration of each job, and how to roll back", () => {
    for (const part of [
      second,
      first,
      "#7 [minor] Add gift cards",
      "https://github.com/grace",
      "version: 9 s",
      "/actions/runs/4711",
    ])
      expect(slack.last).toContain(part);
    expect(slack.last).toContain(`npm run slipway -- rollback --stack ${STACK}`);
  });

  it("uploads the running manifests, a bill of materials, the log and the summary", async () => {
    const names = (await keys())
      .filter((key) => key.startsWith(`${second}/${STACK}/`))
      .map((key) => key.split("/").slice(3).join("/"));
    expect(names.sort()).toEqual([
      "manifests/api.yaml",
      "manifests/worker.yaml",
      "sbom.cdx.json",
      "summary.json",
      "update.log",
    ]);
    const digest = (await shop.workspace.services()).api?.digest;
    expect(await artifact("manifests/api.yaml")).toContain(`@${digest}`);
    const bom = await artifact("sbom.cdx.json");
    expect(bom).toContain(String(digest));
    expect(await new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(bom)).toBeNull();
    expect(JSON.parse(await artifact("summary.json"))).toMatchObject({
      status: "succeeded",
      release: second,
      actor: "ada",
    });
  });
});

describe("a bad release and its rollback", () => {
  let third = "";

  it("fails with the reason in the terminal and in Slack, and loses no request", async () => {
    await shop.merge(8, "fix: open the ledger", () =>
      writeFileSync(
        shop.workspace.path("examples/shop/api/ledger.go"),
        'package main\n\nimport "log"\n\nfunc init() { log.Fatal("cannot open the ledger") }\n',
      ),
    );
    third = (await ci("version", "--push")).stdout;
    expect(third).toMatch(/^v0\.2\.1-/);
    const load = await onLoad();
    const { exitCode, output } = await ci("deploy", "--stack", STACK, "--release", third);
    const { failed, byRelease } = await load.stop();
    expect(exitCode).toBe(1);
    expect([failed, Object.keys(byRelease)]).toEqual([0, [second]]);
    expect(output).toContain(`npm run slipway -- rollback --stack ${STACK}`);
    for (const text of [output, slack.last])
      expect(text).toMatch(/pod api-\S+: CrashLoopBackOff[\s\S]*cannot open the ledger/);
    expect(slack.last).toContain(`deploy of ${third} failed`);
    expect(await shop.remoteTags()).not.toContain(`${STACK}/${third}/4711`);
  });

  it("is rolled back to the same image by one command", async () => {
    const { exitCode, output } = await ci("rollback", "--stack", STACK);
    expect(exitCode, output).toBe(0);
    expect(output).not.toMatch(/docker:index:Image .* (creating|updating)/);
    expect(await release()).toBe(second);
    expect(await recorded()).toBe(second);
    expect(slack.last).toContain(`rolled back to ${second}`);
  });

  it("cannot be the target of a rollback, and nothing changes", async () => {
    const before = stateFile();
    const unknown = await ci("rollback", "--stack", STACK, "--to", third);
    expect(unknown.exitCode).toBe(1);
    expect(unknown.output).toContain(`--to ${third}: `);
    expect(stateFile()).toBe(before);
  });

  it("is in the history with its rollback", async () => {
    const { stdout } = await ci("history", "--stack", STACK, "--json");
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
    expect((await ci("status", "--stack", STACK)).exitCode).toBe(0);
  });
});

describe("a deploy without a network", () => {
  /** The commands that warnings give, without `npm run slipway --`. */
  const commandsIn = (output: string) =>
    [...output.matchAll(/npm run slipway -- (.+)$/gm)].map(([, args]) => (args ?? "").split(" "));

  it("to Slack, S3, GitHub and git succeeds, and gives the commands that retry the other steps", async () => {
    await Promise.all([github.server.cut(), slack.server.cut()]);
    const environment = await jobEnvironment({ AWS_ENDPOINT_URL: "http://127.0.0.1:9", GITHUB_RUN_ID: "4712" });
    const { exitCode, output } = await shop.withoutRemote(() =>
      shop.slipway(["restart", "--stack", STACK, "--service", "worker"], environment),
    );
    printed.push(output);
    await Promise.all([github.server.start(), slack.server.start()]);
    expect(exitCode, output).toBe(0);
    const warnings = output.split("\n").filter((line) => line.startsWith("::warning::"));
    for (const what of [
      /^::warning::The record .* could not be pushed/,
      /Artifacts were not uploaded/,
      /git tag was not pushed/,
      /Slack was not notified/,
    ])
      expect(
        warnings.some((line) => what.test(line)),
        `${what} in\n${warnings.join("\n")}`,
      ).toBe(true);

    const before = { keys: (await keys()).length, messages: slack.sent.length };
    for (const args of commandsIn(warnings.join("\n"))) expect((await ci(...args)).exitCode, args.join(" ")).toBe(0);
    expect((await keys()).length).toBe(before.keys + 5);
    expect(slack.sent.length).toBe(before.messages + 1);
    expect(await shop.remoteTags()).toContain(`${STACK}/${second}/4712`);
    expect(await shop.inRemote("log", "-1", "--format=%s", "main")).toContain(`Restart worker of ${STACK}`);
    expect(await shop.inRemote("show", `main:stacks/Pulumi.${STACK}.yaml`)).toContain("restartedAt");
  });
});

describe("two deploys at once", () => {
  it("end with one that proceeds, and one that is refused at once and reverts its record", async () => {
    const record = () => shop.inRemote("show", `main:stacks/Pulumi.${STACK}.yaml`);
    const earlier = await record();
    // Suspended, so that it cannot end before the other one has begun.
    const proceeds = await shop.suspended(["restart", "--stack", STACK], await jobEnvironment(), isLocked, async () => {
      const before = await record();
      expect(before).not.toBe(earlier);
      const start = performance.now();
      const refused = await ci("deploy", "--stack", STACK, "--release", first, "--service", "worker");
      const seconds = (performance.now() - start) / 1000;
      expect(refused.exitCode).toBe(1);
      expect(refused.output).toContain("refused, nothing was changed. Another update of the stack is running");
      expect(seconds).toBeLessThan(10);
      expect(await record()).toBe(before);
    });
    expect(proceeds.exitCode, proceeds.output).toBe(0);
  });
});

describe("an update that was killed", () => {
  it("leaves its lock, which the next command names, and removes under --break-lock", async () => {
    await shop.killed(["deploy", "--stack", STACK, "--no-notify"], await jobEnvironment(), isLocked);
    const refused = await ci("deploy", "--stack", STACK);
    expect(refused.exitCode).toBe(1);
    expect(refused.output).toMatch(/running \(.*created by \S+ \(pid \d+\) at .*add --break-lock/);
    const { exitCode, output } = await ci("deploy", "--stack", STACK, "--break-lock");
    expect(exitCode, output).toBe(0);
  });
});

describe("drift", () => {
  it("is none after a deploy", async () => {
    const { exitCode, output } = await ci("drift", "--stack", STACK);
    expect(exitCode, output).toBe(0);
  });

  it("is reported without a change of the state", async () => {
    const hash = () => createHash("sha256").update(stateFile()).digest("hex");
    const before = hash();
    await kubectl("label", "namespace", STACK, "pod-security.kubernetes.io/enforce=privileged", "--overwrite");
    const messages = slack.sent.length;
    const { exitCode, output } = await ci("drift", "--stack", STACK, "--notify");
    expect(exitCode, output).toBe(2);
    expect(output).toMatch(/kubernetes:core\/v1:Namespace\) was changed/);
    expect(slack.sent.length).toBe(messages + 1);
    expect(hash()).toBe(before);
  });
});

describe("messages and output", () => {
  it("match the schemas that GitHub and Slack publish", async () => {
    expect(github.sent.length).toBeGreaterThan(1);
    expect(slack.sent.length).toBeGreaterThan(4);
    expect(await schemaFaults([...github.sent, ...slack.sent])).toEqual([]);
    expect(github.unexpected).toEqual([]);
  });

  it("contain no secret", async () => {
    const all = [
      ...printed,
      ...[...github.sent, ...slack.sent].map(({ body }) => JSON.stringify(body)),
      await artifact("update.log"),
    ].join("\n");
    for (const secret of [TOKEN, "a-webhook-that", "a-key-that", "only-for-the-local-stack"])
      expect(all).not.toContain(secret);
  });

  it("do not repeat a secret from the command line, which is refused", async () => {
    const { exitCode, output } = await ci("notify", "--stack", STACK, "--reason", `token ${TOKEN}`);
    expect(exitCode).toBe(1);
    expect(output).toContain("is a secret; nothing was done");
    expect(output).not.toContain(TOKEN);
  });
});
