import type { Path } from "../../fault.ts";
import type { ParsedService } from "../../schema/service/index.ts";
import type { AddFault } from "./add-fault.ts";

interface Mount {
  /** The field that says it. */
  field: Path;
  mountPath: string;
}

/** What the chart mounts itself. */
const TMP = "/tmp";

/** Two mounts at one path: Kubernetes refuses them. One below another: what the outer one holds there is hidden. */
export function checkMounts(service: ParsedService, add: AddFault): void {
  const taken = [TMP];
  for (const { field, mountPath } of mountsOf(service)) {
    const other = taken.find((path) => isWithin(mountPath, path) || isWithin(path, mountPath));
    if (other !== undefined) {
      const relation = mountPath === other ? "is" : isWithin(mountPath, other) ? "is inside of" : "holds";
      add(field, `${relation} ${other}, where another volume is mounted. Use another path`);
    }
    taken.push(mountPath);
  }
}

function mountsOf({ volume }: ParsedService): Mount[] {
  return volume === undefined ? [] : [{ field: ["volume", "mountPath"], mountPath: volume.mountPath }];
}

function isWithin(path: string, outer: string): boolean {
  return `${path}/`.startsWith(`${outer}/`);
}
