import { spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { execa } from "execa";
import { Failure } from "../failure.ts";
import { warn } from "../output.ts";
import { engineEnvironment } from "./engine-environment.ts";
import { followLines } from "./follow-file.ts";
import type { SignalHold } from "./signals.ts";

const ENVIRONMENT = {
  // --event-log is hidden without it: https://www.pulumi.com/docs/iac/cli/environment-variables/
  PULUMI_DEBUG_COMMANDS: "true",
  PULUMI_SKIP_UPDATE_CHECK: "true",
  // A build that is aborted sends a signal to every process with the build's cookie. The engine would get it twice, once from us.
  // https://www.jenkins.io/doc/book/using/spawning-processes-from-build/
  JENKINS_NODE_COOKIE: "dontKillMe",
};

/** Room that output and events need. */
const MIN_FREE_BYTES = 16 * 1024 * 1024;

/** A folder for output and events, undefined if there is no room for them. A full disk must not stop a rollback. */
export function createEngineFolder(): string | undefined {
  try {
    const { bavail, bsize } = statfsSync(tmpdir());
    if (bavail * bsize < MIN_FREE_BYTES) throw new Error("it is full");
    return mkdtempSync(join(tmpdir(), "slipway-engine-"));
  } catch (error) {
    const reason = error instanceof Error ? error.message : error;
    warn(`${tmpdir()} cannot hold the engine's events (${reason}). The result is read from its output alone.`);
    return undefined;
  }
}

/** Whether the folder still takes a file of some size. If not, the end of the output may be missing. Without a folder there are pipes. */
export function canWrite(folder: string | undefined): boolean {
  if (folder === undefined) return true;
  try {
    writeFileSync(join(folder, "probe"), Buffer.alloc(64 * 1024, 1));
    return true;
  } catch {
    return false;
  }
}

/** How the CLI ended: by itself, or by a signal. */
export interface CliEnd {
  exitCode: number | null;
  signal: NodeJS.Signals | null;
}

/** A command of the CLI. */
export interface CliCommand {
  root: string;
  stack: string;
  args: string[];
  /** @default - stacks/Pulumi.<stack>.yaml */
  configFile?: string;
  /** Variables for the program, besides those of this process. @default - none */
  environment?: Record<string, string>;
}

export interface CliObserver {
  /** Where signals to this process come in. */
  signals: SignalHold;
  /** For the output and the events; without it the output comes through pipes, and no events come. */
  folder: string | undefined;
  takeLine: (line: string) => void;
  takeEvent: (line: string) => void;
}

/**
 * Runs a command of the CLI in a session of its own, and passes signals on to it.
 *
 * @throws Failure if the CLI is not installed.
 */
export async function runCli(
  { root, stack, args, configFile, environment = {} }: CliCommand,
  { signals, folder, takeLine, takeEvent }: CliObserver,
): Promise<CliEnd> {
  const files =
    folder === undefined ? undefined : { events: join(folder, "events.json"), output: join(folder, "output") };
  const all = [
    ...[...args, "--stack", stack, "--non-interactive", "--color", "never"],
    ...(files ? ["--event-log", files.events] : []),
    ...(configFile ? ["--config-file", configFile] : []),
  ];
  // Both streams append to one file, so their lines keep their order.
  const file = files && openSync(files.output, "a");
  const output = file ?? "pipe";
  const child = spawn("pulumi", all, {
    cwd: root,
    env: { ...engineEnvironment(process.env), ...ENVIRONMENT, ...environment },
    detached: true,
    stdio: ["ignore", output, output],
  });
  if (file !== undefined) closeSync(file);
  const ended = new Promise<CliEnd>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (exitCode, signal) => resolve({ exitCode, signal }));
  });
  const detach = signals.attach(() => interrupt(child.pid));
  try {
    for (const stream of [child.stdout, child.stderr]) {
      if (stream) createInterface({ input: stream }).on("line", takeLine);
    }
    const following = files && [
      followLines(files.output, ended, takeLine),
      followLines(files.events, ended, takeEvent),
    ];
    const [end] = await Promise.all([ended, ...(following ?? [])]);
    return end;
  } catch (error) {
    requireCli(error as NodeJS.ErrnoException);
    if (child.pid === undefined) throw error;
    // Its output cannot be followed any more. It ends in order, and nobody reverts a record while it works.
    interrupt(child.pid);
    return await ended;
  } finally {
    detach();
  }
}

/** A Ctrl-C as a terminal sends it: to the whole group, because pulumi may be a script that runs the CLI. */
function interrupt(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGINT");
  } catch {
    // It has ended.
  }
}

/** A backend that does not answer must not hold up a rollback. Reading a long history takes seconds. */
const QUERY_MILLISECONDS = 120_000;

/** Runs a command of the CLI to its end. @throws Failure if the CLI is not installed, or does not end within two minutes. */
export async function queryCli(root: string, args: string[]) {
  const maxBuffer = Number.POSITIVE_INFINITY;
  const result = await execa("pulumi", args, {
    cwd: root,
    stdin: "ignore",
    reject: false,
    env: { ...engineEnvironment(process.env), ...ENVIRONMENT },
    extendEnv: false,
    maxBuffer,
    timeout: QUERY_MILLISECONDS,
  });
  requireCli(result);
  if (result.timedOut) {
    throw new Failure(
      `pulumi ${args.join(" ")}: no answer within ${QUERY_MILLISECONDS / 1000} s. Check the connection to the backend: pulumi whoami -v`,
    );
  }
  return result;
}

/** @throws Failure if the CLI could not be started. */
function requireCli({ code }: { code?: string | undefined }): void {
  if (code === "ENOENT") {
    throw new Failure("pulumi is not on PATH. Install it: https://www.pulumi.com/docs/iac/download-install/");
  }
  if (code === "EACCES") {
    throw new Failure('pulumi on PATH is not executable. Check its permissions: ls -l "$(command -v pulumi)"');
  }
}
