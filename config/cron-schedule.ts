/** Minutes, hours, days of the month, months and days of the week at which something runs. */
export interface CronSchedule {
  minutes: Set<number>;
  hours: Set<number>;
  days: Set<number>;
  months: Set<number>;
  weekdays: Set<number>;
  /** A day must match both days and weekdays if one of them is `*`, else either. */
  isAnyDay: boolean;
}

interface Field {
  name: string;
  min: number;
  max: number;
  words?: readonly string[];
}

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const FIELDS = [
  { name: "minute", min: 0, max: 59 },
  { name: "hour", min: 0, max: 23 },
  { name: "day of the month", min: 1, max: 31 },
  { name: "month", min: 1, max: 12, words: MONTHS },
  { name: "day of the week", min: 0, max: 6, words: WEEKDAYS },
] as const satisfies readonly Field[];

const NICKNAMES: Readonly<Record<string, string>> = {
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
};

/** The most days of each month. A schedule that names only days after them never fires. */
const MOST_DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * Reads a schedule by the rules of Kubernetes: https://github.com/robfig/cron/blob/v3.0.1/parser.go (ParseStandard). `@every` is left
 * out: it counts from the start of the controller, so nobody can say when it fires.
 *
 * @returns what is wrong with it if it is not a schedule
 */
export function parseSchedule(text: string): CronSchedule | { fault: string } {
  if (text.startsWith("@") && !Object.hasOwn(NICKNAMES, text)) return { fault: nicknameFault(text) };
  if (/TZ=/.test(text)) return { fault: "a time zone does not belong into it. Set cron.timeZone" };
  const fields = (NICKNAMES[text] ?? text).split(/\s+/).filter((field) => field !== "");
  if (fields.length !== FIELDS.length) {
    return {
      fault:
        `${fields.length} fields, where five are wanted: minute, hour, day of the month, month and day of the week, such as ` +
        `"30 2 * * *" for each day at 2:30, or one of ${Object.keys(NICKNAMES).join(", ")}`,
    };
  }
  const sets: Set<number>[] = [];
  for (const [index, field] of FIELDS.entries()) {
    const values = parseField(fields[index] ?? "", field);
    if ("fault" in values) return values;
    sets.push(values.values);
  }
  const [minutes = new Set(), hours = new Set(), days = new Set(), months = new Set(), weekdays = new Set()] = sets;
  const isAnyDay = isStar(fields[2] ?? "") || isStar(fields[4] ?? "");
  const schedule = { minutes, hours, days, months, weekdays, isAnyDay };
  return fires(schedule) ? schedule : { fault: "no date is like that, so it would never run. Use another day" };
}

function nicknameFault(text: string): string {
  const instead = text.startsWith("@every") ? '. For every quarter of an hour: "*/15 * * * *"' : "";
  return `not one of ${Object.keys(NICKNAMES).join(", ")}${instead}`;
}

function isStar(field: string): boolean {
  return field.split(",").some((range) => /^[*?](\/1)?$/.test(range));
}

function parseField(text: string, field: Field): { values: Set<number> } | { fault: string } {
  const values = new Set<number>();
  for (const range of text.split(",")) {
    const parsed = parseRange(range, field);
    if ("fault" in parsed) return { fault: `the ${field.name} "${text}": ${parsed.fault}` };
    for (let value = parsed.from; value <= parsed.to; value += parsed.step) values.add(value);
  }
  return { values };
}

function parseRange(text: string, field: Field): { from: number; to: number; step: number } | { fault: string } {
  const { min, max, words } = field;
  const allowed = `${min} to ${max}${words ? ` or ${words[0]?.toUpperCase()} to ${words.at(-1)?.toUpperCase()}` : ""}`;
  const [, first = "", last, step] = /^([^-/]+)(?:-([^-/]+))?(?:\/([0-9]+))?$/.exec(text) ?? [];
  if (first === "") {
    return { fault: `"${text}" is no number, range such as ${min}-${max}, or step such as */5. Use ${allowed}` };
  }
  if (step !== undefined && Number(step) === 0) return { fault: "a step of 0. Use 1 or more" };
  if (first === "*" || first === "?") {
    return last === undefined ? { from: min, to: max, step: Number(step ?? 1) } : { fault: `"${text}" is no range` };
  }
  const from = numberOf(first, field);
  const to = last === undefined ? (step === undefined ? from : max) : numberOf(last, field);
  for (const [number, given] of [
    [from, first],
    [to, last ?? first],
  ] as const) {
    if (number === undefined) return { fault: `"${given}" is no number. Use ${allowed}` };
    if (number < min || number > max) {
      const sunday = words === WEEKDAYS && number === 7 ? ". Sunday is 0" : "";
      return { fault: `${given} is not in ${allowed}${sunday}` };
    }
  }
  if (from === undefined || to === undefined || from > to) {
    return { fault: `it ends before it begins. Write both parts: ${first}-${max},${min}-${last}` };
  }
  return { from, to, step: Number(step ?? 1) };
}

function numberOf(text: string, { min, words }: Field): number | undefined {
  const word = words?.indexOf(text.toLowerCase()) ?? -1;
  if (word >= 0) return word + min;
  return /^[0-9]+$/.test(text) ? Number(text) : undefined;
}

function fires({ days, months, weekdays, isAnyDay }: CronSchedule): boolean {
  const hasDate = [...months].some((month) => [...days].some((day) => day <= (MOST_DAYS[month - 1] ?? 0)));
  return hasDate || (!isAnyDay && weekdays.size > 0);
}
