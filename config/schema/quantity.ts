import { z } from "zod";
import { compareQuantities } from "../quantity.ts";

/** The most memory and disk that a machine of EC2 has: a u7i with 32 TiB, an EBS volume of 64 TiB. */
export const MOST_MEMORY = "32Ti";
export const MOST_DISK = "64Ti";

const NUMBER = "([0-9]+\\.?[0-9]*|\\.[0-9]+)";
/** Thousandths of a core; Kubernetes knows no smaller part. */
const CPU = /^([0-9]+m|[0-9]+\.?|[0-9]*\.[0-9]{1,3})$/;
const BYTES = new RegExp(`^${NUMBER}([kMGTPE]|[KMGTPE]i|[eE]\\+?[0-9]{1,2})?$`);

/** More than the largest machine of EC2 has that runs containers. */
const MOST_CPU = "448";

/** Cores. https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#meaning-of-cpu */
export function cpu(example: string) {
  return quantity(CPU, `cores in quotes, such as "${example}"; 1000m is one core`, (given) => {
    const [, number] = /^([0-9.]+) ?(?:[kmgtpe]i?b?|mcpu|cpus?|cores?)$/i.exec(given) ?? [];
    return number && `${number}${Number(number) < 8 ? "" : "m"}`;
  }).superRefine(within("1m", MOST_CPU, (given) => (/^[0-9]+$/.test(given) ? `${given}m` : undefined)));
}

/**
 * Bytes of memory or disk. https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#meaning-of-memory
 *
 * @param most the largest amount that makes sense, as a quantity
 */
export function bytes(example: string, most: string) {
  return quantity(BYTES, `bytes in quotes, such as "${example}"`, (given) => {
    const [, number, unit = ""] = /^([0-9]+(?:\.[0-9]+)?) ?([kmgtp])i?b?(?:ytes)?$/i.exec(given) ?? [];
    return number && `${number}${unit.toUpperCase()}i`;
  }).superRefine(within("1Mi", most, (given) => (/^[0-9]+$/.test(given) ? `${given}Mi` : undefined)));
}

/** @param meant what a malformed quantity probably means */
function quantity(pattern: RegExp, allowed: string, meant: (given: string) => string | undefined) {
  return z.string().regex(pattern, {
    abort: true,
    error: ({ input }) => {
      const suggestion = meant(String(input));
      return `${allowed}${suggestion ? `. Did you mean ${suggestion}?` : ""}`;
    },
  });
}

/** @param meant what an amount outside of the limits probably means */
function within(least: string, most: string, meant: (given: string) => string | undefined) {
  return (given: string, context: z.RefinementCtx) => {
    const isBelow = compareQuantities(given, least) < 0;
    if (!isBelow && compareQuantities(given, most) <= 0) return;
    const suggestion = meant(given);
    const fits = suggestion && compareQuantities(suggestion, least) >= 0 && compareQuantities(suggestion, most) <= 0;
    context.addIssue({
      code: "custom",
      message: `must be ${isBelow ? `${least} or more` : `${most} or less`}${fits ? `. Did you mean ${suggestion}?` : ""}`,
    });
  };
}
