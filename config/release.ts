import { type Fault, valueAt } from "./fault.ts";
import { RELEASE_KEY } from "./naming.ts";
import { releaseTag } from "./schema/formats.ts";
import type { StackConfig } from "./stack-config.ts";

/** The release of a stack's config. @returns undefined if it is missing or malformed */
export function releaseIn({ source }: StackConfig): string | undefined {
  return releaseTag.safeParse(valueAt(source.value, [RELEASE_KEY])).data;
}

export function releaseFaults({ source, needsRelease, unquotedRelease }: StackConfig): Fault[] {
  const fault = (message: string, hideValue = false) => [{ key: RELEASE_KEY, path: [], message, hideValue }];
  if (unquotedRelease !== undefined && isNoText(unquotedRelease)) {
    return fault(
      `${unquotedRelease} is written without quotes. YAML reads it as a number, a date or another value that is not text, and may ` +
        `change it. Put it in quotes: "${unquotedRelease}"`,
      true,
    );
  }
  const given = valueAt(source.value, [RELEASE_KEY]);
  if (given === undefined && !needsRelease) return [];
  if (typeof given === "object" && given !== null)
    return fault("must be text, such as v1.2.3, and not encrypted", true);
  const allowed = releaseTag.safeParse(given ?? "").error?.issues[0]?.message;
  return allowed === undefined ? [] : fault(`must be ${allowed}. Set it: pulumi config set ${RELEASE_KEY} <tag>`);
}

/**
 * What YAML, in the version that Pulumi reads or in 1.1, does not take for text:
 * https://github.com/go-yaml/yaml/blob/v3.0.1/resolve.go
 */
const NO_TEXT = [
  /^[-+]?[0-9][0-9_]*$/,
  /^[-+]?0(x[0-9a-f_]+|o[0-7_]+|b[01_]+)$/i,
  /^[-+]?(\.[0-9_]+|[0-9][0-9_]*(\.[0-9_]*)?)(e[-+]?[0-9]+)?$/i,
  /^[-+]?\.(inf|nan)$/i,
  /^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([t\s].*)?$/i,
  /^(true|false|yes|no|on|off|y|n)$/i,
];

/** Nothing at all is not meant here: a missing release has a message of its own. */
function isNoText(text: string): boolean {
  return NO_TEXT.some((pattern) => pattern.test(text));
}

/** Whether YAML may have read this text, written without quotes, as what the engine passed on. */
export function isReadingOf(text: string, passed: string): boolean {
  if (text === passed) return true;
  if (!isNoText(text)) return false;
  if (/^[0-9]{4}-/.test(text)) return /^[0-9]{4}-[0-9]{2}-[0-9]{2} /.test(passed);
  const plain = text.replaceAll("_", "");
  const readings = [Number(plain), ...(/^[-+]?0[0-7]+$/.test(plain) ? [Number.parseInt(plain, 8)] : [])];
  return readings.some((reading) => reading === Number(passed));
}
