import { type Command, InvalidArgumentError, Option } from "commander";

/**
 * Options that a command needs. Commander checks its own mandatory options before it looks for unknown ones, so that for `--stak prod`
 * it would miss `--stack`, and not suggest it.
 */
const REQUIRED = new WeakSet<Option>();

export function isRequired(option: Option): boolean {
  return REQUIRED.has(option);
}

/**
 * Ends the command with a usage error if it was given a word that belongs to one of its options, such as the release in
 * `deploy v1.4.0`. Commander would only count the arguments.
 */
export function checkExcessArguments(command: Command): void {
  const [word] = command.args.slice(command.registeredArguments.length);
  const last = command.registeredArguments.at(-1);
  if (word === undefined || last?.variadic) return;
  const flags = command.options.map(({ long }) => long);
  const flag = ["--release", "--to", "--service"].find(
    (known) => flags.includes(known) && (known === "--service" || /^v?\d/.test(word)),
  );
  const hint = flag ? `\nDid you mean ${flag} ${word}?` : "";
  command.error(`error: ${command.name()} takes no argument "${word}"${hint}`);
}

/** Ends the command with a usage error if one of its required options has no value. @param hint what to do about it */
export function checkRequiredOptions(command: Command, hint: string): void {
  const missing = command.options.find(
    (option) => isRequired(option) && command.getOptionValue(option.attributeName()) === undefined,
  );
  if (missing) command.error(`error: required option '${missing.flags}' not specified\n${hint}`);
}

/** Ends the command with a usage error if one of these options has no value: those that it needs depend on its other words. */
export function requireOptions(command: Command, names: readonly string[], hint: string): void {
  const missing = names.find((name) => command.getOptionValue(name) === undefined);
  const option = command.options.find((known) => known.attributeName() === missing);
  if (option) command.error(`error: required option '${option.flags}' not specified\n${hint}`);
}

/** The stack that a command is for. */
export function stackOption(flags: string, description: string): Option {
  return new Option(flags, description).argParser(parseStack);
}

export function requiredStackOption(
  flags = "--stack <name>",
  description = "stack, as in stacks/Pulumi.<name>.yaml",
): Option {
  const option = stackOption(flags, description);
  REQUIRED.add(option);
  return option;
}

export function serviceOption(description = "only these services (default: all)"): Option {
  return new Option("--service <name...>", description);
}

export function runOption(): Option {
  return new Option("--run <folder>", "folder that the deploy wrote (default: the stack's newest in .slipway/runs)");
}

export function bucketOption(): Option {
  return new Option("--bucket <name>", "bucket (default: the stack's own, or SLIPWAY_ARTIFACTS_BUCKET)");
}

/** For the commands that may deploy an older release. */
export function acrossContractOption(): Option {
  return new Option(
    "--across-contract",
    "deploy a release that is older than a contract migration; only if it works with the database as it is now",
  );
}

/** For stacks whose services Argo CD rolls out. */
function overwriteEditsOption(): Option {
  return new Option(
    "--overwrite-edits",
    "overwrite manifests that somebody has edited by hand in the manifests repository",
  );
}

/** Options of the commands that write a record into the stack's file. */
export function addRecordOptions(command: Command): Command {
  return command
    .option("--push", "push the commit that records the change (default in CI)")
    .option("--no-push", "do not push that commit")
    .option(
      "--branch <name>",
      "branch to push that commit to (default: SLIPWAY_BRANCH, else the remote's default branch)",
    )
    .option("--no-commit", "change the stack's file without committing it");
}

/** Options of the commands that run `pulumi up`. */
export function addUpdateOptions(command: Command): Command {
  return addRecordOptions(command)
    .option("--yes", "do not ask before a change of a protected environment")
    .option("--verbose", "also print Pulumi's own output")
    .option("--no-artifacts", "do not upload artifacts after the update")
    .addOption(bucketOption())
    .option("--no-tag", "do not push a git tag after the update")
    .option("--no-notify", "do not notify Slack after the update")
    .option("--break-lock", "first remove the lock of a killed update; use it only if no update is running")
    .addOption(overwriteEditsOption())
    .option("--allow-delete <services...>", "services that the update may remove together (default: one at a time)");
}

export function parsePositive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("It must be a whole number above 0.");
  return value;
}

/** Seconds of a duration such as 90s, 15m, 2h or 1d. */
export function parseDuration(text: string): number {
  const [, count, unit = ""] = /^(\d+)([smhd])$/.exec(text) ?? [];
  const seconds = { s: 1, m: 60, h: 3600, d: 86_400 }[unit];
  if (seconds === undefined || Number(count) === 0) {
    throw new InvalidArgumentError("It must be a number with its unit: s, m, h or d, such as 15m.");
  }
  return Number(count) * seconds;
}

/** Collects name=value, such as prod=values-prod.yaml. @param isOptional whether a name alone is enough */
export function parseNamed(isOptional = false) {
  return (text: string, before: [string, string][] = []): [string, string][] => {
    const [, name, value] = /^([A-Za-z0-9_-][A-Za-z0-9_.-]*)(?:=(.+))?$/s.exec(text) ?? [];
    if (name === undefined || (value === undefined && !isOptional)) {
      throw new InvalidArgumentError("It must be a name and a value, such as prod=values-prod.yaml.");
    }
    return [...before, [name, value ?? ""]];
  };
}

/** The engine's own rule for names. Without it, `x/../../y` would read a file outside of stacks/. */
function parseStack(text: string): string {
  if (/^[A-Za-z0-9_-][A-Za-z0-9_.-]*$/.test(text)) return text;
  throw new InvalidArgumentError("A stack's name has letters, digits, hyphens, underscores and dots.");
}
