import { isMap, type PropertyMap, Secret, Unknown, type Value } from "../protocol/value.ts";

/** Names of properties that filled themselves in; the official plugin keeps them under the same key in the inputs. */
export const DEFAULTS = "__defaults";

/** What the official plugin keeps beside the properties; a stack may have come from it. */
const INTERNALS = [DEFAULTS, "__meta", "__pulumi_raw_state_delta"];

/** Whether a key is the plugin's own, not a property. */
export const isInternal = (key: string): boolean => INTERNALS.includes(key);

/** The properties without those that are the plugin's own, at any depth, and without nulls in maps. */
export function withoutInternals(map: PropertyMap): PropertyMap {
  return Object.fromEntries(
    Object.entries(map).flatMap(([key, value]) =>
      value === null || isInternal(key) ? [] : [[key, changeObjects(value, withoutInternals)]],
    ),
  );
}

/** The value with every object in it changed, be it in a secret or a list. */
export function changeObjects(value: Value, change: (map: PropertyMap) => PropertyMap): Value {
  if (value instanceof Secret) return new Secret(changeObjects(value.element, change));
  if (Array.isArray(value)) return value.map((item) => changeObjects(item, change));
  return isMap(value) ? change(value) : value;
}

/** The properties without what is not known yet, at any depth. */
export function withoutUnknowns(map: PropertyMap): PropertyMap {
  return Object.fromEntries(
    Object.entries(map).flatMap(([key, value]) =>
      value instanceof Unknown ? [] : [[key, changeObjects(value, withoutUnknowns)]],
    ),
  );
}

/** Whether a value says nothing: left out, or what the official plugin cannot tell from that. */
export function isEmpty(value: Value | undefined): boolean {
  if (value === undefined || value === null || value === "" || value === false || value === 0) return true;
  if (Array.isArray(value)) return value.length === 0;
  return isMap(value) && Object.keys(value).length === 0;
}
