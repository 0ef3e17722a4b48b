import { readFileSync } from "node:fs";

/**
 * Identifies a process. A pid alone is reused; together with the start time (in clock ticks since boot) and the boot's id it
 * is unique, so that the sandbox never signals a process that it did not start.
 */
export interface ProcessIdentity {
  pid: number;
  /** Field 22 of /proc/<pid>/stat. */
  startTime: string;
  bootId: string;
}

/** Fields of /proc/<pid>/stat after the command, which is in brackets and may contain spaces and brackets itself. */
export function parseStat(stat: string): { state: string; parent: number; startTime: string } {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { state: fields[0] ?? "", parent: Number(fields[1]), startTime: fields[19] ?? "" };
}

export function bootId(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
}

/** Identity of the live process with this pid; undefined if there is none, or only a zombie. */
export function identify(pid: number): ProcessIdentity | undefined {
  try {
    const { state, startTime } = parseStat(readFileSync(`/proc/${pid}/stat`, "utf8"));
    return state === "Z" || state === "X" ? undefined : { pid, startTime, bootId: bootId() };
  } catch {
    return undefined;
  }
}

export function isSameProcess(recorded: ProcessIdentity, found: ProcessIdentity | undefined): boolean {
  return (
    found !== undefined &&
    recorded.pid === found.pid &&
    recorded.startTime === found.startTime &&
    recorded.bootId === found.bootId
  );
}

export function isAlive(recorded: ProcessIdentity): boolean {
  return isSameProcess(recorded, identify(recorded.pid));
}
