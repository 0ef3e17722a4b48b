import type { Command, Option } from "commander";
import { EXIT_CODES } from "./exit-codes.ts";
import { isRequired } from "./options.ts";
import { listStacks } from "./stack-file.ts";

/** What `--help` says after the commands. */
export function programHelp(): string {
  const codes = EXIT_CODES.map(([code, meaning]) => `  ${String(code).padEnd(4)}${meaning}`);
  return [
    "\nExit codes:",
    ...codes,
    "\nPass secrets in the environment only: GITHUB_TOKEN, SLACK_WEBHOOK_URL, PULUMI_CONFIG_PASSPHRASE, AWS_*.",
    "SLIPWAY_STACK names the stack if --stack does not.",
  ].join("\n");
}

/** What the help of a command says after its options. @param call how it is called, without arguments */
export function examplesHelp(call: string, examples: readonly string[]): string {
  return ["\nExamples:", ...examples.map((example) => `  ${call} ${example}`.trimEnd())].join("\n");
}

/** Commander does not mark what is required. */
export function describeOption(option: Option): string {
  const { envVar, argChoices, description } = option;
  const notes = [
    ...(isRequired(option) ? ["required"] : []),
    ...(argChoices ? [`one of ${argChoices.join(", ")}`] : []),
    ...(envVar ? [`environment: ${envVar}`] : []),
  ];
  return notes.length > 0 ? `${description} (${notes.join("; ")})` : description;
}

/** What to do about a missing stack. */
export function stacksHint(root: string, command: Command): string {
  const hasDefault = command.options.some(({ envVar }) => envVar !== undefined);
  return `Available stacks: ${listStacks(root).join(", ") || "none"}.${hasDefault ? " SLIPWAY_STACK sets a default for --stack." : ""}`;
}
