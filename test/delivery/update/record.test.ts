import { chmodSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readRun } from "../../../delivery/run-folder.ts";
import { readReleases } from "../../../delivery/stack-file.ts";
import { diagnostic, releaseInputs, releaseOf, started } from "../engine/events.ts";
import { linesOf } from "../repositories.ts";
import { DIGEST, runCommand, useShop } from "../shop.ts";

const shop = useShop();
const FILE = "stacks/Pulumi.dev.yaml";
const LOCKED = { stderr: "error: the stack is currently locked by 1 lock(s)\n", exitCode: 255 };

const deploy = (...args: string[]) => shop.run("deploy", "--stack", "dev", "--no-artifacts", ...args);
const onMain = async () => readReleases(await shop.remote.git("show", `main:${FILE}`)).release;
const here = () => readReleases(shop.stackFile).release;
const subjects = async () => linesOf(await shop.remote.git("log", "--format=%s", "main"));
const called = (name: string) => shop.pulumi.calls.filter((call) => call.startsWith(name)).length;

describe("a record of an update that changed nothing", { timeout: 60_000 }, () => {
  it.each(["missing", "not executable"])("is never made if the engine is %s", async (how) => {
    const before = await shop.clone.head();
    const folder = shop.pulumi.path.split(":")[0] as string;
    const others = (process.env.PATH ?? "").split(":").filter((entry) => !hasEngine(entry));
    if (how === "not executable") chmodSync(join(folder, "pulumi"), 0o644);
    const path = how === "missing" ? others : [folder, ...others];
    const environment = { ...shop.environment, PATH: path.join(":") };
    const args = ["deploy", "--stack", "dev", "--release", "v2.0.0", "--push", "--break-lock"];
    const { exitCode, stderr } = await runCommand(args, shop.clone.root, environment);
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain(how === "missing" ? "pulumi is not on PATH" : "pulumi on PATH is not executable");
    expect([await shop.clone.head(), here(), await onMain()]).toEqual([before, "v1.0.0", "v1.0.0"]);
  });

  it("is reverted although the engine has changed the file, and that change stays", async () => {
    const script = `{ echo 'encryptionsalt: v1:abc'; cat ${FILE}; } > salted && mv salted ${FILE}`;
    shop.pulumi.answer("up", { ...LOCKED, script });
    const before = shop.stackFile;
    const { exitCode, stderr } = await deploy("--release", "v2.0.0", "--push");
    expect(exitCode).not.toBe(0);
    expect(linesOf(stderr).at(-1)).toContain("the stack stays locked");
    expect(shop.stackFile).toBe(`encryptionsalt: v1:abc\n${before}`);
    expect(await shop.clone.git("show", `HEAD:${FILE}`)).toBe(before.trimEnd());
    expect(await onMain()).toBe("v1.0.0");
  });

  it("is reverted if the lock cannot be removed", async () => {
    shop.pulumi.answer("cancel", { stderr: "error: no credentials\n", exitCode: 255 });
    const { exitCode, stderr } = await deploy("--release", "v2.0.0", "--push", "--break-lock");
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain("pulumi cancel --stack dev: error: no credentials");
    expect([here(), await onMain(), called("up")]).toEqual(["v1.0.0", "v1.0.0", 0]);
  });

  it("is refused before the lock is removed if the file has uncommitted changes", async () => {
    shop.clone.write(FILE, `${shop.stackFile}# mine\n`);
    const { stderr } = await deploy("--release", "v2.0.0", "--break-lock");
    expect(stderr).toContain(`${FILE} has uncommitted changes`);
    expect(called("cancel")).toBe(0);
  });

  it("says nothing of a push that failed, and does not claim that the update continues", async () => {
    shop.pulumi.answer("up", LOCKED);
    shop.remote.hook("pre-receive", "exit 1");
    const { stderr } = await deploy("--release", "v2.0.0", "--push");
    expect(stderr).toContain("refused, nothing was changed");
    expect(stderr).not.toMatch(/continue|could not be pushed|To push it later/);
    expect([here(), await onMain()]).toEqual(["v1.0.0", "v1.0.0"]);
  });

  it("and cannot be reverted on the branch is reported, with the command that does it", async () => {
    shop.pulumi.answer("up", {
      ...LOCKED,
      script: `printf '#!/bin/sh\\nexit 1\\n' > '${shop.remote.path}/hooks/pre-receive'; chmod +x '${shop.remote.path}/hooks/pre-receive'`,
    });
    shop.remote.hook("post-update", "exit 0");
    const { stderr } = await deploy("--release", "v2.0.0", "--push");
    expect(await onMain()).toBe("v2.0.0");
    const commit = (await shop.remote.git("rev-parse", "main")).slice(0, 12);
    expect(stderr).toMatch(new RegExp(`origin/main still has the record .* git revert ${commit}`));
    expect(linesOf(stderr).at(-1)).toContain("refused, nothing was changed");
  });

  it("is reverted without a commit under --no-commit", async () => {
    shop.pulumi.answer("up", LOCKED);
    const before = shop.stackFile;
    await deploy("--release", "v2.0.0", "--no-commit");
    expect(shop.stackFile).toBe(before);
  });
});

