import { setTimeout as sleep } from "node:timers/promises";
import type { Operation } from "../protocol/handler.ts";

/** What is waited for. */
export interface Wait {
  /** What is waited for, after "waiting until …": `cluster "prod" is active`. */
  until: string;
  /** Seconds, when the program sets no `customTimeouts`. */
  timeoutSeconds: number;
  /** Milliseconds between looks. @default 1000 */
  everyMs?: number;
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
