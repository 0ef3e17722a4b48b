import { isMap, type PropertyMap, Secret, Unknown, type Value } from "../protocol/value.ts";

/** The names of properties that have their default; the official plugin keeps them under the same key in the inputs. */
export const DEFAULTS = "__defaults";

/** Keys that the official plugin keeps beside the properties; it may have written the state before. */
const INTERNALS = [DEFAULTS, "__meta", "__pulumi_raw_state_delta"];

/** Whether a key is the plugin's, not a property. */
export const isInternal = (key: string): boolean => INTERNALS.includes(key);

/** The properties without the plugin's own keys, at any depth, and without nulls in maps. */
export function withoutInternals(map: PropertyMap): PropertyMap {
  return Object.fromEntries(
    Object.entries(map).flatMap(([key, value]) =>
      value === null || isInternal(key) ? [] : [[key, changeObjects(value, withoutInternals)]],
    ),
  );
}

/** The value with a change to every object in it, also in secrets and lists. */
export function changeObjects(value: Value, change: (map: PropertyMap) => PropertyMap): Value {
  if (value instanceof Secret) return new Secret(changeObjects(value.element, change));
  if (Array.isArray(value)) return value.map((item) => changeObjects(item, change));
  return isMap(value) ? change(value) : value;
}

/** The properties without unknowns, at any depth. */
export function withoutUnknowns(map: PropertyMap): PropertyMap {
  return Object.fromEntries(
    Object.entries(map).flatMap(([key, value]) =>
      value instanceof Unknown ? [] : [[key, changeObjects(value, withoutUnknowns)]],
    ),
  );
}

/** Whether a value is missing, or one that the official plugin does not distinguish from that. */
export function isEmpty(value: Value | undefined): boolean {
  if (value === undefined || value === null || value === "" || value === false || value === 0) return true;
  if (Array.isArray(value)) return value.length === 0;
  return isMap(value) && Object.keys(value).length === 0;
}
