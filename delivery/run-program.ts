import { CommanderError } from "commander";
import { Failure } from "./failure.ts";
import { guardOutput } from "./guard-output.ts";
import { disarmJson } from "./log-commands.ts";
import { createProgram } from "./program.ts";
import { refuseSecretArguments } from "./secrets.ts";

/**
 * Runs a command line. From then on all output of the process is guarded: {@link guardOutput}. A failure that the user can fix is
 * printed without a stack trace; DEBUG=1 prints it.
 *
 * @param args without `node` and the script
 * @param root folder of the project
 * @returns the exit code
 */
export async function runProgram(args: readonly string[], root: string): Promise<number> {
  guardOutput(process.stdout);
  guardOutput(process.stderr);
  try {
    refuseSecretArguments(args);
    const program = createProgram(root);
    for (const command of [program, ...program.commands]) command.exitOverride();
    await program.parseAsync(args, { from: "user" });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    // Commander has printed its message.
    if (error instanceof CommanderError) return error.exitCode;
    const message =
      error instanceof Failure
        ? error.message
        : `Unexpected: ${error instanceof Error ? error.message : error}\nDEBUG=1 shows where.`;
    if (args.includes("--json")) process.stdout.write(`${disarmJson(JSON.stringify({ error: message }))}\n`);
    const trace = process.env.DEBUG && error instanceof Error ? error.stack : undefined;
    process.stderr.write(`${trace ?? message}\n`);
    return error instanceof Failure ? error.exitCode : 1;
  }
}
