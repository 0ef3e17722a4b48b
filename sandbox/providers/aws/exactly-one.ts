import type { Props } from "./resource.ts";

/** The fault of properties of which one must be given and no more; none when that is so. */
export function exactlyOne(props: Props, names: readonly string[]): { property: string; reason: string }[] {
  const given = names.filter((name) => props[name] !== undefined && props[name] !== "");
  if (given.length === 1) return [];
  const reason = `give exactly one of ${names.join(", ")} (given: ${given.join(", ") || "none"})`;
  return [{ property: given[0] ?? names[0] ?? "", reason }];
}