describe("a record on the branch", { timeout: 60_000 }, () => {
  it("is pushed with --push after a deploy without it", async () => {
    await deploy("--release", "v2.0.0");
    expect([here(), await onMain()]).toEqual(["v2.0.0", "v1.0.0"]);
    const { exitCode, stderr } = await deploy("--release", "v2.0.0", "--push");
    expect(exitCode, stderr).toBe(0);
    expect(await onMain()).toBe("v2.0.0");
    expect(stderr).toContain("Recorded on origin/main.");
  });

  it("is made from a topic branch, whose commits stay where they are", async () => {
    await shop.clone.git("switch", "--quiet", "-c", "topic");
    await shop.clone.commit("feat: not for others yet", { "notes.txt": "mine\n" });
    const { exitCode, stderr } = await deploy("--release", "v2.0.0", "--push");
    expect(exitCode, stderr).toBe(0);
    expect(await subjects()).toEqual(["Deploy v2.0.0 to dev", "feat: begin"]);
    expect(await shop.remote.tags()).toEqual([]);
    expect(stderr).toMatch(/would publish a commit that origin does not have \(\w+ feat: not for others yet\)/);
  });

  it("is made again if a refused update of the same release took it back meanwhile", async () => {
    const other = await shop.remote.clone();
    const revert = `cd '${other.root}' && git pull -q && git -c user.name=x -c user.email=x revert --no-edit HEAD >/dev/null && git push -q`;
    shop.pulumi.answer("up", { events: [started("update", releaseOf("api"))], script: revert });
    const { exitCode, stderr } = await deploy("--release", "v2.0.0", "--push");
    expect(exitCode, stderr).toBe(0);
    expect(await onMain()).toBe("v2.0.0");
    expect(await subjects()).toHaveLength(4);
  });
});

describe("uncommitted changes of what an update deploys", () => {
  const change = () => shop.clone.write("stacks/services.yaml", `${shop.clone.read("stacks/services.yaml")}# mine\n`);

  it("are refused with --push", async () => {
    change();
    shop.clone.write("charts/service/templates/new.yaml", "");
    for (const dryRun of [["--dry-run"], []]) {
      const { exitCode, stderr } = await deploy("--release", "v2.0.0", "--push", ...dryRun);
      expect(exitCode).not.toBe(0);
      expect(stderr).toContain("charts/service/templates/new.yaml, stacks/services.yaml: uncommitted");
    }
    expect([here(), called("up")]).toEqual(["v1.0.0", 0]);
  });

  it("are named in a warning, the run, the engine's history and Slack without it", async () => {
    change();
    const { exitCode, stderr } = await deploy("--release", "v2.0.0");
    expect(exitCode, stderr).toBe(0);
    expect(stderr).toContain("Uncommitted changes are deployed: stacks/services.yaml");
    expect(readRun(shop.clone.root, "dev").run.uncommitted).toEqual(["stacks/services.yaml"]);
    expect(shop.pulumi.calls.join("\n")).toContain("Slipway-Uncommitted: stacks/services.yaml");
    expect(shop.slack.last).toContain("Deployed with uncommitted changes");
  });

  it("elsewhere, and those that git ignores, do not matter", async () => {
    shop.clone.write("README.md", "mine\n");
    shop.clone.write(".slipway/notes", "mine\n");
    const { exitCode, stderr } = await deploy("--release", "v2.0.0", "--push", "--no-tag");
    expect(exitCode, stderr).toBe(0);
    expect(stderr).not.toContain("ncommitted");
  });
});

describe("after a failure", () => {
  it("the message, the run and Slack are true of each service", async () => {
    const inputs = (release: string) => releaseInputs("api", { release });
    const step = { old: inputs("v1.0.0"), new: inputs("v2.0.0") };
    const events = [
      ...["api", "web"].map((name) => started("update", releaseOf(name), step)),
      diagnostic("warning", "api v2.0.0: pod api-1: CrashLoopBackOff", "slipway:index:Service::api"),
    ];
    shop.pulumi.answer("up", { events, exitCode: 255 });
    shop.running.web = { release: "v2.0.0", digest: DIGEST };
    const { stderr } = await deploy("--release", "v2.0.0");
    expect(stderr).toContain("  api: still v1.0.0, not v2.0.0\n  web: v1.0.0 → v2.0.0\n");
    expect(readRun(shop.clone.root, "dev").run.services).toEqual([
      { name: "api", from: "v1.0.0", to: "v2.0.0", failed: true, runs: "v1.0.0" },
      { name: "web", from: "v1.0.0", to: "v2.0.0" },
    ]);
    expect(shop.slack.last).toContain("api: still v1.0.0, not v2.0.0");
  });
});

function hasEngine(folder: string): boolean {
  try {
    return readdirSync(folder).includes("pulumi");
  } catch {
    return false;
  }
}
