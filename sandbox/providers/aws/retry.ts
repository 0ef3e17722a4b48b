import type { Operation } from "../protocol/handler.ts";
import { isError } from "./errors.ts";
import { type Wait, waitFor } from "./wait.ts";

/** A refusal that passes: what is in the way is on its way out. */
export interface Passing {
  /** Codes of errors after which the call is made again. */
  again: readonly string[];
  /** Codes of errors that count as done, as when the thing to delete is gone. */
  done?: readonly string[];
}

/**
 * Makes a call until AWS takes it, as EC2 refuses to delete what others still use.
 *
 * @throws the refusal with how long it lasted, when the time is up; any other error at once.
 */
export async function untilTaken(
  op: Operation,
  wait: Wait,
  { again, done = [] }: Passing,
  call: () => Promise<unknown>,
): Promise<void> {
  let refusal: Error | undefined;
  try {
    await waitFor(op, wait, async () => {
      try {
        await call();
        return true;
      } catch (error) {
        if (isError(error, ...done)) return true;
        if (!(error instanceof Error) || !isError(error, ...again)) throw error;
        refusal = error;
        return undefined;
      }
    });
  } catch (error) {
    if (refusal === undefined || op.signal.aborted || !(error instanceof Error)) throw error;
    throw new Error(`${error.message}: ${refusal.message}`, { cause: refusal });
  }
}
