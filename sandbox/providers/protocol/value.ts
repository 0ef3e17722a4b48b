import { isDeepStrictEqual } from "node:util";

/** A secret value: the engine masks it in output and encrypts it in the state. */
export class Secret {
  readonly element: Value;

  constructor(element: Value) {
    this.element = element;
  }
}

/** A value that is not known yet, as in a preview. */
export class Unknown {
  static readonly value = new Unknown();
  /** Without a member, TypeScript would accept every object as an unknown. */
  readonly unknown = true;
}

/** A property value of the engine: JSON, secrets and unknowns. */
export type Value = null | boolean | number | string | Value[] | PropertyMap | Secret | Unknown;

/** The properties of one resource. */
export interface PropertyMap {
  [key: string]: Value;
}

/** JSON without secrets and unknowns. */
export type Plain = null | boolean | number | string | Plain[] | PlainMap;

export interface PlainMap {
  [key: string]: Plain;
}

export const isMap = (value: Value | undefined): value is PropertyMap =>
  typeof value === "object" &&
  value !== null &&
  !Array.isArray(value) &&
  !(value instanceof Secret) &&
  !(value instanceof Unknown);

export const isPlainMap = (value: Plain | undefined): value is PlainMap =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The value in a secret; it may contain further secrets. */
export function unwrap(value: Value | undefined): Value | undefined {
  return value instanceof Secret ? unwrap(value.element) : value;
}

/** The value with the content of every secret; unknowns stay. */
export function reveal(value: Value): Value {
  if (value instanceof Secret) return reveal(value.element);
  if (Array.isArray(value)) return value.map(reveal);
  return isMap(value) ? mapValues(value, reveal) : value;
}

/**
 * The value as JSON, with the content of secrets.
 *
 * @throws on an unknown: check `hasUnknown` first.
 */
function toPlain(value: Value): Plain {
  if (value instanceof Secret) return toPlain(value.element);
  if (value instanceof Unknown) throw new Error("a value that is not known yet reached an operation that needs it");
  if (Array.isArray(value)) return value.map(toPlain);
  return isMap(value) ? toPlainMap(value) : value;
}

/** {@link toPlain} for a map. */
export function toPlainMap(map: PropertyMap): PlainMap {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, toPlain(value)]));
}

export function hasUnknown(value: Value | undefined): boolean {
  return contains(value, (part) => part instanceof Unknown);
}

export function hasSecret(value: Value | undefined): boolean {
  return contains(value, (part) => part instanceof Secret);
}

/** Whether two values are equal, by the content of secrets. */
export function sameValue(a: Value | undefined, b: Value | undefined): boolean {
  return isDeepStrictEqual(a === undefined ? a : reveal(a), b === undefined ? b : reveal(b));
}

export function mapValues(map: PropertyMap, change: (value: Value) => Value): PropertyMap {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(value)]));
}

/** The nested map under a key, or an empty one. */
export function mapAt(map: PropertyMap, key: string): PropertyMap {
  const value = unwrap(map[key]);
  return isMap(value) ? value : {};
}

/** The string under a key, also in a secret; undefined when missing, null, empty, unknown or of another type. */
export function stringAt(map: PropertyMap, key: string): string | undefined {
  const value = unwrap(map[key]);
  return typeof value === "string" && value !== "" ? value : undefined;
}

function contains(value: Value | undefined, test: (part: Value) => boolean): boolean {
  if (value === undefined) return false;
  if (test(value)) return true;
  if (value instanceof Secret) return contains(value.element, test);
  if (Array.isArray(value)) return value.some((item) => contains(item, test));
  return isMap(value) && Object.values(value).some((item) => contains(item, test));
}
