import { hasSecret, isMap, type PropertyMap, Secret, type Value } from "./value.ts";

/**
 * Marks in `outs` what is secret in `ins`. Two maps are followed key by key, so that one secret leaf does not hide a
 * whole object; anything else that holds a secret hides the whole value, for a list may come back in another order.
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
