import { Failure } from "./failure.ts";

/** Names of variables with secret values, as CI systems and the tools used here choose them. */
const SECRET_NAME = /(TOKEN|SECRET|PASSWORD|PASSPHRASE|WEBHOOK|PRIVATE_KEY|ACCESS_KEY_ID|API_KEY|CREDENTIALS)/;
/** Names that match as well but hold paths and URLs. */
const PUBLIC_NAME = /(_FILE|_PATH|_DIR|_URI|TOKEN_URL)$/;
/** Masking a shorter value would garble other words. */
const SHORTEST = 6;
/** The same for one line of a value with several. */
const SHORTEST_LINE = 12;

/** Formats of secrets: webhooks of Slack, tokens of GitHub, Slack, AWS and Pulumi. */
const SECRET_FORMATS = [
  /https:\/\/hooks\.slack(-gov)?\.com\/(services|workflows|triggers)\/[\w/.-]+/g,
  /\b(gh[pousr]_[A-Za-z0-9_.-]{20,}|github_pat_[A-Za-z0-9_]{20,})/g,
  /\bxox[abeoprs]-[A-Za-z0-9-]{10,}/g,
  /\b(AKIA|ASIA)[A-Z0-9]{16}\b/g,
  /\bpul-[0-9a-f]{40}\b/g,
];

function secretValues(environment: NodeJS.ProcessEnv): string[] {
  return Object.entries(environment)
    .flatMap(([name, value]) => (SECRET_NAME.test(name) && !PUBLIC_NAME.test(name) && value ? [value] : []))
    .filter((value) => value.length >= SHORTEST)
    .sort((a, b) => b.length - a.length);
}

/** Masks the secrets of the environment, in every encoding, and whatever has the format of a secret. */
export function redact(text: string, environment: NodeJS.ProcessEnv = process.env): string {
  const written = [...new Set(secretValues(environment).flatMap(encodingsOf))].sort((a, b) => b.length - a.length);
  const without = written.reduce((rest, value) => rest.replaceAll(value, "***"), text);
  return SECRET_FORMATS.reduce((rest, form) => rest.replaceAll(form, "***"), without);
}

/** The value as it is, in base64, in JSON, and each long line of it: logs are masked line by line. */
function encodingsOf(value: string): string[] {
  const whole = [value, value.trimEnd()].filter((text) => text.length >= SHORTEST);
  const lines = value.includes("\n")
    ? value.split("\n").filter((line) => line.length >= SHORTEST_LINE && !/^-----/.test(line))
    : [];
  const all = [...whole, ...lines];
  return [
    ...all,
    ...all.map((text) => JSON.stringify(text).slice(1, -1)),
    ...whole.map((text) => Buffer.from(text).toString("base64")),
  ];
}

/**
 * Rejects secrets on the command line, where every process of the machine, the shell's history and CI's log see them.
 *
 * @throws Failure if an argument contains one.
 */
export function refuseSecretArguments(args: readonly string[], environment: NodeJS.ProcessEnv = process.env): void {
  const values = secretValues(environment);
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

/** Masks secrets in everything that is written to a stream from now on. */
export function maskOutput(stream: NodeJS.WriteStream): void {
  const write = stream.write.bind(stream) as (chunk: string | Uint8Array, ...rest: unknown[]) => boolean;
  stream.write = ((chunk: string | Uint8Array, ...rest: unknown[]) =>
    write(typeof chunk === "string" ? redact(chunk) : redactBytes(chunk), ...rest)) as typeof stream.write;
}

/** As Latin-1, one character for each byte: a chunk may end within a character. */
function redactBytes(chunk: Uint8Array): Uint8Array {
  return Buffer.from(redact(Buffer.from(chunk).toString("latin1")), "latin1");
}
