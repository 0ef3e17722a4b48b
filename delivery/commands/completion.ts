import type { Command } from "commander";
import { readEnvironment } from "../environment.ts";
import { type CommonOptions, printResult } from "../output.ts";
import { listStacks, readStackFile } from "../stack-file.ts";

type Shell = "bash" | "zsh" | "fish";

/** They ask this command for the candidates at every Tab, so they fit every version of it. */
const SCRIPTS: Record<Shell, string> = {
  bash: `# Completion of slipway for bash.
_slipway() {
  local IFS=$'\\n'
  COMPREPLY=($(compgen -W "$(slipway completion bash -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _slipway slipway`,
  zsh: `#compdef slipway
# Completion of slipway for zsh.
_slipway() {
  local -a candidates
  candidates=("\${(@f)$(slipway completion zsh -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  compadd -a candidates
}
compdef _slipway slipway`,
  fish: `# Completion of slipway for fish.
function __slipway_complete
  set -l words (commandline -opc) (commandline -ct)
  slipway completion fish -- $words[2..-1] 2>/dev/null
end
complete -c slipway -f -a '(__slipway_complete)'`,
};

/**
 * Prints the completion script of a shell, or, with words, what completes the last of them.
 *
 * @param words of the command line after `slipway`; the last one is incomplete, or empty
 */
export async function completion(
  program: Command,
  shell: Shell,
  words: readonly string[],
  options: CommonOptions,
  root: string,
): Promise<void> {
  if (words.length === 0) return printResult(options, { shell, script: SCRIPTS[shell] }, SCRIPTS[shell]);
  const candidates = findCandidates(program, words, root);
  printResult(options, { candidates }, candidates.join("\n"));
}

/** Everything that may come in place of the last word, from the command line's own description. */
export function findCandidates(program: Command, words: readonly string[], root: string): string[] {
  const word = words.at(-1) ?? "";
  const [name, ...before] = words.slice(0, -1);
  const matching = (candidates: readonly string[]) => candidates.filter((candidate) => candidate.startsWith(word));
  if (name === undefined) return matching([...program.commands.map((command) => command.name()), "help"]);
  const command = program.commands.find((known) => known.name() === name);
  if (command === undefined) return name === "help" ? matching(program.commands.map((known) => known.name())) : [];
  const values = valuesFor(command, before, root);
  if (values) return matching(values);
  if (word.startsWith("-")) return matching(command.options.flatMap(({ long }) => long ?? []));
  const taken = before.filter((given) => !given.startsWith("-")).length;
  const argument = command.registeredArguments[Math.min(taken, command.registeredArguments.length - 1)];
  return matching(argument?.argChoices ?? (argument ? valuesOf(argument.name(), before, root) : []) ?? []);
}

/** The values of the option that the words before end with. */
function valuesFor(command: Command, before: readonly string[], root: string): readonly string[] | undefined {
  const at = before.findLastIndex((word) => word.startsWith("-"));
  const option = command.options.find(({ long }) => long === before[at]);
  if (!option || (!option.required && !option.optional)) return undefined;
  if (!option.variadic && at < before.length - 1) return undefined;
  return option.argChoices ?? valuesOf(/<([a-z]+)/.exec(option.flags)?.[1] ?? "", before, root, option.long) ?? [];
}

/** Stacks and services of the project. @param kind what the option's or the argument's placeholder names */
function valuesOf(kind: string, before: readonly string[], root: string, option = ""): string[] | undefined {
  if (kind === "stack" || option === "--stack") return listStacks(root);
  if (kind !== "service" && option !== "--service") return undefined;
  const given = before[before.indexOf("--stack") + 1];
  const stack = before.includes("--stack") ? given : (process.env.SLIPWAY_STACK ?? listStacks(root)[0]);
  try {
    return readEnvironment(root, stack ?? "", readStackFile(root, stack ?? "")).services.map(({ name }) => name);
  } catch {
    // A message would end up among the candidates.
    return [];
  }
}
