import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EngineEvent } from "@pulumi/pulumi/automation/events.js";
import { execa } from "execa";
import { Failure } from "../failure.ts";
import { redact } from "../secrets.ts";

export type { EngineEvent };

/** The result of one command of the engine. */
export interface EngineResult {
  ok: boolean;
  /** Both output streams in the order in which they came, secrets masked. */
  log: string;
  events: EngineEvent[];
  /** Another update holds the stack's lock; nothing was changed. */
  locked: boolean;
}

export interface EngineCommand {
  root: string;
  stack: string;
  /** `up`, `preview`, … with its flags. */
  args: string[];
  /** Stack file to use. @default - stacks/Pulumi.<stack>.yaml */
  configFile?: string;
  /** Called for each line of output as it comes, secrets masked. @default - prints it to standard error */
  onLine?: (line: string) => void;
  /** Called for each event as it comes. @default - none */
  onEvent?: (event: EngineEvent) => void;
}

/** Messages of a self-managed backend and of Pulumi Cloud: https://www.pulumi.com/docs/iac/concepts/state-and-backends/ */
const LOCKED = /the stack is currently locked by|Another update is currently in progress/;

/**
 * Runs the Pulumi CLI, as a person would, and prints its output to standard error as it comes. Ctrl-C reaches the CLI too, which
 * then ends in order.
 *
 * @throws Failure if the CLI is not installed.
 */
export async function runEngine(command: EngineCommand): Promise<EngineResult> {
  const { root, stack, args, configFile, onLine = (line) => void process.stderr.write(`${line}\n`), onEvent } = command;
  const folder = mkdtempSync(join(tmpdir(), "slipway-engine-"));
  const eventLog = join(folder, "events.json");
  const flags = ["--stack", stack, "--non-interactive", "--color", "never", "--event-log", eventLog];
  const restoreSignals = ignoreSignals();
  try {
    const child = pulumi(root, [...args, ...flags, ...(configFile ? ["--config-file", configFile] : [])]);
    const lines: string[] = [];
    for await (const line of child.iterable({ from: "all" })) {
      const masked = redact(line);
      lines.push(masked);
      onLine(masked);
    }
    const { exitCode } = requireCli(await child);
    const log = `${lines.join("\n")}\n`;
    const events = readEvents(eventLog);
    if (onEvent) events.forEach(onEvent);
    return { ok: exitCode === 0, log, events, locked: exitCode !== 0 && LOCKED.test(log) };
  } finally {
    restoreSignals();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs a command of the CLI and returns its JSON. @throws Failure with the CLI's message. */
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

/** The stack's outputs that a deploy uses. */
export interface StackOutputs {
  /** Images by service: `repository@sha256:…`. */
  services?: Record<string, { release: string; image: string }>;
  platform?: { artifactsBucket?: string };
}

/** @throws Failure with the CLI's message. */
export async function readOutputs(root: string, stack: string): Promise<StackOutputs> {
  return (await queryEngine<StackOutputs | null>(root, stack, ["stack", "output"])) ?? {};
}

/**
 * Removes the stack's lock. With a self-managed backend that does not stop a running update, so call it only if no update is running.
 *
 * @throws Failure with the CLI's message.
 */
export async function breakLock(root: string, stack: string): Promise<void> {
  const { exitCode, stderr } = requireCli(
    await pulumi(root, ["cancel", "--yes", "--stack", stack, "--color", "never"]),
  );
  if (exitCode !== 0) throw new Failure(`pulumi cancel --stack ${stack}: ${redact(String(stderr)).trim()}`);
}

/** The events in a file that `--event-log` wrote: one JSON object per line. The last line may be incomplete after a kill. */
export function readEvents(file: string): EngineEvent[] {
  let text = "";
  try {
    text = readFileSync(file, "utf8");
  } catch {
    // The engine ended before it created the file.
  }
  return text.split("\n").flatMap((line) => {
    try {
      return line === "" ? [] : [JSON.parse(line) as EngineEvent];
    } catch {
      return [];
    }
  });
}

/** The last line of a log. */
export function lastLine(log: string): string {
  return log.trim().split("\n").at(-1) ?? "";
}

function pulumi(root: string, args: string[]) {
  const child = execa("pulumi", args, {
    cwd: root,
    all: true,
    stdin: "ignore",
    reject: false,
    // --event-log is hidden without it: https://www.pulumi.com/docs/iac/cli/environment-variables/
    env: { PULUMI_DEBUG_COMMANDS: "true", PULUMI_SKIP_UPDATE_CHECK: "true" },
  });
  child.catch(() => {});
  child.on("error", () => {});
  return child;
}

/** @throws Failure if the CLI could not be started. */
function requireCli<T extends { code?: string | undefined }>(result: T): T {
  if (result.code !== "ENOENT") return result;
  throw new Failure("pulumi is not on PATH. Install it: https://www.pulumi.com/docs/iac/download-install/");
}

/** If this process ended at the first Ctrl-C, nobody would record the result of the update. */
function ignoreSignals(): () => void {
  const ignore = () => {};
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const signal of signals) process.on(signal, ignore);
  return () => {
    for (const signal of signals) process.off(signal, ignore);
  };
}
