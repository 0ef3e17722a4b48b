import { CHART_DEFAULTS } from "../../defaults.ts";
import type { Path } from "../../fault.ts";
import { compareQuantities } from "../../quantity.ts";
import type { ParsedService } from "../../schema/service/index.ts";
import type { AddFault } from "./add-fault.ts";

/** Kubernetes refuses a request above its limit. */
export function checkResources({ resources, sidecars = {}, initContainers = {} }: ParsedService, add: AddFault): void {
  checkAmounts(["resources"], resources, add);
  for (const [field, containers] of Object.entries({ sidecars, initContainers })) {
    for (const [name, { resources }] of Object.entries(containers)) {
      checkAmounts([field, name, "resources"], resources, add);
    }
  }
}

/** A container beside the service's own has the same defaults: see charts/service/templates/_beside.tpl. */
function checkAmounts(path: Path, resources: ParsedService["resources"], add: AddFault): void {
  const requests = { ...CHART_DEFAULTS.resources.requests, ...resources.requests };
  const limits = { ...CHART_DEFAULTS.resources.limits, ...resources.limits };
  for (const what of ["cpu", "memory", "ephemeral-storage"] as const) {
    const [request, limit] = [requests[what], limits[what]];
    if (limit === undefined || compareQuantities(request, limit) <= 0) continue;
    const isOwn = resources.requests[what] !== undefined;
    add(
      [...path, isOwn ? "requests" : "limits", what],
      isOwn
        ? `above limits.${what}, which is ${limit}. Lower the request or raise the limit`
        : `below requests.${what}, which is ${request}. Raise the limit or lower the request`,
    );
  }
}
