import type { ParsedService } from "../../schema/service/index.ts";
import type { AddFault } from "./add-fault.ts";

const ANNOTATIONS = ["prometheus.io/scrape", "prometheus.io/port", "prometheus.io/path"];

export function checkMetrics({ metrics, podAnnotations = {} }: ParsedService, add: AddFault): void {
  if (!metrics?.annotations) return;
  for (const name of ANNOTATIONS.filter((name) => name in podAnnotations)) {
    add(["podAnnotations", name], "set by metrics.annotations. Remove one of them");
  }
}
