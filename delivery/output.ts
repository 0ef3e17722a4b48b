/** How a command was asked to behave; every command takes these. */
export interface CommonOptions {
  /** Say what would be done and do none of it. @default false */
  dryRun?: boolean;
  /** One JSON object on standard output; what is for people goes to standard error. @default false */
  json?: boolean;
}

/** For people, while a command works. Standard output is the result's alone. */
export function info(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** In GitHub Actions an annotation of the run as well. A warning never changes the exit code. */
export function warn(message: string): void {
  info(
    process.env.GITHUB_ACTIONS
      ? `::warning::${message.replaceAll("%", "%25").replaceAll("\n", "%0A")}`
      : `⚠ ${message}`,
  );
}

/** The result of a command: for programs as JSON, else for people. */
export function printResult(options: CommonOptions, result: object, people: string): void {
  process.stdout.write(options.json ? `${JSON.stringify(result)}\n` : people === "" ? "" : `${people}\n`);
}

/** `2 m 5 s`, `31 s`. */
export function formatDuration(seconds: number): string {
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} m ${whole % 60} s`;
}
