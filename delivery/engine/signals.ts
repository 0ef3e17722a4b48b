import { info } from "../output.ts";

/** Signals that ask a process to end: Ctrl-C, a supervisor or CI, a terminal that goes away. */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** npm repeats a Ctrl-C that the terminal has sent to this process already. */
const ECHO_MILLISECONDS = 1_000;

/** Keeps signals from ending this process, so that the result of an update is written whatever happens. */
export class SignalHold {
  /** The first signal that came; undefined before. */
  received: NodeJS.Signals | undefined;
  private receivedAt = 0;
  private interrupt: (() => void) | undefined;

  constructor() {
    for (const signal of SIGNALS) process.on(signal, this.take);
  }

  /** From now on signals end the process again. */
  release(): void {
    for (const signal of SIGNALS) process.off(signal, this.take);
  }

  /**
   * Calls a function for the first signal, and again for a later Ctrl-C or SIGTERM.
   *
   * @returns a function that detaches it
   */
  attach(interrupt: () => void): () => void {
    this.interrupt = interrupt;
    return () => {
      this.interrupt = undefined;
    };
  }

  private readonly take = (signal: NodeJS.Signals): void => {
    if (this.received === undefined) {
      this.received = signal;
      this.receivedAt = Date.now();
      info(`${signal}: ending in order. A second signal ends it at once.`);
      this.interrupt?.();
      return;
    }
    // A terminal that closes after a Ctrl-C asks for nothing new.
    if (signal === "SIGHUP" || Date.now() - this.receivedAt < ECHO_MILLISECONDS) return;
    if (this.interrupt) this.interrupt();
    else {
      this.release();
      process.kill(process.pid, signal);
    }
  };
}
