import { redact } from "./secrets.ts";

/**
 * A text of at most so many characters, with an ellipsis if it was longer. Secrets are masked first, because half of one is not
 * recognised any more. A surrogate pair is not split: parsers reject half of one.
 */
export function truncate(text: string, most: number): string {
  const masked = redact(text);
  if (masked.length <= most) return masked;
  return `${masked.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/, "")}…`;
}
