import { rmSync } from "node:fs";
import { Failure, reasonOf } from "../failure.ts";
import { warn } from "../output.ts";
import { redact } from "../secrets.ts";
import { type CliEnd, canWrite, createEngineFolder, queryCli, runCli } from "./cli.ts";
import { type EngineEvent, EventLog } from "./event-log.ts";
import { OutputLog } from "./output-log.ts";
import { SignalHold } from "./signals.ts";
import { hasStartedChange } from "./steps.ts";

export type { EngineEvent };

/** The result of one command of the engine. */
export interface EngineResult {
  ok: boolean;
  /** Both output streams in the order in which they came, secrets masked. */
  log: string;
  events: EngineEvent[];
  /** The event log has a beginning but no end, or there is none: the engine was killed, or the disk is full. */
  isCutOff: boolean;
  /** The event log has its end, so no event is missing. */
  isComplete: boolean;
  /** Another update holds the stack's lock; nothing was changed. */
  locked: boolean;
  /** It started to change something, or may have: events are missing. Only if not, nothing was changed. */
  mayHaveChanged: boolean;
  /** Events are missing and those that came show no change, so nothing says whether it changed something. */
  isChangeUnknown: boolean;
  /** The signal that asked this process to end, unless the command succeeded all the same. */
  interrupted?: NodeJS.Signals;
  /** What ended the engine if it did not end by itself: `signal SIGKILL`, `exit code 137`. */
  killed?: string;
}

export interface EngineCommand {
  root: string;
  stack: string;
  /** `up`, `preview`, … with its flags. */
  args: string[];
  /** Stack file to use. @default - stacks/Pulumi.<stack>.yaml */
  configFile?: string;
  /** Variables for the program, besides those of this process. @default - none */
  environment?: Record<string, string>;
  /** Called for each line of output as it comes, secrets masked. @default - prints it to standard error */
  onLine?: (line: string) => void;
  /** Called for each event as it comes. @default - none */
  onEvent?: (event: EngineEvent) => void;
  /** Signals that the caller holds for longer than the command. @default - held while the command runs */
  signals?: SignalHold;
}

/** Messages of a self-managed backend and of Pulumi Cloud: https://www.pulumi.com/docs/iac/concepts/state-and-backends/ */
const LOCKED = /the stack is currently locked by|Another update is currently in progress/;

/** First line of an update. Before it nothing is changed. */
const BEGUN = /^(Updating|Destroying|Refreshing) \(/m;

/**
 * Runs the Pulumi CLI, as a person would. A Ctrl-C, SIGTERM or SIGHUP reaches the CLI once, as the interrupt after which it ends in
 * order; a second one makes it end at once: https://github.com/pulumi/pulumi/blob/v3.276.0/pkg/backend/cancellation_scope.go.
 * Nothing else of this process reaches it: it has a session of its own and writes to files, so that it outlives a closed terminal or
 * pipe.
 *
 * @throws Failure if the CLI is not installed.
 */
export async function runEngine(command: EngineCommand): Promise<EngineResult> {
  const signals = command.signals ?? new SignalHold();
  const folder = createEngineFolder();
  try {
    return await follow(command, signals, folder);
  } finally {
    if (command.signals === undefined) signals.release();
    if (folder) rmSync(folder, { recursive: true, force: true });
  }
}

async function follow(command: EngineCommand, signals: SignalHold, folder: string | undefined): Promise<EngineResult> {
  const { onLine = (line) => void process.stderr.write(`${line}\n`), onEvent } = command;
  const output = new OutputLog();
  const eventLog = new EventLog();
  let isShown = true;
  // What only informs must not end what is being followed.
  const show = (display: () => void) => {
    try {
      if (isShown) display();
    } catch (error) {
      isShown = false;
      warn(`The progress cannot be shown any more: ${reasonOf(error)}. The engine goes on.`);
    }
  };
  const takeLine = (line: string) => {
    const masked = redact(line);
    output.add(masked);
    show(() => onLine(masked));
  };
  const takeEvent = (line: string) => {
    const event = eventLog.add(line);
    if (event) show(() => onEvent?.(event));
  };
  const end = signals.received ? undefined : await runCli(command, { signals, folder, takeLine, takeEvent });
  const log = output.text;
  const { events, isComplete } = eventLog;
  const ok = end?.exitCode === 0;
  const killed = describeKill(end);
  const locked = !ok && LOCKED.test(log);
  const hasChanged = hasStartedChange(events);
  const isChangeUnknown =
    !hasChanged && !isComplete && !locked && end !== undefined && hasBegun(log, killed, canWrite(folder));
  return {
    ok,
    log,
    events,
    isComplete,
    isCutOff: eventLog.isCutOff || folder === undefined,
    locked,
    mayHaveChanged: hasChanged || isChangeUnknown,
    isChangeUnknown,
    ...(signals.received && !ok && { interrupted: signals.received }),
    ...(killed !== undefined && { killed }),
  };
}

/**
 * Whether an update without its events may have begun. The engine refuses with a message, before its first line about the update. An output
 * that is empty, or that a kill or a full disk has cut off, says nothing.
 */
function hasBegun(log: string, killed: string | undefined, isWhole: boolean): boolean {
  return BEGUN.test(log) || log.trim() === "" || killed !== undefined || !isWhole;
}

function describeKill(end: CliEnd | undefined): string | undefined {
  if (end?.signal) return `signal ${end.signal}`;
  // As shells and containers report a signal. The CLI itself ends with 255 for every failure.
  const exitCode = end?.exitCode ?? 0;
  return exitCode > 128 && exitCode < 160 ? `exit code ${exitCode}, signal ${exitCode - 128}` : undefined;
}

/** Runs a command of the CLI and returns its JSON. @throws Failure with the CLI's message. */
export async function queryEngine<T>(root: string, stack: string, args: string[]): Promise<T> {
  // An export is always JSON, and knows no such flag.
  const json = args.includes("export") ? [] : ["--json"];
  const query = [...args, "--stack", stack, ...json, "--non-interactive", "--color", "never"];
  const { exitCode, signal, stdout, stderr } = await queryCli(root, query);
  if (exitCode !== 0) {
    const reason = redact(String(stderr || stdout))
      .replace(/^error: /, "")
      .trim();
    const end = describeKill({ exitCode: exitCode ?? null, signal: signal ?? null }) ?? `exit code ${exitCode}`;
    throw new Failure(`pulumi ${args.join(" ")} --stack ${stack}: ${reason || `it ended without a message (${end})`}`);
  }
  return JSON.parse(String(stdout) || "null") as T;
}

/** Whether a command failed because the backend has no such stack: nobody has deployed it yet. */
export function isUnknownStack(error: unknown): boolean {
  return error instanceof Failure && /no stack named '.*' found/.test(error.message);
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
  const { exitCode, stderr } = await queryCli(root, ["cancel", "--yes", "--stack", stack, "--color", "never"]);
  if (exitCode !== 0) throw new Failure(`pulumi cancel --stack ${stack}: ${redact(String(stderr)).trim()}`);
}

/** The last line of a log. */
export function lastLine(log: string): string {
  return log.trim().split("\n").at(-1) ?? "";
}
