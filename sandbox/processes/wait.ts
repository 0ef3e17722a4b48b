import { setTimeout as sleep } from "node:timers/promises";

export interface WaitOptions {
  /** What is awaited, for the error: "the API server to answer". */
  what: string;
  /** Seconds. */
  timeout: number;
  /** Milliseconds between two checks. @default 100 */
  every?: number;
  /** Added to the error after the timeout: the reason, or where to look. */
  hint?: () => string;
  /** Ends the wait at once if it returns a reason why waiting longer is useless. */
  failed?: () => string | undefined;
}

/**
 * Calls `probe` until it returns true. A probe that throws counts as "not yet".
 * @throws Error with what was awaited, for how long, and the last error of the probe.
 */
export async function waitFor(probe: () => Promise<boolean>, options: WaitOptions): Promise<void> {
  const deadline = Date.now() + options.timeout * 1000;
  for (;;) {
    let lastError = "";
    try {
      if (await probe()) return;
    } catch (error) {
      lastError = error instanceof Error ? error.message : String(error);
    }
    const failure = options.failed?.();
    if (failure) throw new Error(`Stopped waiting for ${options.what}: ${failure}`);
    if (Date.now() > deadline) {
      const reasons = [lastError, options.hint?.() ?? ""].filter((reason) => reason !== "").join(" ");
      throw new Error(`Timed out after ${options.timeout} s waiting for ${options.what}. ${reasons}`.trim());
    }
    await sleep(options.every ?? 100);
  }
}
