import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { EngineEvent } from "../../delivery/engine/run.ts";
import { Failure } from "../../delivery/failure.ts";
import { type DeployRun, readRun, writeRun } from "../../delivery/run-folder.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { captureOutput } from "./machine.ts";

function runOf(over: Partial<DeployRun> = {}): DeployRun {
  return {
    stack: "prod",
    action: "deploy",
    release: "v1.3.0",
    previous: "v1.2.9",
    services: [{ name: "api", from: "v1.2.9", to: "v1.3.0" }],
    images: { api: { release: "v1.3.0", image: `shop@sha256:${"a1".repeat(32)}` } },
    actor: "ada",
    startedAt: "2026-01-31T12:00:00.123Z",
    seconds: 31.4,
    status: "succeeded",
    ...over,
  };
}

const at = (startedAt: string, over: Partial<DeployRun> = {}) => runOf({ startedAt, ...over });
const event = (message: string): EngineEvent => ({
  sequence: 1,
  timestamp: 1769860800,
  diagnosticEvent: { message, color: "never", severity: "error" },
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

describe("writeRun", () => {
  it("lets only its owner read it", () => {
    const root = temporaryFolder();
    const folder = join(root, writeRun(root, runOf(), "log\n", [event("a")]));
    const modes = readdirSync(folder).map((file) => statSync(join(folder, file)).mode & 0o777);
    expect([statSync(folder).mode & 0o777, ...modes]).toEqual([0o700, 0o600, 0o600, 0o600]);
  });

  it("stores a run that can be read by its folder and as the stack's newest", () => {
    const root = temporaryFolder();
    const run = runOf({ status: "failed", reason: 'pod api-1: "CrashLoopBackOff"\n  panic: <nil>' });
    const folder = writeRun(root, run, "line 1\nline 2\n", [event("one"), event("two")]);
    expect(folder).toBe(".slipway/runs/20260131T120000-prod-deploy");
    const stored = { run, folder, log: "line 1\nline 2\n" };
    expect(readRun(root, "prod", folder)).toEqual(stored);
    expect(readRun(root, "prod")).toEqual(stored);
    const lines = readFileSync(join(root, folder, "events.jsonl"), "utf8")
      .trimEnd()
      .split("\n");
    expect(lines.map((line) => JSON.parse(line))).toEqual([event("one"), event("two")]);
  });

  const secrets = [
    ["a token", "a-token-that-nobody-may-see"],
    ["a passphrase with quotes and backslashes", 'a "pass\\phrase" nobody may see'],
    ["a key of several lines", "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADAN\nBgkqhkiG9w0B\n-----END PRIVATE KEY-----\n"],
  ] as const;
  it.each(secrets)("masks secrets of the environment in every file: %s", (_, secret) => {
    vi.stubEnv("SOME_SECRET", secret);
    const root = temporaryFolder();
    const run = runOf({ status: "failed", reason: `cannot log in with ${secret}` });
    const folder = writeRun(root, run, `login ${secret} failed\n`, [event(`login ${secret} failed`)]);
    for (const name of readdirSync(join(root, folder))) {
      const text = readFileSync(join(root, folder, name), "utf8");
      for (const part of secret.split(/["\\\n]/).filter((part) => part.length > 5)) expect(text).not.toContain(part);
    }
    expect(readRun(root, "prod").run).toEqual({ ...run, reason: "cannot log in with ***" });
  });

  it("keeps files readable when it masks other secrets", () => {
    const root = temporaryFolder();
    const webhook = "https://hooks.slack.com/services/T000/B000/xyz";
    const folder = writeRun(root, runOf({ reason: `asked ${webhook}`, url: "https://ci" }), "", [event(webhook)]);
    expect(readRun(root, "prod").run).toEqual(runOf({ reason: "asked ***", url: "https://ci" }));
    expect(JSON.parse(readFileSync(join(root, folder, "events.jsonl"), "utf8"))).toEqual(event("***"));
  });
});

describe("writeRun without a writable .slipway", () => {
  /** A file in its place: root, who runs these tests in CI, may write into every folder. */
  const rootWithoutFolder = () => {
    const root = temporaryFolder();
    writeFileSync(join(root, ".slipway"), "");
    return root;
  };

  it("warns, and stores the run where --run finds it", () => {
    vi.stubEnv("TMPDIR", temporaryFolder());
    const root = rootWithoutFolder();
    const { stderr } = withOutput(() => {
      const folder = writeRun(root, runOf(), "log\n", []);
      expect(isAbsolute(folder)).toBe(true);
      expect(readRun(root, "prod", folder)).toEqual({ run: runOf(), folder, log: "log\n" });
    });
    expect(stderr).toMatch(/^⚠ \.slipway\/runs cannot be written \(.+\)\. This run is in .+chown/);
  });

  it("only warns if the temporary folder is not writable either", () => {
    const root = rootWithoutFolder();
    vi.stubEnv("TMPDIR", "/nowhere");
    const { stderr } = withOutput(() => writeRun(root, runOf(), "", []));
    expect(stderr).toContain("This run is not stored.");
  });

  function withOutput(work: () => void): { stderr: string } {
    const output = captureOutput();
    work();
    vi.restoreAllMocks();
    return output;
  }
});

describe("readRun", () => {
  it("takes an absolute path, and another folder's", () => {
    const [root, other] = [temporaryFolder(), temporaryFolder()];
    const folder = writeRun(root, runOf(), "", []);
    expect(readRun(root, "prod", join(root, folder)).folder).toBe(folder);
    expect(readRun(root, "prod", `./${folder}/`).folder).toBe(folder);
    expect(readRun(other, "prod", join(root, folder)).folder).toBe(join(root, folder));
  });

  it("reads what another release of Slipway wrote, as far as it is enough", () => {
    const root = temporaryFolder();
    const write = (run: unknown) => {
      mkdirSync(join(root, "run"), { recursive: true });
      writeFileSync(join(root, "run/run.json"), JSON.stringify(run));
    };
    const { stack, action, release, startedAt, status } = runOf();
    write({ stack, action, release, startedAt, status, added: "later" });
    const { run, log } = readRun(root, "prod", "run");
    expect(log).toBe("");
    expect(run).toMatchObject({ previous: release, services: [], images: {}, actor: "unknown", seconds: 0 });
    for (const [other, fault] of [
      [{ stack, action, status, startedAt }, /no release\. Another release of Slipway/],
      [{ ...runOf(), status: "paused" }, /its status is paused/],
      [null, /no stack, action/],
    ] as const) {
      write(other);
      expect(() => readRun(root, "prod", "run")).toThrow(Failure);
      expect(() => readRun(root, "prod", "run")).toThrow(fault);
    }
  });

  it("returns the stack's newest run of any action, and none of another stack", () => {
    const root = temporaryFolder();
    for (const run of [
      at("2026-01-31T12:00:00Z"),
      at("2026-02-01T00:00:00Z", { action: "rollback" }),
      at("2026-01-31T23:59:59Z", { action: "restart" }),
      at("2026-03-01T00:00:00Z", { stack: "prod-2" }),
      at("2026-03-01T00:00:00Z", { stack: "eu-prod" }),
    ])
      writeRun(root, run, "", []);
    expect(readRun(root, "prod").folder).toBe(".slipway/runs/20260201T000000-prod-rollback");
  });

  it("treats a dot in a stack's name as a dot", () => {
    const root = temporaryFolder();
    writeRun(root, at("2026-01-31T12:00:00Z", { stack: "eu.prod" }), "", []);
    writeRun(root, at("2026-02-01T12:00:00Z", { stack: "eu-prod" }), "", []);
    expect(readRun(root, "eu.prod").run.stack).toBe("eu.prod");
  });

  it("says what to do if there is none", () => {
    const root = temporaryFolder();
    expect(() => readRun(root, "prod")).toThrow(
      new Failure(".slipway/runs has no run of prod. Deploy first, or name a folder with --run."),
    );
    expect(() => readRun(root, "prod", "elsewhere")).toThrow(/^--run elsewhere: it contains no run\.json\. Name /);
    expect(existsSync(join(root, ".slipway"))).toBe(false);
  });

  it("says that the runs cannot be read", () => {
    const root = temporaryFolder();
    mkdirSync(join(root, ".slipway"));
    writeFileSync(join(root, ".slipway/runs"), "");
    expect(() => readRun(root, "prod")).toThrow(/^\.slipway\/runs cannot be read \(.+\)\. Name a folder with --run\.$/);
  });

  it("refuses a run of another stack", () => {
    const root = temporaryFolder();
    const folder = writeRun(root, runOf({ stack: "dev" }), "", []);
    expect(() => readRun(root, "prod", folder)).toThrow("it is a run of dev, but --stack says prod.");
  });
});
