/**
 * One part of the config over another. Maps merge; lists and scalars of the later part replace those of the earlier one; null takes
 * away what the earlier part says.
 */
export function merge(base: unknown, over: unknown): unknown {
  if (!isMap(over)) return over;
  const merged = new Map(isMap(base) ? Object.entries(base) : []);
  for (const [key, value] of Object.entries(over)) {
    if (value === null) merged.delete(key);
    else if (value !== undefined) merged.set(key, merge(merged.get(key), value));
  }
  return Object.fromEntries(merged);
}

/** Whether a value is a map of YAML, and not a list, a date, a set or another object. */
export function isMap(value: unknown): value is Record<string, unknown> {
  return Object.prototype.toString.call(value) === "[object Object]";
}
