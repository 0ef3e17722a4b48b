/**
 * The process that sends the requests. A process of its own, so that neither the caller's work nor its garbage
 * collection delays a request, and so that the system may schedule it ahead of what it measures.
 */
import os from "node:os";
import { Pool } from "undici";
import type { ResolvedLoad } from "./options.ts";
import { failureKind, type LoadReport, Tally } from "./report.ts";

export type ToGenerator = { kind: "start"; load: ResolvedLoad } | { kind: "stop" };
export type FromGenerator = { kind: "ready" } | { kind: "started" } | { kind: "report"; report: LoadReport };

const TICK_MS = 2;

class Timeout extends Error {}

/** Begins requests at their due times until stopped or out of time, then waits for the open ones. */
class Generator {
  readonly #load: ResolvedLoad;
  readonly #tally = new Tally();
  readonly #open = new Set<Promise<void>>();
  readonly #kept: Pool;
  readonly #own: Pool;
  readonly #startedAt = new Date();
  readonly #start = performance.now();
  #begun = 0;
  #lateMs = 0;
  #connections = 0;
  #timer: NodeJS.Timeout;
  #limit: NodeJS.Timeout;
  #report: Promise<LoadReport> | undefined;

  constructor(load: ResolvedLoad, onLimit: () => void) {
    this.#load = load;
    // The request's own clock decides about time, so undici's coarser ones are off. One request at a time and
    // connection: a pipelined one would be sent again when its connection breaks, which a user's is not.
    const shared = { pipelining: 1, headersTimeout: 0, bodyTimeout: 0, connect: { timeout: load.timeoutMs } };
    this.#kept = new Pool(load.origin, { ...shared, connections: load.connections, keepAliveTimeout: 60_000 });
    // Each closes its connection after one request. As many as a process may be expected to open; a request that
    // has to wait for one is late by that much, and in the end a timeout.
    this.#own = new Pool(load.origin, { ...shared, connections: 512 });
    for (const pool of [this.#kept, this.#own]) pool.on("connect", () => this.#connections++);
    this.#timer = setInterval(() => this.#beginDue(), TICK_MS);
    this.#limit = setTimeout(onLimit, load.maxSeconds * 1_000);
  }

  /** Ends the load and reports on it. Later calls get the same report. */
  stop(endedByLimit: boolean): Promise<LoadReport> {
    this.#report ??= this.#finish(endedByLimit);
    return this.#report;
  }

  async #finish(endedByLimit: boolean): Promise<LoadReport> {
    clearInterval(this.#timer);
    clearTimeout(this.#limit);
    this.#beginDue();
    const seconds = (performance.now() - this.#start) / 1_000;
    await Promise.all(this.#open);
    await Promise.all([this.#kept.destroy(), this.#own.destroy()]);
    return this.#tally.report({
      url: this.#load.url,
      startedAt: this.#startedAt.toISOString(),
      seconds: Math.round(seconds * 1_000) / 1_000,
      connectionsOpened: this.#connections,
      generatorLateMs: Math.round(this.#lateMs),
      endedByLimit,
    });
  }

  #beginDue(): void {
    const now = performance.now();
    const spacing = 1_000 / this.#load.rps;
    for (let due = this.#start + this.#begun * spacing; due <= now; due = this.#start + this.#begun * spacing) {
      this.#lateMs = Math.max(this.#lateMs, now - due);
      this.#begun++;
      // Spread evenly: with a share of 0.1, every tenth request.
      const share = this.#load.newConnections;
      const newConnection = Math.floor(this.#begun * share) > Math.floor((this.#begun - 1) * share);
      const request = this.#send(due, newConnection).finally(() => this.#open.delete(request));
      this.#open.add(request);
    }
  }

  async #send(due: number, newConnection: boolean): Promise<void> {
    this.#tally.begin();
    const deadline = new AbortController();
    const remaining = Math.max(0, due + this.#load.timeoutMs - performance.now());
    const timer = setTimeout(() => deadline.abort(new Timeout(`no answer in ${this.#load.timeoutMs} ms`)), remaining);
    const fail = (kind: ReturnType<typeof failureKind>, message: string) =>
      this.#tally.fail(kind, {
        at: new Date(this.#startedAt.getTime() + (due - this.#start)).toISOString(),
        afterMs: Math.round(performance.now() - due),
        newConnection,
        message,
      });
    try {
      const { path, headers } = this.#load;
      const response = await (newConnection ? this.#own : this.#kept).request({
        method: "GET",
        path,
        headers,
        reset: newConnection,
        signal: deadline.signal,
      });
      // A body cut short throws here, so a 200 that breaks off has failed.
      const body = await response.body.text();
      if (response.statusCode >= 200 && response.statusCode < 300) this.#tally.succeed(performance.now() - due, body);
      else fail(`status-${response.statusCode}`, `answered ${response.statusCode}: ${body.slice(0, 200)}`);
    } catch (error) {
      const timedOut = deadline.signal.aborted;
      fail(timedOut ? "timeout" : failureKind(error), timedOut ? deadline.signal.reason.message : String(error));
    } finally {
      clearTimeout(timer);
    }
  }
}

function say(message: FromGenerator): void {
  process.send?.(message);
}

function main(): void {
  try {
    os.setPriority(-10);
  } catch {
    // Only root may. Without it the load is as honest, only the latencies are less exact on a busy machine.
  }
  let generator: Generator | undefined;
  const end = async (endedByLimit: boolean) => {
    const report = await generator?.stop(endedByLimit);
    if (report) say({ kind: "report", report });
  };
  process.on("message", (message: ToGenerator) => {
    if (message.kind === "stop") return void end(false);
    generator = new Generator(message.load, () => void end(true));
    say({ kind: "started" });
  });
  // The caller has the report, or is gone and nobody would stop the load.
  process.on("disconnect", () => process.exit(0));
  // Ctrl-C reaches the whole process group; the caller decides what it means and asks for the report.
  process.on("SIGINT", () => undefined);
  say({ kind: "ready" });
}

main();
