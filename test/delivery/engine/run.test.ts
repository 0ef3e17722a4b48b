import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { askEngine, breakLock, readEvents, runEngine } from "../../../delivery/engine/run.ts";
import { projectRoot } from "../../project-root.ts";
import { temporaryFolder } from "../../temporary-folder.ts";
import { FakePulumi } from "../fake-pulumi.ts";
import { listen, plainMachine } from "../machine.ts";
import { begun } from "./events.ts";

const event = begun("create", "kubernetes:core/v1:Namespace::shop", { new: {} });

let pulumi: FakePulumi;
let root: string;
let heard: { stdout: string; stderr: string };
beforeEach(() => {
  pulumi = new FakePulumi();
  root = temporaryFolder();
  plainMachine({ PATH: pulumi.path });
  heard = listen();
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

const up = (more: { configFile?: string } = {}) => runEngine({ root, stack: "dev", args: ["up", "--yes"], ...more });

describe("a run of the engine", () => {
  it("gives both of its streams and its events", async () => {
    pulumi.answer("up", { stdout: "Updating (dev)\n", stderr: "warning: slow\n", events: [event] });
    const run = await up();
    expect(run).toMatchObject({ ok: true, locked: false, events: [event] });
    expect(run.log.split("\n").sort()).toEqual(["", "Updating (dev)", "warning: slow"]);
  });

  it("asks nobody anything, in the project's folder, and leaves no event log behind", async () => {
    pulumi.answer("up", { script: `pwd; read -r answer || echo "nobody: $answer"` });
    expect((await up()).log).toBe(`${root}\nnobody: \n`);
    const [, log = ""] =
      /^up --yes --stack dev --non-interactive --color never --event-log (\S+)$/.exec(pulumi.calls[0] ?? "") ?? [];
    expect(log).not.toBe("");
    expect(existsSync(log)).toBe(false);
  });

  it("takes another file in place of the stack's", async () => {
    pulumi.answer("up", {});
    writeFileSync(join(root, "other.yaml"), "config: {}\n");
    await up({ configFile: join(root, "other.yaml") });
    expect(pulumi.config).toBe("config: {}\n");
  });

  it("is shown as it goes, on standard error, without secrets", async () => {
    vi.stubEnv("DB_PASSWORD", "a-password-of-ours");
    pulumi.answer("up", { stdout: "with a-password-of-ours\n" });
    const { log } = await up();
    expect([heard, log]).toEqual([{ stdout: "", stderr: "with ***\n" }, "with ***\n"]);
  });

  it("that fails is no exception, for something is to be told of it", async () => {
    pulumi.answer("up", { stderr: "error: update failed\n", events: [event], exitCode: 255 });
    expect(await up()).toEqual({ ok: false, log: "error: update failed\n", events: [event], locked: false });
  });

  it.each([
    ["a bucket", "error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or"],
    ["Pulumi Cloud", "error: [409] Conflict: Another update is currently in progress."],
  ])("that finds the stack locked says so, with its state in %s", async (_, stderr) => {
    pulumi.answer("up", { stderr: `${stderr}\n`, exitCode: 255 });
    expect((await up()).locked).toBe(true);
    pulumi.answer("up", { stdout: `${stderr}, said a program whose update went well\n` });
    expect((await up()).locked).toBe(false);
  });

  it("says where to get the CLI from, where there is none", async () => {
    vi.stubEnv("PATH", temporaryFolder());
    await expect(up()).rejects.toThrow("pulumi is not on PATH. Install it");
    await expect(askEngine(root, "dev", ["stack", "output"])).rejects.toThrow("pulumi is not on PATH. Install it");
  });
});

describe("a question to the engine", () => {
  it("is answered in JSON", async () => {
    pulumi.answer("stack output", { stdout: '{"services":{}}', stderr: "warning: slow\n" });
    expect(await askEngine(root, "dev", ["stack", "output"])).toEqual({ services: {} });
    expect(pulumi.calls).toEqual(["stack output --stack dev --json --non-interactive --color never"]);
  });

  it("may be answered by nothing", async () => {
    pulumi.answer("stack history", {});
    expect(await askEngine(root, "dev", ["stack", "history"])).toBeNull();
  });

  it("that it refuses fails in its own words, without secrets", async () => {
    vi.stubEnv("PULUMI_CONFIG_PASSPHRASE", "a-phrase-of-ours");
    pulumi.answer("stack output", { stderr: "error: incorrect passphrase a-phrase-of-ours\n", exitCode: 255 });
    await expect(askEngine(root, "dev", ["stack", "output"])).rejects.toThrow(
      /^pulumi stack output --stack dev: incorrect passphrase \*\*\*$/,
    );
  });
});

it("takes the stack's lock away when it is told to", async () => {
  pulumi.answer("cancel", {});
  await breakLock(root, "dev");
  expect(pulumi.calls).toEqual(["cancel --yes --stack dev --color never"]);
  pulumi.answer("cancel", { stderr: "error: no stack named 'dev' found\n", exitCode: 255 });
  await expect(breakLock(root, "dev")).rejects.toThrow("pulumi cancel --stack dev: error: no stack named 'dev' found");
});

it("reads the events up to where a kill has cut their log off, and none where there is no log", () => {
  const file = join(root, "events.json");
  expect(readEvents(file)).toEqual([]);
  const line = JSON.stringify(event);
  writeFileSync(file, `${line}\n${line}\n${line.slice(0, -9)}`);
  expect(readEvents(file)).toEqual([event, event]);
});

it("outlives Ctrl-C until the engine has ended, to say what has become of it", async () => {
  // Reads what nobody ever writes.
  await execa("mkfifo", ["nothing"], { cwd: root });
  const script = "trap 'echo ended as it should; exit 1' INT; exec 3<>nothing; echo begun; read -r line <&3";
  pulumi.answer("up", { script });
  const program = `
    const { runEngine } = await import(${JSON.stringify(join(projectRoot, "delivery/engine/run.ts"))});
    const run = await runEngine({ root: ${JSON.stringify(root)}, stack: "dev", args: ["up"] });
    console.log(JSON.stringify({ ok: run.ok, log: run.log }));`;
  // A group of its own, as a terminal gives its foreground job, all of which Ctrl-C reaches.
  const child = execa("node", ["--import", "tsx", "--input-type=module", "--eval", program], {
    cwd: projectRoot,
    env: { PATH: pulumi.path },
    detached: true,
    reject: false,
  });
  for await (const line of child.iterable({ from: "stderr" })) {
    if (line === "begun") process.kill(-(child.pid as number), "SIGINT");
  }
  const { stdout } = await child;
  expect(JSON.parse(stdout)).toEqual({ ok: false, log: "begun\nended as it should\n" });
});
