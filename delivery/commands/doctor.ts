import type { Finding } from "../doctor/check.ts";
import { checkMachine } from "../doctor/machine.ts";
import { checkStack } from "../doctor/stack.ts";
import { EXIT } from "../exit-codes.ts";
import { type CommonOptions, info, printResult } from "../output.ts";
import { style } from "../terminal/style.ts";

export interface DoctorOptions extends CommonOptions {
  /** Check the access to this stack too. @default - only the machine */
  stack?: string;
}

const SIGNS = { ok: "✔", missing: "✖", optional: "–" } as const;
const COLOURS = { ok: "green", missing: "red", optional: "yellow" } as const;

/** Checks what the commands need and prints how to fix what is missing. Changes nothing. Exit code 1 if something is missing. */
export async function doctor(options: DoctorOptions, root: string): Promise<void> {
  const { stack } = options;
  const machine = await checkMachine(root);
  const hasEngine = machine.some(({ name, result }) => name === "login" && result === "ok");
  const findings = [...machine, ...(stack ? await checkStack(root, stack, hasEngine) : [])];
  const missing = findings.filter(({ result }) => result === "missing");
  if (missing.length > 0) process.exitCode = EXIT.refused;
  printResult(options, { ok: missing.length === 0, findings }, format(findings));
  if (!stack) info("To check a stack's registry and cluster too: add --stack <name>.");
}

function format(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ name }) => name.length));
  return findings
    .flatMap(({ name, result, text, fix }) => [
      `${style(COLOURS[result], SIGNS[result], process.stdout)} ${name.padEnd(width)}  ${text}`,
      ...(fix ? [`  ${" ".repeat(width)}  → ${fix}`] : []),
    ])
    .join("\n");
}
