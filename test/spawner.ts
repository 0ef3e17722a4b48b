import { ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { openSync, readSync, writeSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** Node's own handle of a process. Its functions return zero or a negative error number. */
interface ProcessHandle {
  pid?: number;
  spawn: (...args: unknown[]) => number;
  kill: (signal: number) => number;
  onexit: (code: number, signal: string) => void;
}

/** What spawn, exec and execa hand on, after Node has made a handle for each pipe. */
interface SpawnOptions {
  file: string;
  args: string[];
  cwd?: string;
  envPairs: string[];
  stdio: { type: string; handle?: { open: (fd: number) => void }; ipc?: boolean }[];
  detached?: boolean;
  uid?: number;
  gid?: number;
}

/**
 * Lets a small process start the commands of this one. Node forks, and a fork copies the page tables: 10 to 40 ms for each command
 * of a worker that has loaded the program, and 2 ms for the small process. Commands, streams, exit codes, signals and errors stay
 * as they are; only the parent differs. Node itself starts commands with other streams than plain pipes, those that the small process
 * cannot start, so that the error is Node's own, and all of them where Python or /proc is missing.
 */
async function useSpawner(): Promise<void> {
  const script = join(import.meta.dirname, "spawner.py");
  const small = spawn("python3", ["-S", "-E", script], { stdio: ["pipe", "pipe", "inherit"] });
  small.stdin.on("error", () => {});
  const lines = createInterface(small.stdout);
  const [hello] = await Promise.race([once(lines, "line"), once(lines, "close"), once(small, "error").catch(() => [])]);
  if (hello === undefined) return;
  const pipes: { requests: number; answers: number } = JSON.parse(hello);
  const open = (fd: number, flag: "r" | "w") => openSync(`/proc/${small.pid}/fd/${fd}`, flag);
  const [requests, answers] = [open(pipes.requests, "w"), open(pipes.answers, "r")];
  small.stdin.end("opened\n");
  small.unref();

  const running = new Map<number, ProcessHandle>();
  lines.on("line", (line) => {
    const { pid, code, signal } = JSON.parse(line);
    const handle = running.get(pid);
    running.delete(pid);
    handle?.onexit(code, signal);
  });

  const answer = Buffer.alloc(4096);
  const start = (handle: ProcessHandle, options: SpawnOptions): boolean => {
    const { file, args, cwd = process.cwd(), envPairs, detached = false } = options;
    const stdio = options.stdio.map(({ type }) => type);
    write(requests, JSON.stringify({ file, args, cwd, env: envPairs, stdio, detached }));
    const { pid, ends } = JSON.parse(answer.toString("utf8", 0, readSync(answers, answer)));
    if (pid === undefined) return false;
    for (const [index, stream] of options.stdio.entries()) {
      if (stream.type === "pipe") stream.handle?.open(open(ends[index], index === 0 ? "w" : "r"));
    }
    write(requests, "opened");
    handle.pid = pid;
    running.set(pid, handle);
    handle.kill = (signal) => (running.get(pid) === handle ? kill(pid, signal) : -constants.errno.ESRCH);
    return true;
  };

  const own = ChildProcess.prototype as unknown as { spawn: (options: SpawnOptions) => number };
  const { spawn: ownSpawn } = own;
  own.spawn = function (this: { _handle: ProcessHandle }, options) {
    const handle = this._handle;
    const fork = handle.spawn;
    handle.spawn = (...args) => (isPlain(options) && start(handle, options) ? 0 : fork.apply(handle, args));
    return ownSpawn.call(this as never, options);
  };
}

function isPlain({ stdio, uid, gid }: SpawnOptions): boolean {
  const isPipe = ({ type, ipc }: SpawnOptions["stdio"][number]) => !ipc && (type === "pipe" || type === "ignore");
  return stdio.length === 3 && stdio.every(isPipe) && (uid ?? gid) === undefined;
}

function kill(pid: number, signal: number): number {
  try {
    process.kill(pid, signal);
    return 0;
  } catch (error) {
    return (error as { errno: number }).errno;
  }
}

function write(fd: number, line: string): void {
  for (let left = Buffer.from(`${line}\n`); left.length > 0; ) left = left.subarray(writeSync(fd, left));
}

/** A setup file runs again for each test file of a worker. */
const STARTED = Symbol.for("slipway.test.spawner");
const worker = globalThis as { [STARTED]?: Promise<void> };
worker[STARTED] ??= useSpawner();
await worker[STARTED];
