import { canonical } from "../cidr.ts";
import type { Fault, Path } from "../fault.ts";

export function repeatedFaults(path: Path, values: readonly string[]): Fault[] {
  return values.flatMap((value, index) =>
    values.indexOf(value) === index ? [] : [{ path: [...path, index], message: "given twice. Remove one of them" }],
  );
}

/** AWS keeps a range by its first address, and each range once: otherwise every preview shows a difference, or fails. */
export function rangeListFaults(path: Path, ranges: readonly string[]): Fault[] {
  const faults = ranges.flatMap((range, index) => {
    if (range === canonical(range)) return [];
    const message = `not the first address of its range. Use ${canonical(range)}, or ${range.split("/")[0]}/32`;
    return [{ path: [...path, index], message }];
  });
  return [...faults, ...repeatedFaults(path, ranges)];
}
