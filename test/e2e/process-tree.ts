import { readdirSync, readFileSync } from "node:fs";
import { parseStat } from "../../sandbox/processes/process-identity.ts";

/** A process and all that it has started. */
export function processTree(root: number): number[] {
  const all = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        return [{ pid: Number(name), ...parseStat(readFileSync(`/proc/${name}/stat`, "utf8")) }];
      } catch {
        return []; // It has ended meanwhile.
      }
    });
  const below = (pid: number): number[] => [
    pid,
    ...all.filter(({ parent }) => parent === pid).flatMap((child) => below(child.pid)),
  ];
  return below(root);
}

/**
 * Kills a process and all that it has started, at one moment: all are stopped first, until none is left that could start another or
 * notice that another has died. An engine that sees its plugin die would write its state and remove its lock.
 *
 * @returns the names of the processes that it killed. Those that had ended before are not among them.
 */
export function killTree(root: number): string[] {
  const stopped = new Map<number, string>();
  for (;;) {
    const running = processTree(root).filter((pid) => !stopped.has(pid) && isRunning(pid));
    if (running.length === 0) break;
    for (const pid of running) if (send(pid, "SIGSTOP")) stopped.set(pid, nameOf(pid));
  }
  return [...stopped].flatMap(([pid, name]) => (send(pid, "SIGKILL") ? [name] : []));
}

/** Not a zombie, which stays until its parent asks for it. */
function isRunning(pid: number): boolean {
  try {
    return !["Z", "X"].includes(parseStat(readFileSync(`/proc/${pid}/stat`, "utf8")).state);
  } catch {
    return false;
  }
}

function nameOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8").trim();
  } catch {
    return "";
  }
}

function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    return false;
  }
}
