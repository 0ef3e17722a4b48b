import { hasSecret, isMap, type PropertyMap, Secret, type Value } from "./value.ts";

/**
 * Marks values in `outs` as secret that are secret in `ins`. Maps are compared by key, so that a secret property does not
 * hide a whole object. A list with a secret is hidden as a whole, because it may come back in another order.
 */
export function copySecrecy(outs: PropertyMap, ins: PropertyMap): PropertyMap {
  return Object.fromEntries(
    Object.entries(outs).map(([key, out]): [string, Value] => {
      const source = ins[key];
      if (source === undefined || out instanceof Secret) return [key, out];
      if (isMap(out) && isMap(source)) return [key, copySecrecy(out, source)];
      return [key, hasSecret(source) ? new Secret(out) : out];
    }),
  );
}
