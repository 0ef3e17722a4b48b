/**
 * Open-loop HTTP load for measuring rollouts: requests begin at a fixed rate whatever becomes of the earlier ones,
 * and everything but a complete 2xx in time is a failure.
 */
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { FromGenerator, ToGenerator } from "./generator.ts";
import { type LoadOptions, resolveLoad } from "./options.ts";
import type { LoadReport } from "./report.ts";

export type { LoadOptions } from "./options.ts";
export type { Failure, FailureKind, LoadReport } from "./report.ts";

export interface Load {
  /**
   * Begins no more requests, waits for the open ones (at most `timeoutMs`) and reports. May be called again, and after
   * `maxSeconds` ended the load.
   *
   * @throws Error if the generator died: an incomplete count is not passed off as a result.
   */
  stop(): Promise<LoadReport>;
  /** The same report, once `stop` was called or `maxSeconds` ended the load. Rejects as `stop` does. */
  ended: Promise<LoadReport>;
}

/**
 * Starts the load; resolves when requests are being sent.
 *
 * @throws RangeError for options that are not allowed, a host other than this machine among them.
 */
export async function startLoad(options: LoadOptions): Promise<Load> {
  const load = resolveLoad(options);
  const generator = fork(fileURLToPath(new URL("./generator.ts", import.meta.url)), [], {
    // Not the flags of this process, which may be a test worker.
    execArgv: [],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const tell = (message: ToGenerator) => {
    if (generator.connected) generator.send(message);
  };
  const died = new Promise<never>((_, reject) => {
    const die = (reason: string) => reject(new Error(`load: the generator for ${load.url} died (${reason})`));
    generator.on("error", (error) => die(error.message));
    generator.on("exit", (code, signal) => die(signal ?? `exit status ${code}`));
  });
  const started = new Promise<void>((resolve) => {
    generator.on("message", (message: FromGenerator) => {
      if (message.kind === "ready") tell({ kind: "start", load });
      if (message.kind === "started") resolve();
    });
  });
  const report = new Promise<LoadReport>((resolve) => {
    generator.on("message", (message: FromGenerator) => {
      if (message.kind !== "report") return;
      resolve(message.report);
      generator.disconnect();
    });
  });
  const ended = Promise.race([report, died]);
  // A generator that dies before anyone asks for the report must not end the caller; stop() passes the error on.
  ended.catch(() => undefined);

  await Promise.race([started, died]);
  return {
    stop: () => {
      tell({ kind: "stop" });
      return ended;
    },
    ended,
  };
}
