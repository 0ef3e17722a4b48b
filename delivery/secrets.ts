import { Failure } from "./failure.ts";
import { encodingsOf } from "./secret-encodings.ts";

/** Names of variables with secret values, as CI systems and the tools used here choose them. */
const SECRET_NAME =
  /(^|_)(TOKEN|SECRETS?|PASSWORDS?|PASSPHRASE|WEBHOOK|CREDENTIALS?)(_|\d|$)|PASSWORD|(PRIVATE_KEY|ACCESS_KEY_ID|API_?KEY)|[^_]TOKEN$|(_KEY|_PAT|_PASS|PGPASS|_PWD|_AUTH)$/i;
/** Names that match as well but hold a path, a URL or a setting. */
const PUBLIC_NAME =
  /_(FILE|PATH|DIR|URI|MOUNT|NAME|NAMESPACE|ARN|TYPE|STORE|ENGINE|PREFIX|HEADER|USER|USERNAME|TTL|EXPIRY|EXPIRES|LIMIT|COUNT|LENGTH|VERSION|ENABLED|REGION|TOKEN_URL)$|(CACHE|PUBLIC)_KEY$/i;

/** Masking a shorter value would garble other words. */
const SHORTEST = 6;
/** The same for one line of a value with several. */
const SHORTEST_LINE = 12;
/** A shorter value may be a name: of a stack, a service, a release. */
const LONGEST_NAME = 11;

/** Words and numbers that commands, config and logs are made of: `staging`, `prod-eu`, `eu-west-1`, `200000`. */
const WORDS = /^(\p{L}+|\d+)([-_./ ](\p{L}+|\d+))*$/u;
/** What an argument may be called, such as a stack. */
const NAME = /^[A-Za-z0-9._/-]+$/;

/** Formats of secrets: webhooks of Slack, tokens of GitHub, Slack, AWS and Pulumi, and the password in a URL. */
const SECRET_FORMATS = [
  /https:\/\/hooks\.slack(-gov)?\.com\/(services|workflows|triggers)\/[\w/.-]+/g,
  /\b(gh[pousr]_[A-Za-z0-9_.-]{20,}|github_pat_[A-Za-z0-9_]{20,})/g,
  /\bxox[abeoprs]-[A-Za-z0-9-]{10,}/g,
  /\b(AKIA|ASIA)[A-Z0-9]{16}\b/g,
  /\bpul-[0-9a-f]{40}\b/g,
  /(?<=:\/\/[^\s:@/"']*:)[^\s@/"']+(?=@)/g,
];

/** Whether a value is so short and plain that it says nothing about who knows it. */
function isPlain(value: string): boolean {
  return value.length < SHORTEST || (value.length <= LONGEST_NAME && WORDS.test(value));
}

/** Values of the variables that hold secrets. */
function secretValues(environment: NodeJS.ProcessEnv): string[] {
  return candidates(environment).filter((value) => !isPlain(value.trim()));
}

function candidates(environment: NodeJS.ProcessEnv): string[] {
  return Object.keys(environment).flatMap((name) => (isSecretName(name) && environment[name]) || []);
}

const names = new Map<string, boolean>();

/** Remembers the answer: each line of a log is masked. */
function isSecretName(name: string): boolean {
  const known = names.get(name);
  if (known !== undefined) return known;
  const isSecret = SECRET_NAME.test(name) && !PUBLIC_NAME.test(name);
  names.set(name, isSecret);
  return isSecret;
}

/** Masks the secrets of the environment, in every encoding, and whatever has the format of a secret. */
export function redact(text: string, environment: NodeJS.ProcessEnv = process.env): string {
  const known = patternOf(environment);
  const without = known === undefined ? text : text.replaceAll(known, "***");
  return SECRET_FORMATS.reduce((rest, form) => rest.replaceAll(form, "***"), without);
}

let cached: { key: string; pattern: RegExp | undefined } | undefined;

/** One expression for all secrets, made again only if one has changed. */
function patternOf(environment: NodeJS.ProcessEnv): RegExp | undefined {
  const key = candidates(environment).join("\0");
  if (cached?.key !== key) {
    // In this order a value comes before one that is its beginning, and the engine of expressions finds common beginnings.
    const written = [...new Set(secretValues(environment).flatMap(formsOf))].sort().reverse();
    cached = { key, pattern: written.length === 0 ? undefined : new RegExp(written.map(literal).join("|"), "g") };
  }
  return cached.pattern;
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}

/** The value in each encoding, and each long line of it: logs are masked line by line. */
function formsOf(value: string): string[] {
  const whole = [value, value.trimEnd()].filter((text) => text.length >= SHORTEST);
  const lines = value.includes("\n")
    ? value.split("\n").filter((line) => line.length >= SHORTEST_LINE && !/^-----/.test(line))
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
