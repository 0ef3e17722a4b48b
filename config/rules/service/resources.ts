import { CHART_DEFAULTS } from "../../defaults.ts";
import { compareQuantities } from "../../quantity.ts";
import type { ParsedService } from "../../schema/service/index.ts";
import type { AddFault } from "./add-fault.ts";

/** Kubernetes refuses a request above its limit. */
export function checkResources({ resources }: ParsedService, add: AddFault): void {
  const requests = { ...CHART_DEFAULTS.resources.requests, ...resources.requests };
  const limits = { ...CHART_DEFAULTS.resources.limits, ...resources.limits };
  for (const what of ["cpu", "memory", "ephemeral-storage"] as const) {
    const [request, limit] = [requests[what], limits[what]];
    if (limit === undefined || compareQuantities(request, limit) <= 0) continue;
    const isOwn = resources.requests[what] !== undefined;
    add(
      ["resources", isOwn ? "requests" : "limits", what],
      isOwn
        ? `above limits.${what}, which is ${limit}. Lower the request or raise the limit`
        : `below requests.${what}, which is ${request}. Raise the limit or lower the request`,
    );
  }
}
