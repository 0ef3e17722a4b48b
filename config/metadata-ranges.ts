import { sameSpelling } from "./address-range.ts";

/** The metadata service stays closed while egress.internet is true, so naming it is not without effect. */
const METADATA: readonly unknown[] = ["169.254.169.254/32", "fd00:ec2::254/128"];

/** Whether a range is just the address of the instance metadata service, in any spelling. */
export function isMetadataRange(range: unknown): boolean {
  return typeof range === "string" && METADATA.includes(sameSpelling(range));
}
