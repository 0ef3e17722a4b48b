import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { setPriority } from "node:os";
import { join } from "node:path";
import { paths } from "../paths.ts";
import { endProcesses, markerOf, markerVariable, strayDaemons } from "./marked-processes.ts";
import { identify, isAlive, type ProcessIdentity } from "./process-identity.ts";
import { waitFor } from "./wait.ts";

/** A process that outlives the command that starts it. */
export interface Daemon {
  /** Names its record and its log. */
  name: string;
  command: string;
  args: string[];
  /** Added to a small fixed environment, so that the caller's shell does not change how the platform runs. */
  env?: Record<string, string>;
  /** Contents that the process reads only when it starts. It is restarted when they change. */
  configuration?: string[];
  /** Whether it serves. */
  ready: () => Promise<boolean>;
  /** Runs before each start, to remove what a killed process of this name has left behind. */
  prepare?: () => Promise<void> | void;
  /** Seconds it may take to serve. @default 30 */
  readyTimeout?: number;
  /** Seconds from SIGTERM to SIGKILL. @default 10 */
  stopTimeout?: number;
}

export interface DaemonRecord extends ProcessIdentity {
  name: string;
  /** Of command, arguments, environment and configuration. */
  fingerprint: string;
  startedAt: string;
}

const READY_TIMEOUT = 30;
/** From -20, the highest priority, to 19. */
const DAEMON_NICE = -10;
const STOP_TIMEOUT = 10;
/** Seconds after which a process that does not serve counts as hanging. */
const HANG_TIMEOUT = 15;

/** A log above this size is rotated at the next start. One older log is kept. */
const LOG_LIMIT_BYTES = 20 * 1024 * 1024;

const recordFile = (name: string): string => join(paths.run, "processes", `${name}.json`);
export const logFile = (name: string): string => join(paths.logs, `${name}.log`);

function fingerprint(daemon: Daemon): string {
  // The command is a link that keeps its name when the tool is rebuilt.
  const parts = [realpathSync(daemon.command), daemon.args, daemon.env ?? {}, daemon.configuration ?? []];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}

function readRecord(name: string): DaemonRecord | undefined {
  try {
    return JSON.parse(readFileSync(recordFile(name), "utf8")) as DaemonRecord;
  } catch {
    // Absent, or half-written when the machine went down: there is no process either way.
    return undefined;
  }
}

/** Every process on record, alive or not. */
export function recordedDaemons(): (DaemonRecord & { alive: boolean })[] {
  const folder = join(paths.run, "processes");
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith(".json"))
    .flatMap((file) => readRecord(file.slice(0, -".json".length)) ?? [])
    .map((record) => ({ ...record, alive: isAlive(record) }));
}

export function isRunning(name: string): boolean {
  const record = readRecord(name);
  return record !== undefined && isAlive(record);
}

/** The last lines of a process's log, for an error message. */
export function logTail(name: string, lines = 5): string {
  const file = logFile(name);
  if (!existsSync(file)) return "";
  return readFileSync(file, "utf8").trimEnd().split("\n").slice(-lines).join("\n");
}

function openLog(name: string): number {
  mkdirSync(paths.logs, { recursive: true });
  const file = logFile(name);
  if (existsSync(file) && statSync(file).size > LOG_LIMIT_BYTES) renameSync(file, `${file}.1`);
  return openSync(file, "a");
}

function launch(daemon: Daemon): ChildProcess {
  const log = openLog(daemon.name);
  try {
    // A session of its own, which Ctrl-C in the terminal does not reach.
    return spawn(daemon.command, daemon.args, {
      detached: true,
      cwd: "/",
      stdio: ["ignore", log, log],
      env: {
        PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        HOME: "/",
        LANG: "C.UTF-8",
        [markerVariable]: markerOf(daemon.name),
        ...daemon.env,
      },
    });
  } finally {
    closeSync(log);
  }
}

/**
 * The cluster's own processes go before updates, builds and tests, as on a machine of their own. Where the kernel groups processes by their
 * session, only the group's priority counts: https://man7.org/linux/man-pages/man7/sched.7.html
 */
function prioritize(pid: number): void {
  try {
    setPriority(pid, DAEMON_NICE);
    writeFileSync(`/proc/${pid}/autogroup`, String(DAEMON_NICE));
  } catch {
    // It has ended already, or the kernel does not group processes.
  }
}

function awaitReady(daemon: Daemon, timeout: number): Promise<void> {
  const log = (): string => `Its log, ${logFile(daemon.name)}, ends:\n${logTail(daemon.name)}`;
  return waitFor(daemon.ready, {
    what: `${daemon.name} to serve`,
    timeout,
    hint: log,
    failed: () => (isRunning(daemon.name) ? undefined : `it ended. ${log()}`),
  });
}

/**
 * Makes sure that the process runs as described and serves. A healthy one is left alone. One that has ended, hangs or was
 * started with other arguments is restarted.
 * @returns whether it had to be started.
 * @throws Error with the end of its log when it ends or does not serve in time.
 */
export async function ensureDaemon(daemon: Daemon): Promise<"running" | "started"> {
  const wanted = fingerprint(daemon);
  const known = readRecord(daemon.name);
  const timeout = daemon.readyTimeout ?? READY_TIMEOUT;
  if (known !== undefined && isAlive(known) && known.fingerprint === wanted) {
    const serves = await awaitReady(daemon, Math.min(timeout, HANG_TIMEOUT)).then(
      () => true,
      () => false,
    );
    if (serves) return "running";
  }
  await stopDaemon(daemon.name, daemon.stopTimeout);
  await endProcesses(strayDaemons(daemon.name, daemon.command), daemon.stopTimeout ?? STOP_TIMEOUT);
  await daemon.prepare?.();
  await start(daemon, wanted);
  await awaitReady(daemon, timeout);
  return "started";
}

async function start(daemon: Daemon, wanted: string): Promise<void> {
  const child = launch(daemon);
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", reject);
  });
  if (child.pid !== undefined) prioritize(child.pid);
  const identity = child.pid === undefined ? undefined : identify(child.pid);
  child.unref();
  if (!identity)
    throw new Error(
      `${daemon.name} ended as soon as it started. Its log, ${logFile(daemon.name)}, ends:\n${logTail(daemon.name)}`,
    );
  const record: DaemonRecord = {
    ...identity,
    name: daemon.name,
    fingerprint: wanted,
    startedAt: new Date().toISOString(),
  };
  mkdirSync(join(paths.run, "processes"), { recursive: true });
  const file = recordFile(daemon.name);
  writeFileSync(`${file}.new`, JSON.stringify(record));
  renameSync(`${file}.new`, file);
}

/** Ends a recorded process (SIGTERM, then SIGKILL) and deletes its record. A process of somebody else is never ended. */
export async function stopDaemon(name: string, timeout = STOP_TIMEOUT): Promise<void> {
  const record = readRecord(name);
  if (record && isAlive(record)) await endProcesses([record], timeout);
  rmSync(recordFile(name), { force: true });
}

/** Ends all recorded processes of these names at once. */
export async function stopDaemons(names: readonly (string | RegExp)[]): Promise<void> {
  const wanted = recordedDaemons().filter(({ name }) =>
    names.some((given) => (typeof given === "string" ? given === name : given.test(name))),
  );
  await Promise.all(wanted.map(({ name }) => stopDaemon(name)));
}
