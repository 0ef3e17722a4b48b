import { isPlainMap, type Plain } from "../protocol/value.ts";
import type { Props } from "./resource.ts";

/** The string under a key; undefined when missing or empty. */
export function text(props: Props, key: string): string | undefined {
  const value = props[key];
  return typeof value === "string" && value !== "" ? value : undefined;
}

/**
 * The string under a key.
 *
 * @throws when it is missing.
 */
export function requiredText(props: Props, key: string): string {
  const value = text(props, key);
  if (value === undefined) throw new Error(`"${key}" is missing, although the check requires it`);
  return value;
}

/** The number under a key, also when it is written as a string, as ports are. */
export function number(props: Props, key: string): number | undefined {
  const value = props[key];
  if (typeof value === "string" && value !== "" && Number.isFinite(Number(value))) return Number(value);
  return typeof value === "number" ? value : undefined;
}

/** The boolean under a key, also when it is written as a string. */
export function flag(props: Props, key: string): boolean | undefined {
  const value = props[key];
  if (value === "true" || value === "false") return value === "true";
  return typeof value === "boolean" ? value : undefined;
}

/** The strings of a list under a key; undefined when missing. */
export function texts(props: Props, key: string): string[] | undefined {
  const value = props[key];
  return Array.isArray(value) ? value.map(String) : undefined;
}

/** The objects of a list under a key; empty when missing. */
export function items(props: Props, key: string): Props[] {
  const value = props[key];
  return Array.isArray(value) ? value.filter(isPlainMap) : [];
}

/** The object under a key; undefined when missing. */
export function object(props: Props, key: string): Props | undefined {
  const value: Plain | undefined = props[key];
  return isPlainMap(value) ? value : undefined;
}

/** A map of strings under a key, such as `tagsAll`; empty when missing. */
export function textMap(props: Props, key: string): Record<string, string> {
  return Object.fromEntries(Object.entries(object(props, key) ?? {}).map(([name, value]) => [name, String(value)]));
}
