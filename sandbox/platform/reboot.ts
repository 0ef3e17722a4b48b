import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runtimeState } from "../cluster/container-runtime.ts";
import { nodes, paths } from "../paths.ts";
import { bootId } from "../processes/process-identity.ts";

const bootFile = join(paths.run, "boot-id");

function recordedBoot(): string | undefined {
  try {
    return readFileSync(bootFile, "utf8").trim();
  } catch {
    return undefined;
  }
}

/** Folders that describe processes, mounts and addresses of one boot, or of one run between start and stop. */
export const transientFolders = [
  join(paths.run, "pod-addresses"),
  join(paths.run, "processes"),
  join(paths.docker, "exec"),
  join(paths.docker, "containerd-state"),
  ...nodes.map(runtimeState),
];

/**
 * After a restart of the machine, deletes what described the previous boot: otherwise every pod of that time would keep its
 * address, and containerd would look for each of its processes.
 */
export function dropStaleBoot(): void {
  const known = recordedBoot();
  if (known === bootId()) return;
  if (known !== undefined) for (const folder of transientFolders) rmSync(folder, { recursive: true, force: true });
  mkdirSync(paths.run, { recursive: true });
  writeFileSync(bootFile, bootId());
}
