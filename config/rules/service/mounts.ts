import type { Path } from "../../fault.ts";
import type { ParsedService } from "../../schema/service/index.ts";
import type { AddFault } from "./add-fault.ts";

/** Paths that the container runtime or the kubelet fills: https://github.com/opencontainers/runtime-spec/blob/main/config-linux.md */
const SYSTEM_FOLDERS = ["/proc", "/sys", "/dev"];
const SYSTEM_FILES = ["/etc/hosts", "/etc/hostname", "/etc/resolv.conf"];

interface Mount {
  at: Path;
  path: string;
  isFile: boolean;
}

/** Two mounts at one path, and what lies under a file: the API server refuses the first, the container does not start with the other. */
export function checkMounts(service: ParsedService, add: AddFault): void {
  const taken: Mount[] = [{ at: ["tmp"], path: "/tmp", isFile: false }];
  for (const mount of mountsOf(service)) {
    const fault = systemFault(mount) ?? clashFault(mount, taken);
    if (fault !== undefined) add(mount.at, fault);
    taken.push(mount);
  }
}

function mountsOf({ tmp, volume, files = {}, secretFiles = {} }: ParsedService): Mount[] {
  const folders = (tmp?.paths ?? []).map((path, index) => ({ at: ["tmp", "paths", index], path, isFile: false }));
  const file = (field: string) => (path: string) => ({ at: [field, path], path, isFile: true });
  return [
    ...(volume ? [{ at: ["volume", "mountPath"], path: volume.mountPath.replace(/\/+$/, ""), isFile: false }] : []),
    ...folders,
    ...Object.keys(files).map(file("files")),
    ...Object.keys(secretFiles).map(file("secretFiles")),
  ];
}

function systemFault({ path }: Mount): string | undefined {
  const isSystem = SYSTEM_FILES.includes(path) || SYSTEM_FOLDERS.some((folder) => isWithin(path, folder));
  return isSystem ? `${path} belongs to the system in every container. Use another path` : undefined;
}

function clashFault({ path, isFile }: Mount, others: readonly Mount[]): string | undefined {
  for (const other of others) {
    const name = `${other.at.join(".")}${other.at.includes(other.path) ? "" : ` (${other.path})`}`;
    if (path === other.path) return `${path} is also ${name}. Remove one of them, or use another path`;
    if (other.isFile && isWithin(path, other.path)) return `lies under ${name}, which is a file. Use another path`;
    if (!isFile && !other.isFile && isWithin(path, other.path)) return `is inside of ${name}. Use another path`;
    if (!isFile && !other.isFile && isWithin(other.path, path)) return `holds ${name}. Use another path`;
    if (isFile && isWithin(other.path, path)) return `${name} lies under this file. Use another path`;
  }
  return undefined;
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
