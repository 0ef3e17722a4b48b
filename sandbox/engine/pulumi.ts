import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";

/** npm passes a Ctrl-C on that the terminal has already sent. Within this time, in milliseconds, both count as one. */
const ECHO_MS = 1000;

export interface PulumiCall {
  /** Path of the CLI. */
  command: string;
  args: readonly string[];
  cwd: string;
  env: NodeJS.ProcessEnv;
}

/**
 * Runs the Pulumi CLI with its output on the terminal, or as plain lines if there is none.
 *
 * Ctrl-C, SIGTERM and the closing of the terminal reach the engine once: it finishes the steps that are running, writes its
 * state and ends. A second Ctrl-C reaches it too, and it then ends at once.
 *
 * @returns the exit code; 128 plus the signal's number if a signal ended the command.
 */
export async function runPulumi({ command, args, cwd, env }: PulumiCall): Promise<number> {
  const color = process.stdout.isTTY && !process.env.NO_COLOR ? "always" : "never";
  const child = spawn(command, [...args, "--non-interactive", "--color", color], {
    cwd,
    env,
    stdio: ["ignore", "inherit", "inherit"],
    // A process group of its own, so that no signal reaches the engine but those passed on below. A second one makes it
    // leave steps unfinished.
    detached: true,
  });
  const signals = passSignals(child);
  try {
    const [code, killedBy] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
    const signal = signals.received() ?? killedBy;
    if (code === 0) return 0;
    return signal ? 128 + constants.signals[signal] : (code ?? 1);
  } finally {
    signals.stop();
  }
}

function passSignals(child: ChildProcess): { received: () => NodeJS.Signals | undefined; stop: () => void } {
  let first: NodeJS.Signals | undefined;
  let last = Number.NEGATIVE_INFINITY;
  const pass = (signal: NodeJS.Signals): void => {
    const now = performance.now();
    if (now - last < ECHO_MS) return;
    last = now;
    first ??= signal;
    // The engine would die of SIGHUP with its state unwritten.
    child.kill(signal === "SIGHUP" ? "SIGTERM" : signal);
  };
  const names = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const name of names) process.on(name, pass);
  return {
    received: () => first,
    stop: () => {
      for (const name of names) process.off(name, pass);
    },
  };
}
