import { podsOf } from "../../pods-or-share.ts";
import { resolveService } from "../../resolve.ts";
import type { ParsedService } from "../../schema/service/index.ts";
import type { AddFault } from "./add-fault.ts";

interface Pods {
  min: number;
  max: number;
}

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
  checkDisruption(service, { min, max }, add);
}

function checkDisruption({ disruption }: ParsedService, { min, max }: Pods, add: AddFault): void {
  const path = ["disruption", "maxUnavailable"];
  const away = disruption?.maxUnavailable;
  // A service of at most one pod, and one that is paused, has no budget. Shared config may have it for environments with more pods.
  if (away === undefined || max <= 1) return;
  if (away === 0 || away === "0%") {
    add(path, "no node could ever be drained. Set at least 1");
    return;
  }
  // More pods lose no larger share, so the least number of pods decides. One pod alone can always be away.
  const least = Math.max(min, 2);
  if (podsOf(away, least, Math.ceil) < least) return;
  add(
    path,
    `all ${least} pods could be away at once when no more run, by replicas.min: shares are rounded up. Lower it`,
  );
}
