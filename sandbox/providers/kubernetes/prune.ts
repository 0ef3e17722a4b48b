import { isMap, type PropertyMap, unwrap, type Value } from "../protocol/value.ts";

/**
 * The part of the live object that the inputs speak of. The server fills in much that the program never gave; only
 * what was given is compared, so a change made by someone else to a managed field shows as drift, and nothing else.
 */
export function prune(live: PropertyMap, inputs: PropertyMap): PropertyMap {
  const kept = Object.keys(inputs).filter((key) => key in live);
  return Object.fromEntries(kept.map((key) => [key, pruneValue(live[key] ?? null, inputs[key] ?? null)]));
}

function pruneValue(live: Value, input: Value): Value {
  const a = unwrap(live) ?? null;
  const b = unwrap(input) ?? null;
  if (isMap(a) && isMap(b)) return prune(a, b);
  // An element more than was given is drift, and stays.
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.map((item, index) => pruneValue(item, b[index] ?? item));
  }
  return a;
}
