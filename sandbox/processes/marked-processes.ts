import { readdirSync, readFileSync, readlinkSync, realpathSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { state } from "../paths.ts";
import { identify, isAlive, type ProcessIdentity } from "./process-identity.ts";

/** Set in the environment of every process that the sandbox starts, and inherited by the shims that those start. */
export const markerVariable = "SLIPWAY_SANDBOX_PROCESS";

/** Contains the state folder, which tells the sandboxes of two users apart. */
export const markerOf = (name: string): string => `${state}#${name}`;

export interface MarkedProcess extends ProcessIdentity {
  /** Name of the daemon that it is or descends from. */
  name: string;
  executable: string;
}

/** Which of the sandbox's daemons a process is or descends from, by its mark. A shim is also known by its arguments. */
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

/** Every live process of this sandbox, recorded or not, except those in pods. */
export function markedProcesses(): MarkedProcess[] {
  const found: MarkedProcess[] = [];
  for (const pid of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    try {
      const name = ownerOf(pid);
      const identity = name === undefined ? undefined : identify(Number(pid));
      if (name !== undefined && identity)
        found.push({ ...identity, name, executable: readlinkSync(`/proc/${pid}/exe`) });
    } catch {
      // It has ended, or belongs to another user.
    }
  }
  return found;
}

/**
 * Daemons that run without a record, because the command that started them was killed before it wrote one. They would keep the
 * port and the data that the next one needs.
 */
export function strayDaemons(name: string, command: string): ProcessIdentity[] {
  const executable = realpathSync(command);
  return markedProcesses().filter((process) => process.name === name && process.executable === executable);
}

function signal(target: ProcessIdentity, name: "SIGTERM" | "SIGKILL"): void {
  try {
    if (isAlive(target)) process.kill(target.pid, name);
  } catch {
    // It has ended since the check.
  }
}

/** Ends processes: SIGTERM, then SIGKILL to those that still run after `grace` seconds. */
export async function endProcesses(targets: readonly ProcessIdentity[], grace: number): Promise<void> {
  for (const target of targets) signal(target, "SIGTERM");
  const deadline = Date.now() + grace * 1000;
  while (targets.some(isAlive) && Date.now() < deadline) await sleep(25);
  for (const target of targets) signal(target, "SIGKILL");
  const end = Date.now() + 5000;
  while (targets.some(isAlive) && Date.now() < end) await sleep(25);
}
