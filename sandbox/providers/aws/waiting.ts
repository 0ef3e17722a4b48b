import { setTimeout as sleep } from "node:timers/promises";
import type { Operation } from "../protocol/handler.ts";
import { type Absence, isAbsence, isError } from "./errors.ts";

/** What is waited for. */
export interface Wait {
  /** What is waited for, after "waiting until …": `cluster "prod" is active`. */
  until: string;
  /** Seconds, when the program sets no `customTimeouts`. */
  timeoutSeconds: number;
  /** Milliseconds between looks. @default 1000 */
  everyMs?: number | undefined;
}

/**
 * Looks until there is an answer.
 *
 * @param look answers undefined while it is not so yet, and throws when it will never be.
 * @throws when the time is up, or the engine cancels.
 */
export async function waitFor<T>(op: Operation, wait: Wait, look: () => Promise<T | undefined>): Promise<T> {
  const seconds = op.timeoutSeconds || wait.timeoutSeconds;
  const deadline = Date.now() + seconds * 1000;
  for (let shown = false; ; shown = true) {
    op.signal.throwIfAborted();
    const answer = await look();
    if (answer !== undefined) {
      if (shown) op.log.status("");
      return answer;
    }
    if (Date.now() >= deadline) throw new Error(`gave up waiting until ${wait.until} after ${seconds} s`);
    if (!shown) op.log.status(`waiting until ${wait.until}`);
    await sleep(wait.everyMs ?? 1000, undefined, { signal: op.signal });
  }
}

/** A wait until AWS takes a call. */
export interface Retry extends Wait {
  /** Codes of errors after which the call is made again: what is in the way is on its way out. @default DependencyViolation */
  again?: readonly string[] | undefined;
  /** Errors that count as done, as when the thing to delete is gone. */
  done: Absence;
}

/**
 * Makes a call until AWS takes it, as EC2 refuses to delete what others still use.
 *
 * @throws the refusal with how long it lasted, when the time is up; any other error at once.
 */
export async function retryUntilAccepted(op: Operation, wait: Retry, call: () => Promise<unknown>): Promise<void> {
  const { again = ["DependencyViolation"], done } = wait;
  let refusal: Error | undefined;
  try {
    await waitFor(op, wait, async () => {
      try {
        await call();
        return true;
      } catch (error) {
        if (isAbsence(error, done)) return true;
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
