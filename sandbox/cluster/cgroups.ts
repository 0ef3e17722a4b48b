import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { cgroupRoot } from "../paths.ts";

const mount = "/sys/fs/cgroup";

/** Whether the machine has only the unified hierarchy (v2). With v1 each controller is a tree of its own. */
export const isUnified = (): boolean => existsSync(join(mount, "cgroup.controllers"));

/** The roots of all trees: one with v2; with v1 one per controller (links to a shared one left out). */
function hierarchies(): string[] {
  if (isUnified()) return [mount];
  const mounted = readFileSync("/proc/mounts", "utf8")
    .split("\n")
    .map((line) => line.split(" "));
  return mounted.filter(([, , type]) => type === "cgroup" || type === "cgroup2").flatMap(([, path]) => path ?? []);
}

/** A new cpuset group is empty and accepts no process until it gets the CPUs and memory nodes of its parent. */
function inheritCpuset(folder: string, parent: string): void {
  for (const file of ["cpuset.cpus", "cpuset.mems"]) {
    if (!existsSync(join(folder, file)) || isUnified()) continue;
    if (readFileSync(join(folder, file), "utf8").trim() === "")
      writeFileSync(join(folder, file), readFileSync(join(parent, file), "utf8").trim());
  }
}

function delegateControllers(folder: string): void {
  if (!isUnified()) return;
  for (const controller of readFileSync(join(folder, "cgroup.controllers"), "utf8").trim().split(/\s+/)) {
    writeFileSync(join(folder, "cgroup.subtree_control"), `+${controller}`);
  }
}

/**
 * Gives pods the processors before what runs beside them. On a real cluster they do not share a machine with updates, builds and tests.
 * As one group among many processes, all pods together had a sixteenth of a busy machine, and the ingress controller answered after seconds.
 */
function preferPods(folder: string): void {
  // The same weight, as each version counts it. The default is 1024 of v1, and 100 of v2.
  for (const [file, weight] of [
    ["cpu.shares", "102400"],
    ["cpu.weight", "10000"],
  ] as const) {
    if (existsSync(join(folder, file))) writeFileSync(join(folder, file), weight);
  }
}

/** Creates `/slipway/<name>` in every tree: the kubelet refuses a root that does not exist. */
export function ensureCgroup(name: string): void {
  for (const hierarchy of hierarchies()) {
    let parent = hierarchy;
    for (const step of [cgroupRoot, name]) {
      const folder = join(parent, step);
      delegateControllers(parent);
      mkdirSync(folder, { recursive: true });
      inheritCpuset(folder, parent);
      if (step === cgroupRoot) preferPods(folder);
      parent = folder;
    }
  }
}

function foldersBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const below = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [...below.flatMap((entry) => foldersBelow(join(folder, entry.name))), folder];
}

/**
 * Processes in the sandbox's cgroups: those of pods and of image builds.
 * @param names groups to look into, as {@link ensureCgroup} made them. @default - all
 */
export function processesInCgroups(names: readonly string[] = [""]): number[] {
  const found = new Set<number>();
  const roots = hierarchies().flatMap((hierarchy) => names.map((name) => join(hierarchy, cgroupRoot, name)));
  for (const folder of roots.flatMap(foldersBelow)) {
    try {
      for (const pid of readFileSync(join(folder, "cgroup.procs"), "utf8").split("\n"))
        if (pid !== "") found.add(Number(pid));
    } catch {
      // The group was removed with its last process.
    }
  }
  return [...found];
}

/** Removes the sandbox's cgroups, deepest first. A group stays busy for a moment after its last process ended. */
export async function removeCgroups(): Promise<void> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const left = hierarchies().flatMap((hierarchy) => foldersBelow(join(hierarchy, cgroupRoot)));
    if (left.length === 0) return;
    for (const folder of left) {
      try {
        rmdirSync(folder);
      } catch {
        // Busy: the next round finds it free.
      }
    }
    await sleep(50);
  }
}
