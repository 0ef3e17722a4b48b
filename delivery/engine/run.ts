import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EngineEvent } from "@pulumi/pulumi/automation/events.js";
import { execa } from "execa";
import { Failure } from "../failure.ts";
import { redact } from "../secrets.ts";

export type { EngineEvent };

/** One command of the engine that has ended. */
export interface EngineResult {
  ok: boolean;
  /** Both streams as they came, secrets masked. */
  log: string;
  events: EngineEvent[];
  /** The stack was locked by another update; nothing was touched. */
  locked: boolean;
}

export interface EngineCommand {
  root: string;
  stack: string;
  /** `up`, `preview`, … with its flags. */
  args: string[];
  /** Stack file to use in place of stacks/Pulumi.<stack>.yaml. @default - that one */
  configFile?: string;
}

/** https://www.pulumi.com/docs/iac/concepts/state-and-backends/: a self-managed backend's words, then those of Pulumi Cloud. */
const LOCKED = /the stack is currently locked by|Another update is currently in progress/;

/**
 * Runs the Pulumi CLI, which is what a person would run, and shows its lines as they come, on standard error. Ctrl-C reaches it as it reaches us, and it ends what it is at.
 *
 * @throws Failure if there is no CLI.
 */
export async function runEngine({ root, stack, args, configFile }: EngineCommand): Promise<EngineResult> {
  const folder = mkdtempSync(join(tmpdir(), "slipway-engine-"));
  const eventLog = join(folder, "events.json");
  const flags = ["--stack", stack, "--non-interactive", "--color", "never", "--event-log", eventLog];
  const restore = leaveSignalsToTheEngine();
  try {
    const child = pulumi(root, [...args, ...flags, ...(configFile ? ["--config-file", configFile] : [])]);
    const lines: string[] = [];
    for await (const line of child.iterable({ from: "all" })) {
      const masked = redact(line);
      lines.push(masked);
      process.stderr.write(`${masked}\n`);
    }
    const { exitCode } = requireCli(await child);
    const log = `${lines.join("\n")}\n`;
    return { ok: exitCode === 0, log, events: readEvents(eventLog), locked: exitCode !== 0 && LOCKED.test(log) };
  } finally {
    restore();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs the CLI for its answer. @throws Failure with what it says. */
export async function queryEngine<T>(root: string, stack: string, args: string[]): Promise<T> {
  const result = await pulumi(root, [...args, "--stack", stack, "--json", "--non-interactive", "--color", "never"]);
  const { exitCode, stdout, stderr } = requireCli(result);
  if (exitCode !== 0) {
    throw new Failure(
      `pulumi ${args.join(" ")} --stack ${stack}: ${redact(String(stderr || stdout))
        .replace(/^error: /, "")
        .trim()}`,
    );
  }
  return JSON.parse(String(stdout) || "null") as T;
}

/**
 * Takes the stack's lock away. In a backend of one's own that stops nobody: who does it must know that no update runs.
 *
 * @throws Failure with what the engine says.
 */
export async function breakLock(root: string, stack: string): Promise<void> {
  const { exitCode, stderr } = requireCli(
    await pulumi(root, ["cancel", "--yes", "--stack", stack, "--color", "never"]),
  );
  if (exitCode !== 0) throw new Failure(`pulumi cancel --stack ${stack}: ${redact(String(stderr)).trim()}`);
}

/** The events that `--event-log` wrote, one JSON object a line. A line that was cut off by a kill is left out. */
export function readEvents(file: string): EngineEvent[] {
  let text = "";
  try {
    text = readFileSync(file, "utf8");
  } catch {
    // The engine ended before it wrote one.
  }
  return text.split("\n").flatMap((line) => {
    try {
      return line === "" ? [] : [JSON.parse(line) as EngineEvent];
    } catch {
      return [];
    }
  });
}

function pulumi(root: string, args: string[]) {
  const child = execa("pulumi", args, {
    cwd: root,
    all: true,
    stdin: "ignore",
    reject: false,
    // --event-log is one of the flags that this shows: https://www.pulumi.com/docs/iac/cli/environment-variables/
    env: { PULUMI_DEBUG_COMMANDS: "true", PULUMI_SKIP_UPDATE_CHECK: "true" },
  });
  child.catch(() => {});
  child.on("error", () => {});
  return child;
}

/** @throws Failure if there is no CLI to start. */
function requireCli<T extends { code?: string | undefined }>(result: T): T {
  if (result.code !== "ENOENT") return result;
  throw new Failure(
    "pulumi is not on PATH. Install it (https://www.pulumi.com/docs/iac/download-install/), or on the sandbox's machine run: " +
      'eval "$(npm run --silent sandbox -- env)"',
  );
}

/** Dying first would leave the engine without whoever writes down what became of it. */
function leaveSignalsToTheEngine(): () => void {
  const wait = () => {};
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const signal of signals) process.on(signal, wait);
  return () => {
    for (const signal of signals) process.off(signal, wait);
  };
}
