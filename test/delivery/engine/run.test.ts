import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { breakLock, queryEngine, readEvents, runEngine } from "../../../delivery/engine/run.ts";
import { projectRoot } from "../../project-root.ts";
import { temporaryFolder } from "../../temporary-folder.ts";
import { FakePulumi } from "../fake-pulumi.ts";
import { captureOutput, stubMachine } from "../machine.ts";
import { started } from "./events.ts";

const event = started("create", "kubernetes:core/v1:Namespace::shop", { new: {} });

let pulumi: FakePulumi;
let root: string;
let heard: { stdout: string; stderr: string };
beforeEach(() => {
  pulumi = new FakePulumi();
  root = temporaryFolder();
  stubMachine({ PATH: pulumi.path });
  heard = captureOutput();
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

const up = (more: { configFile?: string } = {}) => runEngine({ root, stack: "dev", args: ["up", "--yes"], ...more });

describe("runEngine", () => {
  it("returns both output streams and the events", async () => {
    pulumi.answer("up", { stdout: "Updating (dev)\n", stderr: "warning: slow\n", events: [event] });
    const run = await up();
    expect(run).toMatchObject({ ok: true, locked: false, events: [event] });
    expect(run.log.split("\n").sort()).toEqual(["", "Updating (dev)", "warning: slow"]);
  });

  it("runs in the project's folder without input, and removes the event log", async () => {
    pulumi.answer("up", { script: `pwd; read -r answer || echo "nobody: $answer"` });
    expect((await up()).log).toBe(`${root}\nnobody: \n`);
    const [, log = ""] =
      /^up --yes --stack dev --non-interactive --color never --event-log (\S+)$/.exec(pulumi.calls[0] ?? "") ?? [];
    expect(log).not.toBe("");
    expect(existsSync(log)).toBe(false);
  });

  it("passes another stack file", async () => {
    pulumi.answer("up", {});
    writeFileSync(join(root, "other.yaml"), "config: {}\n");
    await up({ configFile: join(root, "other.yaml") });
    expect(pulumi.config).toBe("config: {}\n");
  });

  it("prints to standard error without secrets", async () => {
    vi.stubEnv("DB_PASSWORD", "a-password-of-ours");
    pulumi.answer("up", { stdout: "with a-password-of-ours\n" });
    const { log } = await up();
    expect([heard, log]).toEqual([{ stdout: "", stderr: "with ***\n" }, "with ***\n"]);
  });

  it("does not throw if the update fails", async () => {
    pulumi.answer("up", { stderr: "error: update failed\n", events: [event], exitCode: 255 });
    expect(await up()).toEqual({ ok: false, log: "error: update failed\n", events: [event], locked: false });
  });

  it.each([
    ["a bucket", "error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or"],
    ["Pulumi Cloud", "error: [409] Conflict: Another update is currently in progress."],
  ])("reports a locked stack, with the state in %s", async (_, stderr) => {
    pulumi.answer("up", { stderr: `${stderr}\n`, exitCode: 255 });
    expect((await up()).locked).toBe(true);
    pulumi.answer("up", { stdout: `${stderr}, said a program whose update succeeded\n` });
    expect((await up()).locked).toBe(false);
  });

  it("says where to get the CLI if it is not installed", async () => {
    vi.stubEnv("PATH", temporaryFolder());
    await expect(up()).rejects.toThrow("pulumi is not on PATH. Install it");
    await expect(queryEngine(root, "dev", ["stack", "output"])).rejects.toThrow("pulumi is not on PATH. Install it");
  });
});

describe("queryEngine", () => {
  it("returns the JSON output", async () => {
    pulumi.answer("stack output", { stdout: '{"services":{}}', stderr: "warning: slow\n" });
    expect(await queryEngine(root, "dev", ["stack", "output"])).toEqual({ services: {} });
    expect(pulumi.calls).toEqual(["stack output --stack dev --json --non-interactive --color never"]);
  });

  it("returns null without output", async () => {
    pulumi.answer("stack history", {});
    expect(await queryEngine(root, "dev", ["stack", "history"])).toBeNull();
  });

  it("fails with the CLI's message, without secrets", async () => {
    vi.stubEnv("PULUMI_CONFIG_PASSPHRASE", "a-phrase-of-ours");
    pulumi.answer("stack output", { stderr: "error: incorrect passphrase a-phrase-of-ours\n", exitCode: 255 });
    await expect(queryEngine(root, "dev", ["stack", "output"])).rejects.toThrow(
      /^pulumi stack output --stack dev: incorrect passphrase \*\*\*$/,
    );
  });
});

it("breakLock removes the stack's lock", async () => {
  pulumi.answer("cancel", {});
  await breakLock(root, "dev");
  expect(pulumi.calls).toEqual(["cancel --yes --stack dev --color never"]);
  pulumi.answer("cancel", { stderr: "error: no stack named 'dev' found\n", exitCode: 255 });
  await expect(breakLock(root, "dev")).rejects.toThrow("pulumi cancel --stack dev: error: no stack named 'dev' found");
});

it("readEvents ignores an incomplete last line and a missing file", () => {
  const file = join(root, "events.json");
  expect(readEvents(file)).toEqual([]);
  const line = JSON.stringify(event);
  writeFileSync(file, `${line}\n${line}\n${line.slice(0, -9)}`);
  expect(readEvents(file)).toEqual([event, event]);
});

it("waits after Ctrl-C until the engine has ended, and returns the result", async () => {
  // The fake CLI reads from it and waits.
  await execa("mkfifo", ["nothing"], { cwd: root });
  const script = "trap 'echo ended in order; exit 1' INT; exec 3<>nothing; echo begun; read -r line <&3";
  pulumi.answer("up", { script });
  const program = `
    const { runEngine } = await import(${JSON.stringify(join(projectRoot, "delivery/engine/run.ts"))});
    const run = await runEngine({ root: ${JSON.stringify(root)}, stack: "dev", args: ["up"] });
    console.log(JSON.stringify({ ok: run.ok, log: run.log }));`;
  // A process group, as a terminal creates for a foreground job: Ctrl-C reaches all of it.
  const child = execa("node", ["--input-type=module", "--eval", program], {
    cwd: projectRoot,
    env: { PATH: pulumi.path },
    detached: true,
    reject: false,
  });
  for await (const line of child.iterable({ from: "stderr" })) {
    if (line === "begun") process.kill(-(child.pid as number), "SIGINT");
  }
  const { stdout } = await child;
  expect(JSON.parse(stdout)).toEqual({ ok: false, log: "begun\nended in order\n" });
});
