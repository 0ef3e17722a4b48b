import { CHART_DEFAULTS } from "../../defaults.ts";
import { resolveService } from "../../resolve.ts";
import type { ParsedService } from "../../schema/service/index.ts";
import type { AddFault } from "./add-fault.ts";

export function checkRollout(name: string, service: ParsedService, add: AddFault): void {
  const { maxSurge, maxUnavailable } = { ...CHART_DEFAULTS.rollout, ...service.rollout };
  if (service.kind !== "stateful" && isNone(maxSurge) && isNone(maxUnavailable)) {
    add(["rollout", "maxSurge"], "with maxUnavailable 0 as well, no pod could ever be replaced. Raise one of them");
  }
  const { probes, rollout } = resolveService(name, service, "");
  const ready = probes.startupSeconds + rollout.minReadySeconds;
  if (rollout.progressDeadlineSeconds <= ready) {
    add(
      ["rollout", "progressDeadlineSeconds"],
      `a pod may take ${ready} s (probes.startupSeconds + rollout.minReadySeconds) until it counts. Set it above that`,
    );
  }
}

function isNone(amount: number | string): boolean {
  return amount === 0 || amount === "0%";
}
