import { parseDocument } from "yaml";

/** A pod template, or a part of it. */
export type PodPatch = { [key: string]: unknown };

/**
 * The patch that a text says.
 *
 * @returns why it is none, if it is none
 */
export function parsePatch(text: string): { patch: PodPatch } | { fault: string } {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error) return { fault: `not YAML: ${error.message.split("\n")[0]}. Fix it` };
  const patch: unknown = document.toJS();
  if (!isMap(patch)) return { fault: "must be YAML of a map with metadata or spec, as a pod template has. Fix it" };
  return { patch };
}

export function isMap(value: unknown): value is PodPatch {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
