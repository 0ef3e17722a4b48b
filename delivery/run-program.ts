import { type Command, CommanderError } from "commander";
import { nearest } from "../config/nearest.ts";
import { EXIT } from "./exit-codes.ts";
import { Failure } from "./failure.ts";
import { annotateFailure } from "./github/job.ts";
import { guardOutput } from "./guard-output.ts";
import { disarmJson } from "./log-commands.ts";
import { hasNpmBanner, refuseFlagsTakenByNpm } from "./npm-flags.ts";
import { info } from "./output.ts";
import { createProgram } from "./program.ts";
import { refuseSecretArguments } from "./secrets.ts";

/**
 * Runs a command line. From then on all output of the process is guarded: {@link guardOutput}. A failure that the user can fix is
 * printed without a stack trace; DEBUG=1 prints it.
 *
 * @param args without `node` and the script
 * @param root folder of the project
 * @param name how the command was called, for the help. @default "npm run slipway --"
 * @returns the exit code: see exit-codes.ts
 */
export async function runProgram(args: readonly string[], root: string, name?: string): Promise<number> {
  guardOutput(process.stdout);
  guardOutput(process.stderr);
  try {
    refuseSecretArguments(args);
    const program = createProgram(root, name);
    refuseFlagsTakenByNpm(program, args);
    if (args.includes("--json") && hasNpmBanner()) {
      info(
        "npm has printed lines of its own before the JSON. For programs: npx slipway, or npm run --silent slipway --",
      );
    }
    for (const command of [program, ...program.commands]) command.exitOverride();
    refuseHelpOfUnknown(program, args);
    await program.parseAsync(args, { from: "user" });
    return Number(process.exitCode ?? EXIT.ok);
  } catch (error) {
    // Commander has printed its message, or the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    const message =
      error instanceof Failure
        ? error.message
        : `Unexpected: ${error instanceof Error ? error.message : error}\nDEBUG=1 shows where.`;
    if (args.includes("--json")) process.stdout.write(`${disarmJson(JSON.stringify({ error: message }))}\n`);
    const trace = process.env.DEBUG && error instanceof Error ? error.stack : undefined;
    process.stderr.write(`${trace ?? message}\n`);
    annotateFailure(message);
    return error instanceof Failure ? error.exitCode : EXIT.refused;
  }
}

/** Commander would print the whole help for `help nope`, as if that were a command. */
function refuseHelpOfUnknown(program: Command, [first, topic]: readonly string[]): void {
  const names = program.commands.map((command) => command.name());
  if (first !== "help" || topic === undefined || topic === "help" || names.includes(topic)) return;
  const suggestion = nearest(topic, names);
  program.error(`error: unknown command '${topic}'${suggestion ? `\n(Did you mean ${suggestion}?)` : ""}`);
}
