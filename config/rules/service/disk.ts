import { CHART_DEFAULTS } from "../../defaults.ts";
import { compareQuantities } from "../../quantity.ts";
import type { ParsedService } from "../../schema/service/index.ts";
import type { AddFault } from "./add-fault.ts";

/** The kubelet counts /tmp into limits.ephemeral-storage, so a larger one could never be filled: the pod is evicted before. */
export function checkDisk({ resources, tmp }: ParsedService, add: AddFault): void {
  const size = tmp?.sizeLimit ?? CHART_DEFAULTS.tmp.sizeLimit;
  const limit = resources.limits["ephemeral-storage"] ?? CHART_DEFAULTS.resources.limits["ephemeral-storage"];
  if (compareQuantities(size, limit) <= 0) return;
  add(
    ["tmp", "sizeLimit"],
    `${size} is above resources.limits.ephemeral-storage, ${limit}: the pod would be evicted before /tmp is full. Raise the limit or ` +
      "lower the size",
  );
}
