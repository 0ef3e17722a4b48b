import { readFileSync } from "node:fs";
import { identify, isSameProcess, type ProcessIdentity } from "../../sandbox/processes/process-identity.ts";
import { killTree, processTree } from "../e2e/process-tree.ts";

export const VICTIMS = ["engine", "plugin", "both", "all"] as const;

/** Which processes of an update are killed: the Pulumi engine, its Kubernetes plugin with Helm in it, both, or all. */
export type Victim = (typeof VICTIMS)[number];

/** The processes of an update, from the command that a person has typed. */
export interface UpdateProcesses {
  engine: number[];
  plugin: number[];
  all: ProcessIdentity[];
}

export function processesOf(command: number): UpdateProcesses {
  const tree = processTree(command);
  const running = (isWanted: (line: string[]) => boolean) => tree.filter((pid) => isWanted(commandLine(pid)));
  return {
    engine: running(([program = ""]) => program.endsWith("/pulumi")),
    plugin: running(([program = ""]) => program.includes("pulumi-resource-kubernetes")),
    all: tree.flatMap((pid) => identify(pid) ?? []),
  };
}

/** Kills with SIGKILL. @returns how many processes it killed */
export function kill(victim: Victim, command: number): number {
  if (victim === "all") return killTree(command).length;
  const { engine, plugin } = processesOf(command);
  const pids = { engine, plugin, both: [...engine, ...plugin] }[victim];
  for (const pid of pids) process.kill(pid, "SIGKILL");
  return pids.length;
}

/** Ends what a killed update has left running, such as a plugin without its engine. @returns how many there were */
export function endLeftOver({ all }: UpdateProcesses): number {
  const left = all.filter((recorded) => isSameProcess(recorded, identify(recorded.pid)));
  for (const { pid } of left) process.kill(pid, "SIGKILL");
  return left.length;
}

function commandLine(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  } catch {
    return []; // It has ended meanwhile.
  }
}
