import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CronSchedule, parseSchedule } from "../../config/cron-schedule.ts";
import { nextRun } from "../../config/next-run.ts";
import { timeZoneFault } from "../../config/time-zone.ts";

function parsed(text: string): CronSchedule {
  const schedule = parseSchedule(text);
  if ("fault" in schedule) throw new Error(schedule.fault);
  return schedule;
}
const next = (text: string, after: string, timeZone?: string) =>
  nextRun(parsed(text), new Date(after), timeZone)?.toISOString();

describe("a schedule", () => {
  it.each(["* * * * *", "*/15 8-18 * * MON-FRI", "5/10 0,12 1-7 jan,JUL ?", "0 0 29 2 *", "@daily", " 0  0 * * 0 "])(
    "may be %s",
    (text) => {
      expect(parseSchedule(text)).not.toHaveProperty("fault");
    },
  );

  it.each([
    ["* * * *", /4 fields, where five are wanted.*30 2 \* \* \*/],
    ["0 0 0 * * *", /6 fields/],
    ["60 * * * *", /the minute "60": 60 is not in 0 to 59/],
    ["0 24 * * *", /the hour "24".*0 to 23/],
    ["0 0 0 * *", /the day of the month "0"/],
    ["0 0 * 13 *", /the month "13".*1 to 12 or JAN to DEC/],
    ["0 0 * * 7", /Sunday is 0/],
    ["0 0 * * SUNDAY", /"SUNDAY" is no number/],
    ["30-10 * * * *", /ends before it begins.*30-59,0-10/],
    ["*/0 * * * *", /a step of 0/],
    ["1,,2 * * * *", /the minute "1,,2": "" is no number/],
    ["0 0 30 2 *", /no date is like that/],
    ["@every 5m", /not one of @yearly.*\*\/15/],
    ["TZ=UTC 0 0 * * *", /cron\.timeZone/],
    ["", /0 fields/],
  ])("may not be %j, and the message says why", (text, fault) => {
    expect(parseSchedule(text)).toEqual({ fault: expect.stringMatching(fault) });
  });

  it("fires on days that match both fields of days if one is *, else either", () => {
    // The 1st of March 2026 is a Sunday.
    expect(next("0 0 1 * 5", "2026-03-02T00:00:00Z")).toBe("2026-03-06T00:00:00.000Z");
    expect(next("0 0 1 * *", "2026-03-02T00:00:00Z")).toBe("2026-04-01T00:00:00.000Z");
    expect(next("0 0 31 2 5", "2026-03-02T00:00:00Z")).toBe("2027-02-05T00:00:00.000Z");
  });

  it("fires by the clock of its time zone, and skips a time that the clock does not show", () => {
    expect(next("30 2 * * *", "2026-01-31T12:00:00Z", "Asia/Seoul")).toBe("2026-01-31T17:30:00.000Z");
    // On 8 March 2026 New York's clocks go from 2:00 to 3:00; on 1 November, 1:30 comes twice.
    expect(next("30 2 * * *", "2026-03-08T05:00:00Z", "America/New_York")).toBe("2026-03-09T06:30:00.000Z");
    expect(next("30 1 * * *", "2026-11-01T04:00:00Z", "America/New_York")).toBe("2026-11-01T05:30:00.000Z");
  });

  it("fires at the first minute after now that matches all of its fields", () => {
    const field = (min: number, max: number) =>
      fc.oneof(
        fc.constant("*"),
        fc.integer({ min, max }).map(String),
        fc.integer({ min: 2, max: 20 }).map((n) => `*/${n}`),
      );
    const schedules = fc.tuple(field(0, 59), field(0, 23), fc.constant("*"), fc.constant("*"), field(0, 6));
    fc.assert(
      fc.property(
        schedules,
        fc.date({ min: new Date("2026-01-01"), max: new Date("2030-01-01"), noInvalidDate: true }),
        (fields, now) => {
          const schedule = parsed(fields.join(" "));
          const found = nextRun(schedule, now);
          const minutes = Array.from(
            { length: 8 * 24 * 60 },
            (_, n) => new Date((Math.floor(now.valueOf() / 60_000) + n + 1) * 60_000),
          );
          const first = minutes.find(
            (at) =>
              schedule.minutes.has(at.getUTCMinutes()) &&
              schedule.hours.has(at.getUTCHours()) &&
              schedule.weekdays.has(at.getUTCDay()),
          );
          expect(found).toEqual(first);
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe("a time zone", () => {
  it.each(["Asia/Seoul", "UTC", "Etc/GMT+9", "America/Argentina/Buenos_Aires", "Asia/Kolkata", "EST5EDT"])(
    "may be %s",
    (name) => {
      expect(timeZoneFault(name)).toBeUndefined();
    },
  );

  it.each([
    ["asia/seoul", /spelled Asia\/Seoul/],
    ["asia/kolkata", /not spelled/],
    ["KST", /no time zone.*Asia\/Seoul/],
    ["Europe/Berln", /no time zone/],
    ["+09:00", /no time zone/],
    ["Local", /no time zone/],
    ["", /no time zone/],
  ])("may not be %j", (name, fault) => {
    expect(timeZoneFault(name)).toMatch(fault);
  });
});
