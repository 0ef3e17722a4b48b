import { redact } from "./secrets.ts";

/**
 * A text of so many characters at most, with a sign where it was longer. Secrets go first, for half of one is found by nobody;
 * and no character of two units is cut in half, which no reader of JSON takes.
 */
export function truncate(text: string, most: number): string {
  const masked = redact(text);
  if (masked.length <= most) return masked;
  return `${masked.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/, "")}…`;
}
