import { isMetadataRange } from "../../metadata-ranges.ts";
import type { ParsedService } from "../../schema/service/index.ts";
import type { AddFault } from "./add-fault.ts";

export function checkEgress({ network }: ParsedService, add: AddFault): void {
  const { internet = true, cidrs = [] } = network?.egress ?? {};
  if (!internet) return;
  for (const [index, range] of cidrs.entries()) {
    if (isMetadataRange(typeof range === "string" ? range : range.cidr)) continue;
    add(
      ["network", "egress", "cidrs", index],
      "open already: egress.internet is true, which is also the default. Set egress.internet: false, or remove the range",
    );
  }
}
