/** A time as the official plugin writes it: RFC 3339 in UTC, to the second. */
export function timestamp(date: Date | undefined): string | undefined {
  return date?.toISOString().replace(/\.\d+Z$/, "Z");
}
