import type { Plain } from "../protocol/value.ts";

/** What is wrong with an input. */
export interface InputFault {
  /** Path of the property, as `scalingConfig.maxSize`. */
  property: string;
  reason: string;
}

/** The fault of a value that is given and is none of those allowed; of a list, of each such item. */
export function notAmong(
  property: string,
  value: Plain | undefined,
  allowed: readonly (string | number)[],
): InputFault[] {
  if (Array.isArray(value)) {
    return value.flatMap((item, index) => notAmong(`${property}[${index}]`, item, allowed));
  }
  if (value === undefined || allowed.some((one) => one === value)) return [];
  return [{ property, reason: `was ${JSON.stringify(value)}; AWS takes ${allowed.join(", ")}` }];
}

/** The fault of a number that is given and is less than the least or more than the most. */
export function notWithin(property: string, value: Plain | undefined, least: number, most = Infinity): InputFault[] {
  if (value === undefined || (typeof value === "number" && value >= least && value <= most)) return [];
  const range = most === Infinity ? `${least} or more` : `${least} to ${most}`;
  return [{ property, reason: `was ${JSON.stringify(value)}; AWS takes ${range}` }];
}
