import { Failure } from "./failure.ts";
import { encodingsOf } from "./secret-encodings.ts";
import { isPlain, LONGEST_NAME, SHORTEST, secretsIn } from "./secret-variables.ts";

/** One line of a secret with several lines: a shorter one may be a part of any text. */
const SHORTEST_LINE = 8;
/** What an argument may be called, such as a stack. */
const NAME = /^[A-Za-z0-9._/-]+$/;

/** Formats of secrets: webhooks of Slack, tokens of GitHub, Slack, AWS and Pulumi, and the password in a URL. */
const SECRET_FORMATS = [
  /https:\/\/hooks\.slack(-gov)?\.com\/(services|workflows|triggers)\/[\w/.-]+/g,
  /\b(gh[pousr]_[A-Za-z0-9_.-]{20,}|github_pat_[A-Za-z0-9_]{20,})/g,
  /\bxox[abeoprs]-[A-Za-z0-9-]{10,}/g,
  /\b(AKIA|ASIA)[A-Z0-9]{16}\b/g,
  /\bpul-[0-9a-f]{40}\b/g,
  /\b(glpat-[A-Za-z0-9_-]{20,}|npm_[A-Za-z0-9]{36}|xapp-[A-Za-z0-9-]{10,})/g,
  // JSON Web Tokens, and what stands after the scheme of an Authorization header.
  /\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}(\.[A-Za-z0-9_-]*)?/g,
  /(?<=\b(?:Bearer|Basic) )[A-Za-z0-9+/=_.~-]{16,}/g,
  // In a URL: the password, unless it is a variable as $(NAME), a token in place of the user, and what signs it.
  /(?<=:\/\/[^\s:@/"']*:)(?!\$\([\w.-]+\)@)[^\s@/"']+(?=@)/g,
  /(?<=:\/\/)[^\s:@/"']{20,}(?=@)/g,
  /(?<=[?&](?:X-Amz-Signature|X-Amz-Security-Token|access_token|sig)=)[^&#\s"'\\]+/gi,
  // An assignment such as DB_PASSWORD=…, as a shell or a program prints its variables.
  /(?<=\b[A-Z0-9_]*(?:PASSWORD|PASSPHRASE|TOKEN|SECRET|API_?KEY|ACCESS_KEY)=)[^\s"'$<*{\\]{6,}/g,
];

/** Secrets of the environment. */
function secretValues(environment: NodeJS.ProcessEnv): string[] {
  return Object.keys(environment).flatMap((name) => secretsOf(name, environment[name] ?? ""));
}

const known = new Map<string, { value: string; secrets: string[] }>();

/** Remembers the answer: each line of a log is masked. */
function secretsOf(name: string, value: string): string[] {
  const before = known.get(name);
  if (before?.value === value) return before.secrets;
  const secrets = secretsIn(name, value);
  known.set(name, { value, secrets });
  return secrets;
}

/** Masks the secrets of the environment, in every encoding, and whatever has the format of a secret. */
export function redact(text: string, environment: NodeJS.ProcessEnv = process.env): string {
  return maskText(text, patternOf(environment));
}

function maskText(text: string, pattern: RegExp | undefined): string {
  if (text.length < SHORTEST) return text;
  const without = pattern === undefined ? text : text.replaceAll(pattern, "***");
  return SECRET_FORMATS.reduce((rest, form) => rest.replaceAll(form, "***"), without);
}

/** The same for every text, key and number of a value that JSON can hold. Masked in its JSON, a number would break it. */
export function redactJson<T>(value: T, environment: NodeJS.ProcessEnv = process.env): T {
  return maskValue(value, patternOf(environment)) as T;
}

function maskValue(value: unknown, pattern: RegExp | undefined): unknown {
  if (typeof value === "string") return maskText(value, pattern);
  if (typeof value === "number") return maskText(String(value), pattern) === String(value) ? value : "***";
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => maskValue(item, pattern));
  const entries = Object.entries(value).map(([key, inner]) => [maskText(key, pattern), maskValue(inner, pattern)]);
  return Object.fromEntries(entries);
}

let cached: { key: string; pattern: RegExp | undefined } | undefined;

/** One expression for all secrets, made again only if one has changed. */
function patternOf(environment: NodeJS.ProcessEnv): RegExp | undefined {
  const values = secretValues(environment);
  const key = values.join("\0");
  if (cached?.key !== key) {
    // In this order a value comes before one that is its beginning, and the engine of expressions finds common beginnings.
    const written = [...new Set(values.flatMap(formsOf))].sort().reverse();
    cached = { key, pattern: written.length === 0 ? undefined : new RegExp(written.map(literal).join("|"), "g") };
  }
  return cached.pattern;
}

/** A number is masked only where it is the whole number. */
function literal(text: string): string {
  if (/^\d+$/.test(text)) return `(?<!\\d)${text}(?!\\d)`;
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}

/** The value in each encoding, and each long line of it: logs are masked line by line. */
function formsOf(value: string): string[] {
  const whole = [value, value.trimEnd()].filter((text) => text.length >= SHORTEST);
  const lines = value.includes("\n")
    ? value
        .split("\n")
        .filter((line) => line.trim().length >= SHORTEST_LINE && !/^-----/.test(line) && !isPlain(line.trim()))
    : [];
  return [...whole, ...lines].flatMap(encodingsOf);
}

/**
 * Rejects secrets on the command line, where every process of the machine, the shell's history and CI's log see them.
 *
 * @throws Failure if an argument contains one.
 */
export function refuseSecretArguments(args: readonly string[], environment: NodeJS.ProcessEnv = process.env): void {
  // The name of a stack may also be somebody's password. It is on the command line because it is a name.
  const values = secretValues(environment).filter((value) => value.length > LONGEST_NAME || !NAME.test(value));
  const found = args.findIndex(
    (argument) =>
      SECRET_FORMATS.some((form) => argument.search(form) !== -1) || values.some((value) => argument.includes(value)),
  );
  if (found === -1) return;
  throw new Failure(
    `Argument ${found + 1} is a secret; nothing was done. Every process of the machine can read the command line, and the ` +
      "shell's history and CI's log keep it. Pass secrets in the environment (GITHUB_TOKEN, SLACK_WEBHOOK_URL, " +
      "PULUMI_CONFIG_PASSPHRASE), and revoke this one.",
  );
}
