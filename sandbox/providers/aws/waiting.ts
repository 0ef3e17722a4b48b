import { setTimeout as sleep } from "node:timers/promises";
import type { Operation } from "../protocol/handler.ts";
import { type Absence, isAbsence, isError } from "./errors.ts";

/** A wait. */
export interface Wait {
  /** The condition, after "waiting until": `cluster "prod" is active`. */
  until: string;
  /** Used unless the program sets `customTimeouts`. */
  timeoutSeconds: number;
  /** Milliseconds between looks. @default 1000 */
  everyMs?: number | undefined;
}

/**
 * Polls until there is an answer.
 *
 * @param look answers undefined to wait on, and throws when the condition can no longer come true.
 * @throws on timeout, or when the engine cancels.
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
    if (Date.now() >= deadline) throw new Error(`timed out after ${seconds} s waiting until ${wait.until}`);
    if (!shown) op.log.status(`waiting until ${wait.until}`);
    await sleep(wait.everyMs ?? 1000, undefined, { signal: op.signal });
  }
}

/** A wait until AWS accepts a call. */
export interface Retry extends Wait {
  /** Codes of errors that will pass, after which the call is repeated. @default DependencyViolation */
  again?: readonly string[] | undefined;
  /** Errors that count as success, as when the resource to delete is gone. */
  done: Absence;
}

/**
 * Repeats a call until AWS accepts it: EC2 refuses to delete what others still use.
 *
 * @throws the last refusal on timeout; any other error at once.
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
