import { redact } from "./secrets.ts";

/**
 * Commands that CI runners find in a log. A pod's log, a commit's subject or a file's name may look like one.
 *
 * - GitHub Actions: `##[name]` anywhere, `::name::` at the start of a line: ActionCommand.cs in https://github.com/actions/runner
 * - Azure Pipelines: `##vso[…]` anywhere: https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands
 * - TeamCity: `##teamcity[…]` anywhere: https://www.jetbrains.com/help/teamcity/service-messages.html
 */
const ANYWHERE = /##(?=\w*\[)/g;
/** After the white space that the runner trims; .NET counts the next-line character as such. */
const AT_LINE_START = /^[\s\u0085]*::/;
/** The runner takes a carriage return for the end of a line. */
const AFTER_LINE_END = /(?<=[\r\n])/;

/** Our own commands that are about to be printed. */
const own = new Set<string>();

/**
 * A command of ours for GitHub Actions, such as an annotation. Print it as a line of its own; it passes the guarded streams once.
 *
 * @param name such as `warning`
 * @param properties such as `{ title: "Drift" }`. @default - none
 */
export function githubCommand(name: string, message: string, properties: Record<string, string> = {}): string {
  // https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts
  const escaped = (text: string) => text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
  const list = Object.entries(properties)
    .map(([key, value]) => `${key}=${escaped(value).replaceAll(":", "%3A").replaceAll(",", "%2C")}`)
    .join(",");
  const line = redact(`::${name}${list && ` ${list}`}::${escaped(message)}`).replaceAll(ANYWHERE, "# #");
  own.add(line);
  return line;
}

/**
 * Changes what a CI runner would take for a command, except ours. It stays readable: `| ::error::…`, `# #vso[…]`.
 *
 * @param isLineStart whether the text begins a line
 */
export function disarmCommands(text: string, isLineStart: boolean): string {
  return text
    .split(AFTER_LINE_END)
    .map((line, at) => {
      if (!(at > 0 || isLineStart) || !AT_LINE_START.test(line)) return line;
      return own.delete(line.trimEnd()) ? line : `| ${line}`;
    })
    .join("")
    .replaceAll(ANYWHERE, "# #");
}

/** JSON whose strings are no commands. It has the same meaning. */
export function disarmJson(json: string): string {
  return json.replaceAll(ANYWHERE, "#\\u0023");
}
