import { setTimeout as sleep } from "node:timers/promises";

export interface WaitOptions {
  /** What is awaited, for the error: "the API server to answer". */
  what: string;
  /** Seconds until it is given up. */
  timeout: number;
  /** Milliseconds between two looks. @default 100 */
  every?: number;
  /** Told on giving up: why, or where to look. Called once. */
  hint?: () => string;
  /** Ends the wait at once with this reason, when there is one: what is awaited can no longer come. */
  hopeless?: () => string | undefined;
}

/**
 * Looks again and again until `probe` gives true. A probe that throws counts as "not yet".
 * @throws Error naming what was awaited, for how long, and the last thing that stood in the way.
 */
export async function waitFor(probe: () => Promise<boolean>, options: WaitOptions): Promise<void> {
  const deadline = Date.now() + options.timeout * 1000;
  for (;;) {
    let obstacle = "";
    try {
      if (await probe()) return;
    } catch (error) {
      obstacle = error instanceof Error ? error.message : String(error);
    }
    const lost = options.hopeless?.();
    if (lost) throw new Error(`Waited for ${options.what}: ${lost}`);
    if (Date.now() > deadline) {
      const reasons = [obstacle, options.hint?.() ?? ""].filter((reason) => reason !== "").join(" ");
      throw new Error(`Waited ${options.timeout} s for ${options.what}, in vain. ${reasons}`.trim());
    }
    await sleep(options.every ?? 100);
  }
}
