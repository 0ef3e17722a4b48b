import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { cniNetwork } from "../cluster/container-runtime.ts";
import { paths, state } from "../paths.ts";

/**
 * Folders outside the state folder that kubelet, containerd, dockerd and CNI write to and that no setting moves. A machine with
 * its own Docker or Kubernetes has some of them already.
 */
const fixedFolders = ["/var/log/containers", "/run/containerd", "/run/docker", "/var/lib/cni", "/var/lib/kubelet"];

const noteFile = join(paths.run, "outside-folders.json");

/** Records which of these folders did not exist before the sandbox. They are removed when it stops. */
export function noteOutsideFolders(): void {
  if (existsSync(noteFile)) return;
  mkdirSync(paths.run, { recursive: true });
  writeFileSync(noteFile, JSON.stringify(fixedFolders.filter((folder) => !existsSync(folder))));
}

function notedFolders(): string[] {
  try {
    return JSON.parse(readFileSync(noteFile, "utf8")) as string[];
  } catch {
    return [];
  }
}

function entries(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** Sockets of shims, in a folder that all containerds of a machine share. The bundle of each shim names its socket. */
export function shimSockets(runtimeStates: readonly string[]): string[] {
  return runtimeStates.flatMap((runtimeState) => {
    const tasks = join(runtimeState, "io.containerd.runtime.v2.task");
    const bundles = entries(tasks).flatMap((namespace) =>
      entries(join(tasks, namespace)).map((id) => join(tasks, namespace, id)),
    );
    return bundles.flatMap((bundle) => {
      try {
        return readFileSync(join(bundle, "address"), "utf8").trim().replace("unix://", "");
      } catch {
        // The shim has ended and removed its address.
        return [];
      }
    });
  });
}

function removeLogLinks(): void {
  for (const name of entries("/var/log/containers")) {
    const link = join("/var/log/containers", name);
    try {
      if (readlinkSync(link).startsWith(`${state}/`)) rmSync(link);
    } catch {
      // Not a link, so not of the sandbox.
    }
  }
}

/** Removes a folder and the folders below it, as far as they are empty. */
function removeIfEmpty(folder: string): void {
  for (const entry of existsSync(folder) ? readdirSync(folder, { withFileTypes: true }) : []) {
    if (entry.isDirectory()) removeIfEmpty(join(folder, entry.name));
  }
  try {
    rmdirSync(folder);
  } catch {
    // Other programs have files in it.
  }
}

/**
 * Removes everything of the sandbox from these folders, and the folders that only the sandbox used.
 * Call it when none of its processes is left, and before the runtimes' state is removed.
 */
export function cleanOutsideFolders(runtimeStates: readonly string[]): void {
  removeLogLinks();
  for (const socket of shimSockets(runtimeStates))
    if (dirname(socket).startsWith("/run/containerd")) rmSync(socket, { force: true });
  const noted = notedFolders();
  const results = "/var/lib/cni/results";
  const foreignCni = !noted.includes("/var/lib/cni");
  for (const name of entries(results))
    if (!foreignCni || name.startsWith(`${cniNetwork}-`)) rmSync(join(results, name), { force: true });
  if (noted.includes("/var/lib/kubelet")) rmSync("/var/lib/kubelet/device-plugins", { recursive: true, force: true });
  for (const folder of noted) removeIfEmpty(folder);
  rmSync(noteFile, { force: true });
}
