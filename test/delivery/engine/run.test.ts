import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { breakLock, queryEngine, runEngine } from "../../../delivery/engine/run.ts";
import { temporaryFolder } from "../../temporary-folder.ts";
import { FakePulumi } from "../fake-pulumi.ts";
import { captureOutput, stubMachine } from "../machine.ts";
import { begun, diagnostic, ended, started } from "./events.ts";

const event = { ...started("create", "kubernetes:core/v1:Namespace::shop", { new: {} }), sequence: 0 };

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

const up = (more: { configFile?: string; environment?: Record<string, string> } = {}) =>
  runEngine({ root, stack: "dev", args: ["up", "--yes"], ...more });

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

  it("passes variables to the program", async () => {
    pulumi.answer("up", { script: `echo "$SLIPWAY_ACTION"` });
    expect((await up({ environment: { SLIPWAY_ACTION: "rollback" } })).log).toBe("rollback\n");
  });

  it("prints to standard error without secrets", async () => {
    vi.stubEnv("DB_PASSWORD", "a-password-of-ours");
    pulumi.answer("up", { stdout: "with a-password-of-ours\n" });
    const { log } = await up();
    expect([heard, log]).toEqual([{ stdout: "", stderr: "with ***\n" }, "with ***\n"]);
  });

  it("does not throw if the update fails", async () => {
    pulumi.answer("up", { stderr: "error: update failed\n", events: [event], exitCode: 255 });
    const run = await up();
    expect(run).toMatchObject({ ok: false, log: "error: update failed\n", events: [event], locked: false });
    expect(run.killed).toBeUndefined();
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

it("queryEngine says what ended a CLI that gives no reason", async () => {
  pulumi.answer("stack output", { script: "kill -KILL $$" });
  await expect(queryEngine(root, "dev", ["stack", "output"])).rejects.toThrow("without a message (signal SIGKILL)");
});

it("breakLock removes the stack's lock", async () => {
  pulumi.answer("cancel", {});
  await breakLock(root, "dev");
  expect(pulumi.calls).toEqual(["cancel --yes --stack dev --color never"]);
  pulumi.answer("cancel", { stderr: "error: no stack named 'dev' found\n", exitCode: 255 });
  await expect(breakLock(root, "dev")).rejects.toThrow("pulumi cancel --stack dev: error: no stack named 'dev' found");
});

describe("the events", () => {
  it("come one by one while the engine runs, as the lines do", async () => {
    pulumi.answer("up", {
      stdout: "begun\n",
      events: [begun(), event],
      script: "until [ -e seen ]; do sleep 0.1; done",
    });
    const seen: string[] = [];
    const see = (what: string) => {
      seen.push(what);
      if (seen.length === 3) writeFileSync(join(root, "seen"), "");
    };
    const run = await runEngine({
      root,
      stack: "dev",
      args: ["up"],
      onLine: (line) => see(line),
      onEvent: ({ resourcePreEvent }) => see(resourcePreEvent ? "step" : "other event"),
    });
    expect(seen.sort()).toEqual(["begun", "other event", "step"]);
    expect(run.ok).toBe(true);
    expect(heard.stderr).toBe("");
  });

  it.each([
    ["the engine refused", { events: [begun(), ended()], exitCode: 255 }, false],
    ["it has no log, and did not begin", { stderr: "error: no stack named dev\n", exitCode: 255 }, false],
    ["a change was started", { events: [begun(), event, ended()], exitCode: 255 }, true],
    ["its log is missing", { stdout: "Updating (dev)\n", exitCode: 255 }, true],
    ["it said nothing at all, as on a full disk", { exitCode: 255 }, true],
    ["it was killed before it said what it does", { stderr: "loading\n", script: "kill -KILL $$" }, true],
    ["its log is cut off", { stdout: "Updating (dev)\n", events: [begun()], exitCode: 137 }, true],
  ])("tell whether something may have changed: %s", async (_, answer, changed) => {
    pulumi.answer("up", answer);
    expect((await up()).mayHaveChanged).toBe(changed);
  });

  it("are done without if the disk for temporary files is not writable", async () => {
    vi.stubEnv("TMPDIR", join(root, "nowhere"));
    pulumi.answer("up", { stdout: "Updating (dev)\n", stderr: "error: update failed\n", exitCode: 255 });
    const run = await up();
    expect(run).toMatchObject({ ok: false, events: [], isCutOff: true, mayHaveChanged: true });
    expect(run.log).toContain("error: update failed");
    expect(heard.stderr).toContain("cannot hold the engine's events");
  });
});

it("the engine gets no secret of CI's, and what it needs itself", async () => {
  const given = {
    GITHUB_TOKEN: "a-token-of-ci",
    SLACK_WEBHOOK_URL: "https://hooks.example.com/x",
    MY_API_KEY: "hunter2hunter2",
  };
  const needed = {
    AWS_SECRET_ACCESS_KEY: "a-key-of-aws",
    PULUMI_CONFIG_PASSPHRASE: "a-phrase",
    KUBECONFIG: "/kube",
    LOG_LEVEL: "info",
  };
  for (const [name, value] of Object.entries({ ...given, ...needed })) vi.stubEnv(name, value);
  const script = "env | cut -d= -f1";
  pulumi.answer("up", { script });
  pulumi.answer("stack output", { script: `env | grep -c -e GITHUB_TOKEN -e SLACK -e MY_API_KEY; exit 0` });
  const names = (await up()).log.split("\n");
  for (const name of Object.keys(given)) expect(names).not.toContain(name);
  for (const name of [...Object.keys(needed), "PATH", "HOME"]) expect(names).toContain(name);
  expect(await queryEngine(root, "dev", ["stack", "output"])).toBe(0);
  vi.stubEnv("SLIPWAY_PASS", "OTHER, MY_API_KEY");
  expect((await up()).log).toContain("MY_API_KEY");
});

it("events are free of secrets, and stay JSON if a secret is a number", async () => {
  vi.stubEnv("DB_PASSWORD", "4815162342");
  const message = { ...diagnostic("info", "it is 4815162342, not 48151623421"), timestamp: 4815162342 };
  pulumi.answer("up", { events: [begun(), message, ended()] });
  const { events, isComplete } = await up();
  expect(isComplete).toBe(true);
  expect(events[1]).toMatchObject({ timestamp: "***", diagnosticEvent: { message: "it is ***, not 48151623421" } });
});

it("survives more output than a buffer holds", async () => {
  pulumi.answer("up", { script: `head -c 30000000 /dev/zero | tr '\\0' 'x' | fold -w 9999; echo; echo the end` });
  const { ok, log } = await up();
  expect(ok).toBe(true);
  expect(log).toContain("lines are left out");
  expect(log).toMatch(/the end\n$/);
});

it.each([
  ["kill -KILL $$", "signal SIGKILL"],
  ["exit 137", "exit code 137, signal 9"],
])("says what killed the engine: %s", async (script, killed) => {
  pulumi.answer("up", { script });
  expect(await up()).toMatchObject({ ok: false, killed });
});
