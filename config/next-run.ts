import type { CronSchedule } from "./cron-schedule.ts";

const DAY_MILLISECONDS = 86_400_000;
/** A leap day comes after 8 years at the latest, around a century without one. */
const MOST_DAYS = 8 * 366 + 1;

/**
 * When a schedule fires next after a time. A time that daylight saving leaves out is skipped, as Kubernetes does.
 *
 * @param timeZone IANA name. @default - UTC, the zone of most control planes
 */
export function nextRun(schedule: CronSchedule, after: Date, timeZone = "Etc/UTC"): Date | undefined {
  const zone = new Zone(timeZone);
  const start = zone.wallClock(after);
  const times = [...schedule.hours]
    .sort((a, b) => a - b)
    .flatMap((hour) => [...schedule.minutes].sort((a, b) => a - b).map((minute) => (hour * 60 + minute) * 60_000));
  const today = Math.floor(start / DAY_MILLISECONDS) * DAY_MILLISECONDS;
  for (let day = 0; day < MOST_DAYS; day++) {
    const midnight = today + day * DAY_MILLISECONDS;
    if (!isDay(schedule, new Date(midnight))) continue;
    for (const time of times) {
      const at = zone.instant(midnight + time);
      if (at !== undefined && at > after.valueOf()) return new Date(at);
    }
  }
  return undefined;
}

function isDay({ days, months, weekdays, isAnyDay }: CronSchedule, date: Date): boolean {
  if (!months.has(date.getUTCMonth() + 1)) return false;
  const [isDate, isWeekday] = [days.has(date.getUTCDate()), weekdays.has(date.getUTCDay())];
  return isAnyDay ? isDate && isWeekday : isDate || isWeekday;
}

/** The wall clock of a time zone, written as if it were UTC: in milliseconds since 1970. */
class Zone {
  private readonly format: Intl.DateTimeFormat;

  constructor(timeZone: string) {
    const parts = { year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric" } as const;
    this.format = new Intl.DateTimeFormat("en", { timeZone, hourCycle: "h23", era: "short", ...parts });
  }

  wallClock(at: Date): number {
    const parts = Object.fromEntries(this.format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0 } = parts;
    return Date.UTC(year, month - 1, day, hour, minute);
  }

  /** Undefined if the wall clock never shows it. */
  instant(wall: number): number | undefined {
    // The offset of the zone before and after the time: they differ around a change of the clock.
    const candidates = [wall - DAY_MILLISECONDS, wall + DAY_MILLISECONDS]
      .map((near) => wall - (this.wallClock(new Date(near)) - near))
      .sort((a, b) => a - b);
    return candidates.find((at) => this.wallClock(new Date(at)) === wall);
  }
}
