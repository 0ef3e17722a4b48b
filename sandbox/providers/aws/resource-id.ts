/** A tuple of that many strings. */
export type Parts<N extends number, T extends string[] = []> = T["length"] extends N ? T : Parts<N, [...T, string]>;

/**
 * The parts of an id such as `cluster:node-group`. What is left after the last separator that counts, separators included,
 * is the last part: it may be an ARN.
 *
 * @throws when there are fewer parts, or an empty one, as with a mistyped id on an import.
 */
export function splitId<N extends number>(id: string, separator: string, count: N): Parts<N> {
  const all = id.split(separator);
  const parts = [...all.slice(0, count - 1), all.slice(count - 1).join(separator)];
  if (parts.length !== count || parts.includes("")) {
    throw new Error(`the id "${id}" does not have ${count} parts joined by "${separator}"`);
  }
  return parts as Parts<N>;
}
