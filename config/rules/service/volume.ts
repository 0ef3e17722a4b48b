import type { ParsedService } from "../../schema/service/index.ts";
import type { AddFault } from "./add-fault.ts";

export function checkVolume({ kind, volume }: ParsedService, add: AddFault): void {
  if (volume && kind !== "stateful") add(["volume"], "only for kind: stateful. Set kind, or remove volume");
}
