import { CHART_DEFAULTS } from "../../defaults.ts";
import { wholeUnits } from "../../quantity.ts";
import type { ParsedService } from "../../schema/service/index.ts";
import type { AddFault } from "./add-fault.ts";

/** The kubelet counts emptyDirs into limits.ephemeral-storage, so a larger one could never be filled: the pod is evicted before. */
export function checkDisk({ tmp, resources }: ParsedService, add: AddFault): void {
  const size = tmp?.sizeLimit ?? CHART_DEFAULTS.tmp.sizeLimit;
  const limit = resources.limits["ephemeral-storage"] ?? CHART_DEFAULTS.resources.limits["ephemeral-storage"];
  const folders = 1 + (tmp?.paths?.length ?? 0);
  if (folders * wholeUnits(size) <= wholeUnits(limit)) return;
  const sum = folders === 1 ? size : `${folders} × ${size} (/tmp and tmp.paths)`;
  add(
    tmp?.paths ? ["tmp"] : ["tmp", "sizeLimit"],
    `a pod may write ${limit} (resources.limits.ephemeral-storage) before it is evicted, and these are ${sum}. ` +
      "Raise that limit, or lower tmp.sizeLimit",
  );
}
