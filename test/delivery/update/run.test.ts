import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { beforeEach, describe, expect, it } from "vitest";
import { readReleases } from "../../../delivery/stack-file.ts";
import { diagnostic, releaseOf, started } from "../engine/events.ts";
import { linesOf } from "../repositories.ts";
import { DIGEST, runCommand, useShop } from "../shop.ts";

const shop = useShop();

const deploy = (...args: string[]) => shop.run("deploy", "--stack", "dev", ...args);
const onMain = () => shop.remote.git("show", "main:stacks/Pulumi.dev.yaml");
const subjects = async () => linesOf(await shop.remote.git("log", "--format=%s", "main"));

describe("an update", { timeout: 60_000 }, () => {
  /** Calls of readFileSync by file name. */
  let reads: string[];
  beforeEach(() => {
    reads = [];
    const { readFileSync } = fs;
    fs.readFileSync = ((file: fs.PathOrFileDescriptor, options: never) => {
      reads.push(String(file));
      return readFileSync(file, options);
    }) as typeof readFileSync;
    syncBuiltinESMExports();
    return () => {
      fs.readFileSync = readFileSync;
      syncBuiltinESMExports();
    };
  });
  const readsOf = (name: string) => reads.filter((file) => file.endsWith(name)).length;
  const lookUps = () => shop.requests.filter((request) => request.includes("/manifests/")).sort();

  it.each([
    ["deploy of a release", (release: string) => ["deploy", "--release", release]],
    ["deploy for one service", (release: string) => ["deploy", "--release", release, "--service", "api"]],
    ["deploy of what the file says", () => ["deploy"]],
    ["rollback", () => ["rollback"]],
    ["restart", () => ["restart"]],
  ])("reads the environment once and asks the registry for each image at most once: %s", async (_, args) => {
    const release = `v1.1.0-${(await shop.clone.head()).slice(0, 7)}`;
    const { exitCode, stderr } = await shop.run(...args(release), "--stack", "dev", "--bucket", "shop-artifacts");
    expect(exitCode, stderr).toBe(0);
    expect(stderr).toContain("Uploaded 3 artifacts");
    expect(readsOf("stacks/services.yaml")).toBe(1);
    expect(lookUps()).toEqual([...new Set(lookUps())]);
    if (args(release).includes(release)) expect(lookUps()).toContain(`HEAD /v2/shop/manifests/api-${release}`);
  });

  it("asks the registry once if the stack does not build images", async () => {
    const never = shop.stackFile.replace(/(repository: \S+)/, "$1\n      build: never");
    await shop.clone.commit("chore: promote", { "stacks/Pulumi.dev.yaml": never });
    for (const name of ["api", "web"]) shop.images[`shop:${name}-v1.1.0`] = DIGEST;
    const { exitCode, stderr } = await deploy("--release", "v1.1.0");
    expect(exitCode, stderr).toBe(0);
    expect(lookUps()).toEqual(["HEAD /v2/shop/manifests/api-v1.1.0", "HEAD /v2/shop/manifests/web-v1.1.0"]);
  });
});

describe("an update with rebalance: afterDeploy", () => {
  beforeEach(async () => {
    const stack = shop.stackFile.replace(
      /( +)(images:)/,
      "$1rebalance: afterDeploy\n$1addons: { descheduler: { enabled: true } }\n$1$2",
    );
    await shop.clone.commit("chore: rebalance", { "stacks/Pulumi.dev.yaml": stack });
  });

  it("looks for pods to move once it is over", async () => {
    const { exitCode, stdout, stderr } = await deploy("--release", "v1.1.0", "--json");
    expect(exitCode, stderr).toBe(0);
    expect(stderr).toContain("Rebalance: no pod has to move.");
    expect(JSON.parse(stdout)).toMatchObject({ status: "succeeded", moved: [] });
  });

  it.each([
    ["changes nothing", ["deploy"], () => shop.pulumi.answer("up", { events: [] })],
    ["is a rollback", ["rollback"], () => {}],
    [
      "fails",
      ["deploy", "--release", "v1.1.0"],
      () => shop.pulumi.answer("up", { events: [started("update", releaseOf("api"))], exitCode: 1 }),
    ],
  ])("moves none if it %s", async (_, args, prepare) => {
    prepare();
    const { stdout, stderr } = await shop.run(...args, "--stack", "dev");
    expect(stderr).toContain("What runs now");
    expect(stdout + stderr).not.toContain("Rebalance");
  });
});

