import type { Command, Option } from "commander";
import { Failure } from "./failure.ts";

/** Flags that npm takes for the beginning of a flag of its own, and the variable that it sets then. */
const COMPLETED: Record<string, string> = { commit: "commit_hooks", to: "token_description" };

interface TakenFlag {
  option: Option;
  /** Undefined if npm left the value among the arguments: `--stack prod`, but not `--stack=prod`. */
  value?: string;
}

/**
 * Refuses a command line of which npm took a part. npm takes every flag before `--` for its own, so
 * `npm run slipway --dry-run -- deploy` would deploy. All that is left of the flag is a variable, `npm_config_dry_run`.
 *
 * @param args what npm passed on
 * @throws Failure that shows where the flags belong.
 */
export function refuseFlagsTakenByNpm(
  program: Command,
  args: readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
): void {
  if (environment.npm_command === undefined) return;
  const options = new Map(
    program.commands.flatMap((command) => command.options.map((option) => [option.long, option])),
  );
  const taken = [...options.values()].flatMap((option) => findTaken(option, environment) ?? []);
  if (taken.length === 0) return;
  const flags = taken.map(({ option }) => option.long).join(", ");
  throw new Failure(
    `npm took ${flags} for its own, because ${taken.length === 1 ? "it comes" : "they come"} before "--"; nothing was done.\n` +
      `Write instead: npm run slipway -- ${corrected(args, taken)}\n` +
      "If .npmrc or the environment sets it for npm, run instead: node delivery/slipway.mjs <command>",
  );
}

/** Whether npm has printed its own lines to standard output, before the JSON that a program wants to read there. */
export function hasNpmBanner(environment: NodeJS.ProcessEnv = process.env): boolean {
  return environment.npm_lifecycle_event === "slipway" && environment.npm_config_loglevel !== "silent";
}

function findTaken(option: Option, environment: NodeJS.ProcessEnv): TakenFlag | undefined {
  const name = (option.long ?? "").replace(/^--(no-)?/, "").replaceAll("-", "_");
  const value = environment[`npm_config_${name}`] ?? environment[`npm_config_${COMPLETED[name]}`];
  if (value === undefined || isForNpm(name, environment)) return undefined;
  const takesValue = option.required || option.optional;
  if (takesValue) return { option, ...(value.startsWith("true") ? {} : { value }) };
  const isNegative = value === "" || value === "false";
  return isNegative === option.negate ? { option } : undefined;
}

/** npx takes `--yes`, and CI sets it for npx. Without ours a command asks, or nobody is there to be asked. */
function isForNpm(name: string, { npm_command, CI }: NodeJS.ProcessEnv): boolean {
  return name === "yes" && (npm_command === "exec" || Boolean(CI));
}

function corrected(args: readonly string[], taken: readonly TakenFlag[]): string {
  const [command = "<command>"] = args;
  // npm left values among the arguments, and nobody knows which belongs to which flag.
  const isMixed = taken.some(({ option, value }) => (option.required || option.optional) && value === undefined);
  const words = isMixed ? [command] : args.length > 0 ? args : [command];
  const flags = taken.map(({ option, value }) => (value === undefined ? option.flags : `${option.long}=${value}`));
  return [...words, ...flags].join(" ");
}
