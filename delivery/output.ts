import { disarmJson, githubCommand } from "./log-commands.ts";
import { redactJson } from "./secrets.ts";

/** Options that every command takes. */
export interface CommonOptions {
  /** Print what would be done without doing it. @default false */
  dryRun?: boolean;
  /** Print one JSON object to standard output; messages go to standard error. @default false */
  json?: boolean;
}

let print: ((line: string) => void) | undefined;

/** Prints messages above lines of a terminal that change. @param printer undefined prints them as usual again */
export function printWith(printer: ((line: string) => void) | undefined): void {
  print = printer;
}

/** Prints a message while a command works. Standard output is only for the result. */
export function info(line: string): void {
  if (print) print(line);
  else process.stderr.write(`${line}\n`);
}

/** Prints a warning; in GitHub Actions it also becomes an annotation of the run. The exit code stays. */
export function warn(message: string): void {
  info(process.env.GITHUB_ACTIONS ? githubCommand("warning", message) : `⚠ ${message}`);
}

/**
 * Prints the result of a command: JSON under `--json`, else text.
 *
 * @param text nothing is printed if it is empty
 */
export function printResult(options: CommonOptions, result: object, text: string): void {
  process.stdout.write(
    options.json ? `${disarmJson(JSON.stringify(redactJson(result)))}\n` : text === "" ? "" : `${text}\n`,
  );
}

/** `2 m 5 s`, `31 s`. */
export function formatDuration(seconds: number): string {
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} m ${whole % 60} s`;
}
