import { canonical } from "./cidr.ts";

/**
 * A range of IPv4 or IPv6 by its first address, as https://www.rfc-editor.org/rfc/rfc5952 writes it: 10.0.0.0/16 for 10.0.0.7/16,
 * fd00:ec2::254/128 for FD00:EC2:0::254/128.
 *
 * @param range well-formed: see addressRange in schema/formats.ts
 */
export function canonicalRange(range: string): string {
  if (!range.includes(":")) return canonical(range);
  const [address = "", prefix = ""] = range.split("/");
  const bits = Number(prefix);
  const groups = groupsOf(address).map((group, index) => group & mask(bits - 16 * index));
  return `${addressOf(groups)}/${bits}`;
}

/** The same range, in the spelling of canonicalRange. Bits behind the prefix stay. */
export function sameSpelling(range: string): string {
  if (!range.includes(":")) return range;
  const [address = "", prefix = ""] = range.split("/");
  return `${addressOf(groupsOf(address))}/${Number(prefix)}`;
}

/** Of a group of 16 bits, those that belong to the prefix. @param left bits of the prefix from this group on */
function mask(left: number): number {
  const own = Math.min(16, Math.max(0, left));
  return 0xffff - (2 ** (16 - own) - 1);
}

function groupsOf(address: string): number[] {
  const [head = "", tail] = address.split("::");
  const numbers = (part: string) => (part === "" ? [] : part.split(":").map((group) => Number.parseInt(group, 16)));
  const [before, after] = [numbers(head), numbers(tail ?? "")];
  const zeros = Array<number>(tail === undefined ? 0 : 8 - before.length - after.length).fill(0);
  return [...before, ...zeros, ...after];
}

/** With :: for the first of the longest runs of zeros, if that has two groups or more. */
function addressOf(groups: readonly number[]): string {
  const hex = groups.map((group) => group.toString(16));
  let [start, length] = [0, 1];
  for (let first = 0; first < groups.length; first++) {
    const end = groups.findIndex((group, index) => index >= first && group !== 0);
    const run = (end === -1 ? groups.length : end) - first;
    if (run > length) [start, length] = [first, run];
  }
  return length < 2 ? hex.join(":") : `${hex.slice(0, start).join(":")}::${hex.slice(start + length).join(":")}`;
}
