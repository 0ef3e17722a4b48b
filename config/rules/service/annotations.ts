import type { ParsedService } from "../../schema/service/index.ts";
import type { AddFault } from "./add-fault.ts";

/** Annotations that the chart sets. A second one of the same name would replace it, or be no YAML. */
export const RESERVED = "slipway.dev/";

export function checkAnnotations({ podAnnotations = {} }: ParsedService, add: AddFault): void {
  for (const key of Object.keys(podAnnotations)) {
    if (key.startsWith(RESERVED)) add(["podAnnotations", key], `${RESERVED} is for the chart itself. Use another name`);
  }
}
