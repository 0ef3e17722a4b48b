import { formatDuration } from "../output.ts";

/** A time of this machine's time zone, for people: `2026-01-31 21:00 GMT+9`. @param at RFC 3339 */
export function formatTime(at: string): string {
  const date = new Date(at);
  if (Number.isNaN(date.valueOf())) return "an unknown time";
  const options = { dateStyle: "short", timeStyle: "short" } as const;
  // Swedish dates are written as ISO 8601 says.
  const zone = new Intl.DateTimeFormat("en-GB", { timeZoneName: "short" }).formatToParts(date);
  return `${new Intl.DateTimeFormat("sv-SE", options).format(date)} ${zone.find(({ type }) => type === "timeZoneName")?.value ?? ""}`;
}

/** ` (5 m 3 s ago)`, ` (3 h ago)`; empty for an unknown time. */
export function formatAge(at: string, now = Date.now()): string {
  const seconds = (now - Date.parse(at)) / 1000;
  if (Number.isNaN(seconds)) return "";
  const text =
    seconds < 3600
      ? formatDuration(Math.max(0, seconds))
      : seconds < 86_400
        ? `${Math.floor(seconds / 3600)} h`
        : `${Math.floor(seconds / 86_400)} d`;
  return ` (${text} ago)`;
}
