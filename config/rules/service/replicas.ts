import { resolveService } from "../../resolve.ts";
import type { ParsedService } from "../../schema/service/index.ts";
import type { AddFault } from "./add-fault.ts";

export function checkReplicas(name: string, service: ParsedService, add: AddFault): void {
  const { min, max } = resolveService(name, service, "").replicas;
  if (max < min) {
    const pause = max === 0 ? ". To pause the service, set min: 0" : "";
    add(["replicas", "max"], `below replicas.min, which is ${min}. Raise max or lower min${pause}`);
  }
  if (min === 0 && max > 0 && !service.scaling?.triggers?.length) {
    add(
      ["replicas", "min"],
      "an autoscaler on CPU cannot start the first pod, so none would ever run. Set min: 1, or add scaling.triggers. To pause the " +
        "service, set max: 0 too",
    );
  }
  checkDisruption(service, max, add);
}

function checkDisruption({ disruption }: ParsedService, max: number, add: AddFault): void {
  const path = ["disruption", "maxUnavailable"];
  const away = disruption?.maxUnavailable;
  if (away === undefined) return;
  if (max <= 1) add(path, "a service of at most one pod has no budget, which would block every drain. Remove it");
  else if (away === 0 || away === "0%") add(path, "no node could ever be drained. Set at least 1");
  else if (away === "100%" || (typeof away === "number" && away >= max))
    add(path, "all pods could be away at once. Lower it");
}
