import type { Fault, Path } from "./fault.ts";
import { isMap } from "./merge.ts";

/** Dates that the YAML of Pulumi reads where there are no quotes: https://github.com/go-yaml/yaml/blob/v3.0.1/resolve.go */
const WRITTEN = /^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ][0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}\S*)?$/;
/** What Pulumi makes of them. */
const PASSED = /^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)? [+-][0-9]{4} [A-Z]+$/;

export function isUnquotedDate(text: string): boolean {
  return WRITTEN.test(text);
}

/**
 * Faults of dates in a stack's part of the environment. The engine passes on 2026-11-29 as 2026-11-29 00:00:00 +0000 UTC, and no
 * other part of the config changes so.
 *
 * @param own what the stack says
 * @param written paths at which its file has a date without quotes, as far as that is known
 */
export function dateFaults(own: unknown, written: readonly Path[]): Fault[] {
  // Only its change matters.
  const paths = [...written, ...passedDates(own)].filter((path) => path.at(-1) !== "restartedAt");
  const message = "YAML reads a date here, and Pulumi passes it on as another text. Put it in quotes";
  return paths.map((path) => ({ path, message }));
}

function passedDates(value: unknown, path: Path = []): Path[] {
  if (typeof value === "string") return PASSED.test(value) ? [path] : [];
  if (Array.isArray(value)) return value.flatMap((item, index) => passedDates(item, [...path, index]));
  return isMap(value) ? Object.entries(value).flatMap(([key, inner]) => passedDates(inner, [...path, key])) : [];
}
