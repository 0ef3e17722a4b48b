import { readdirSync, readFileSync, readlinkSync, realpathSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { state } from "../paths.ts";
import { identify, isAlive, type ProcessIdentity } from "./process-identity.ts";

/** Set in the environment of every process that the sandbox starts, and inherited by the shims that those start. */
export const markerVariable = "SLIPWAY_SANDBOX_PROCESS";

/** Names the state folder too: two sandboxes of two users are two. */
export const markerOf = (name: string): string => `${state}#${name}`;

export interface MarkedProcess extends ProcessIdentity {
  /** Name of the daemon that it is, or descends from. */
  name: string;
  executable: string;
}

/** Which of the sandbox's daemons a process is or descends from, by its mark; a shim, also by whom it reports to. */
function ownerOf(pid: string): string | undefined {
  const prefix = `${markerVariable}=${state}#`;
  const mark = readFileSync(`/proc/${pid}/environ`, "latin1")
    .split("\0")
    .find((variable) => variable.startsWith(prefix));
  if (mark) return mark.slice(prefix.length);
  const words = readFileSync(`/proc/${pid}/cmdline`, "latin1").split("\0");
  return words[0]?.includes("containerd-shim") && words.some((word) => word.startsWith(`${state}/`))
    ? "shim"
    : undefined;
}

/** Every live process of this sandbox, on record or not, but for those in pods. */
export function markedProcesses(): MarkedProcess[] {
  const found: MarkedProcess[] = [];
  for (const pid of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    try {
      const name = ownerOf(pid);
      const identity = name === undefined ? undefined : identify(Number(pid));
      if (name !== undefined && identity)
        found.push({ ...identity, name, executable: readlinkSync(`/proc/${pid}/exe`) });
    } catch {
      // Ended meanwhile, or another user's.
    }
  }
  return found;
}

/**
 * A daemon that runs but is not on record: its starter was killed between starting it and writing it down. It would
 * hold the port and the data that the next one needs.
 */
export function strayDaemons(name: string, command: string): ProcessIdentity[] {
  const executable = realpathSync(command);
  return markedProcesses().filter((process) => process.name === name && process.executable === executable);
}

function signal(target: ProcessIdentity, name: "SIGTERM" | "SIGKILL"): void {
  try {
    if (isAlive(target)) process.kill(target.pid, name);
  } catch {
    // Ended between the look and the signal.
  }
}

/** Ends processes: SIGTERM, then SIGKILL to those that are still there after `grace` seconds. */
export async function endProcesses(targets: readonly ProcessIdentity[], grace: number): Promise<void> {
  for (const target of targets) signal(target, "SIGTERM");
  const deadline = Date.now() + grace * 1000;
  while (targets.some(isAlive) && Date.now() < deadline) await sleep(25);
  for (const target of targets) signal(target, "SIGKILL");
  const end = Date.now() + 5000;
  while (targets.some(isAlive) && Date.now() < end) await sleep(25);
}
