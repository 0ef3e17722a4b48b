import { Failure } from "./failure.ts";

/** Variables whose values are secret, by the words that CI systems and the tools here name them with. */
const SECRET_NAME = /(TOKEN|SECRET|PASSWORD|PASSPHRASE|WEBHOOK|PRIVATE_KEY|ACCESS_KEY_ID|API_KEY|CREDENTIALS)/;
/** Paths and the like are named so, too, and no secrets. */
const PUBLIC_NAME = /(_FILE|_PATH|_DIR|_URI|TOKEN_URL)$/;
/** A shorter value would be masked out of every other word. */
const SHORTEST = 6;
/** Of a line in a value of several. */
const SHORTEST_LINE = 12;

/** Secrets as their issuers form them: webhooks of Slack, tokens of GitHub, Slack, AWS and Pulumi. */
const SECRET_FORMS = [
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

/** Takes the secrets of the environment, in whatever way they may be written, and what has the form of one out of a text. */
export function redact(text: string, environment: NodeJS.ProcessEnv = process.env): string {
  const written = [...new Set(secretValues(environment).flatMap(encodingsOf))].sort((a, b) => b.length - a.length);
  const without = written.reduce((rest, value) => rest.replaceAll(value, "***"), text);
  return SECRET_FORMS.reduce((rest, form) => rest.replaceAll(form, "***"), without);
}

/** As it is, in base64, in JSON, and each long line of it: a log is masked line by line. */
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
 * Secrets come from the environment. On a command line every process of the machine, the shell's history and CI's log see them.
 *
 * @throws Failure if one is there.
 */
export function refuseSecretArguments(args: readonly string[], environment: NodeJS.ProcessEnv = process.env): void {
  const values = secretValues(environment);
  const found = args.findIndex(
    (argument) =>
      SECRET_FORMS.some((form) => argument.search(form) !== -1) || values.some((value) => argument.includes(value)),
  );
  if (found === -1) return;
  throw new Failure(
    `Argument ${found + 1} is a secret; nothing was done. On a command line the whole machine can read it, and the shell's ` +
      "history and CI's log keep it. Give it by the environment (GITHUB_TOKEN, SLACK_WEBHOOK_URL, PULUMI_CONFIG_PASSPHRASE), " +
      "and replace this one at its issuer.",
  );
}

/** Masks whatever is written to a stream of the process from now on. */
export function maskOutput(stream: NodeJS.WriteStream): void {
  const write = stream.write.bind(stream) as (chunk: string | Uint8Array, ...rest: unknown[]) => boolean;
  stream.write = ((chunk: string | Uint8Array, ...rest: unknown[]) =>
    write(typeof chunk === "string" ? redact(chunk) : redactBytes(chunk), ...rest)) as typeof stream.write;
}

/** Byte by byte, for a chunk may end in the midst of a character. */
function redactBytes(chunk: Uint8Array): Uint8Array {
  return Buffer.from(redact(Buffer.from(chunk).toString("latin1")), "latin1");
}
