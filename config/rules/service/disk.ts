import { CHART_DEFAULTS } from "../../defaults.ts";
import type { ParsedService } from "../../schema/service/index.ts";
import type { AddFault } from "./add-fault.ts";

/** The kubelet counts emptyDirs into limits.ephemeral-storage, so a larger one could never be filled: the pod is evicted before. */
export function checkDisk({ tmp, resources }: ParsedService, add: AddFault): void {
  if (tmp === undefined) return;
  const size = tmp.sizeLimit ?? CHART_DEFAULTS.tmp.sizeLimit;
  const limit = resources.limits["ephemeral-storage"] ?? CHART_DEFAULTS.resources.limits["ephemeral-storage"];
  const folders = 1 + (tmp.paths?.length ?? 0);
  if (folders * bytesOf(size) <= bytesOf(limit)) return;
  const sum = folders === 1 ? size : `${folders} × ${size} (/tmp and tmp.paths)`;
  add(
    ["tmp"],
    `a pod may write ${limit} (resources.limits.ephemeral-storage) before it is evicted, and these are ${sum}. ` +
      "Raise that limit, or lower tmp.sizeLimit",
  );
}

/** https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/ */
const UNITS = ["", "k", "M", "G", "T", "P", "E"];

function bytesOf(quantity: string): number {
  const [, number = "0", unit = "", binary = ""] = /^([0-9.]+)([a-zA-Z]?)(i?)$/.exec(quantity) ?? [];
  if (unit === "m") return Number(number) / 1000;
  return Number(number) * (binary ? 1024 : 1000) ** UNITS.indexOf(unit === "K" ? "k" : unit);
}
