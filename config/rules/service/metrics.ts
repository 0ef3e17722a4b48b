import type { ParsedService } from "../../schema/service/index.ts";
import type { AddFault } from "./add-fault.ts";

const ANNOTATIONS = ["prometheus.io/scrape", "prometheus.io/port", "prometheus.io/path"];
/** Labels of every object of the chart. A second one of the same name is no YAML. */
const RESERVED_LABEL = /^(app\.kubernetes\.io|helm\.sh)\//;

export function checkMetrics({ metrics, podAnnotations = {} }: ParsedService, add: AddFault): void {
  if (typeof metrics?.serviceMonitor === "object") {
    for (const key of Object.keys(metrics.serviceMonitor.labels).filter((key) => RESERVED_LABEL.test(key))) {
      add(["metrics", "serviceMonitor", "labels", key], "set by the chart. Use a label of another name");
    }
  }
  if (!metrics?.annotations) return;
  for (const name of ANNOTATIONS.filter((name) => Object.hasOwn(podAnnotations, name))) {
    add(["podAnnotations", name], "set by metrics.annotations. Remove one of them");
  }
}
