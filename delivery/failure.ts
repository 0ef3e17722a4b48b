import { EXIT, type ExitCode } from "./exit-codes.ts";

/** A failure that the user can fix. The message says where, what was given, what is allowed and what to do. It is printed without a stack trace. */
export class Failure extends Error {
  readonly exitCode: ExitCode;

  /** @param exitCode of the command. @default - refused: nothing was changed */
  constructor(message: string, exitCode: ExitCode = EXIT.refused) {
    super(message);
    this.exitCode = exitCode;
    this.name = "Failure";
  }
}

/** The first line of an error's innermost cause, without the full stop; for a failed connection its code, such as ECONNREFUSED. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const inner = innermost(error);
  const code = (inner as NodeJS.ErrnoException).code;
  const text = typeof code === "string" && /^E[A-Z]+$/.test(code) ? code : inner.message || error.message;
  return (text.split("\n").find((line) => line.trim()) ?? "").trim().replace(/\.$/, "");
}

function innermost(error: Error): Error {
  const { cause, original, errors } = error as Error & { original?: unknown; errors?: unknown[] };
  const next = [cause, original, errors?.[0]].find((inner) => inner instanceof Error);
  return next instanceof Error ? innermost(next) : error;
}