describe("a successful deploy", () => {
  it("is recorded on the branch, tagged and reported to Slack", async () => {
    const commit = await shop.clone.head();
    const { exitCode, stdout, stderr } = await deploy("--release", "v1.1.0", "--push", "--bucket", "shop-artifacts");
    expect(exitCode, stderr).toBe(0);
    expect(stdout).toMatch(/^dev runs v1\.1\.0 \(\d+ s\)\.\n$/);
    expect(readReleases(await onMain()).release).toBe("v1.1.0");
    expect((await subjects())[0]).toBe("Deploy v1.1.0 to dev");
    expect(await shop.remote.tags()).toEqual([expect.stringMatching(new RegExp(`^dev/v1\\.1\\.0/\\S+ ${commit}$`))]);
    expect(shop.slack.last).toContain("dev: deployed v1.1.0");
    expect(shop.requests.filter((request) => request.startsWith("PUT /")).length).toBe(3);
  });

  it("stands if every step after it fails, with the command that retries each", async () => {
    await shop.slack.server.cut();
    const environment = { ...shop.environment, AWS_ENDPOINT_URL: "http://127.0.0.1:9" };
    const args = ["deploy", "--stack", "dev", "--release", "v1.1.0", "--push", "--bucket", "shop-artifacts"];
    const result = await shop.remote.whileAway(() => runCommand(args, shop.clone.root, environment));
    await shop.slack.server.start();
    expect(result.exitCode, result.stderr).toBe(0);
    const commands = [...result.stderr.matchAll(/npm run slipway -- (\w+) .*$/gm)].map(([, command]) => command);
    expect(commands).toEqual(["release", "artifacts", "tag", "notify"]);
  });
});

describe("a deploy that is refused before anything changed", () => {
  it.each([
    [
      "for a fault of the config",
      { events: [diagnostic("error", "services.api: no such key")], stderr: "error: services.api: no such key\n" },
      "no such key",
      1,
    ],
    [
      "for a locked stack",
      { stderr: "error: the stack is currently locked by 1 lock(s)\n  created by ada@laptop (pid 7)\n" },
      "Another update of the stack is running (created by ada@laptop (pid 7)). Wait for it to end",
      4,
    ],
  ])("reverts its record, here and on the branch: %s", async (_, answer, reason, code) => {
    const before = shop.stackFile;
    shop.pulumi.answer("up", { ...answer, exitCode: 255 });
    const { exitCode, stderr } = await deploy("--release", "v1.1.0", "--push");
    expect(exitCode).toBe(code);
    expect(stderr).toContain("deploy of dev: refused, nothing was changed.");
    expect(stderr).toContain(reason);
    expect(shop.stackFile).toBe(before);
    expect(`${await onMain()}\n`).toBe(before);
    expect((await subjects())[0]).toBe("Revert: Deploy v1.1.0 to dev");
    expect(shop.slack.sent).toEqual([]);
  });
});

describe("a deploy that fails", () => {
  it("keeps its record, gives the reason and the way back, and gets no tag", async () => {
    const events = [
      started("update", releaseOf("api")),
      diagnostic("warning", "api v1.1.0: pod api-1: CrashLoopBackOff", "slipway:index:Service::api"),
    ];
    shop.pulumi.answer("up", { events, exitCode: 255 });
    const { exitCode, stderr } = await deploy("--release", "v1.1.0", "--push");
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(/deploy of v1\.1\.0 to dev failed after \d+ s\./);
    expect(stderr).toContain("pod api-1: CrashLoopBackOff");
    expect(stderr).toContain("To roll back: npm run slipway -- rollback --stack dev");
    expect(readReleases(await onMain()).release).toBe("v1.1.0");
    expect(await shop.remote.tags()).toEqual([]);
    expect(shop.slack.last).toContain("deploy of v1.1.0 failed");
  });
});
