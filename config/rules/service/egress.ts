import type { ParsedService } from "../../schema/service/index.ts";
import type { AddFault } from "./add-fault.ts";

/** The metadata service stays closed while egress.internet is true, so naming it is not without effect. */
const METADATA = ["169.254.169.254/32", "fd00:ec2::254/128"];

export function checkEgress({ network }: ParsedService, add: AddFault): void {
  const { internet = true, cidrs = [] } = network?.egress ?? {};
  if (!internet) return;
  for (const [index, range] of cidrs.entries()) {
    if (METADATA.includes(typeof range === "string" ? range : range.cidr)) continue;
    add(
      ["network", "egress", "cidrs", index],
      "open already: egress.internet is true, which is also the default. Set egress.internet: false, or remove the range",
    );
  }
}
