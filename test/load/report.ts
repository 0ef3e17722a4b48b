import { createHistogram } from "node:perf_hooks";

/** `status-503` and the like for an answer that is not 2xx, `code-…` for anything that fits no other kind. */
export type FailureKind = "refused" | "reset" | "timeout" | "protocol" | `status-${number}` | `code-${string}`;

export interface Failure {
  /** When the request was due, ISO 8601. */
  at: string;
  /** Time from then to the failure. */
  afterMs: number;
  /** Whether the request was to have a connection of its own. */
  newConnection: boolean;
  message: string;
}

export interface LoadReport {
  url: string;
  /** First request's due time, ISO 8601. */
  startedAt: string;
  /** Seconds in which requests were begun; answers that came later are counted too. */
  seconds: number;
  /** Requests begun: `ok + failed`, always. */
  sent: number;
  /** Answered 2xx, to the last byte and in time. */
  ok: number;
  /** Everything else. Nothing is ever repeated. */
  failed: number;
  /** Requests begun per second, as measured. */
  rate: number;
  /** Failures by kind, with the first few of each. */
  errors: Partial<Record<FailureKind, { count: number; first: Failure[] }>>;
  /** Of the answered requests, in ms, from the due time: waiting for a connection counts. Zero when none was answered. */
  latency: { p50: number; p99: number; max: number };
  /** Answered requests by the `release` in a JSON body; empty when bodies do not say. */
  byRelease: Record<string, number>;
  /** Likewise by `pod`. */
  byPod: Record<string, number>;
  /** Second by second, from the first request on, when answers came: how many by `release`, and failures as `failed`. */
  perSecond: Record<string, number>[];
  /** Connections opened, kept and own. */
  connectionsOpened: number;
  /** How late the generator itself ever was, in ms. If large, the machine was too busy for the latencies to mean much. */
  generatorLateMs: number;
  /** Whether `maxSeconds` ended the load rather than `stop`. */
  endedByLimit: boolean;
}

const EXAMPLES_PER_KIND = 5;
const MICROSECONDS_PER_MS = 1_000;

/** Counts what became of each request. */
export class Tally {
  #sent = 0;
  #ok = 0;
  #failed = 0;
  readonly #errors: LoadReport["errors"] = {};
  readonly #latency = createHistogram();
  readonly #byRelease: Record<string, number> = {};
  readonly #byPod: Record<string, number> = {};
  readonly #perSecond: Record<string, number>[] = [];
  readonly #begun = performance.now();

  begin(): void {
    this.#sent++;
  }

  succeed(ms: number, body: string): void {
    this.#ok++;
    this.#latency.record(Math.max(1, Math.round(ms * MICROSECONDS_PER_MS)));
    const { release, pod } = identityIn(body);
    if (release !== undefined) {
      this.#byRelease[release] = (this.#byRelease[release] ?? 0) + 1;
      this.#countNow(release);
    }
    if (pod !== undefined) this.#byPod[pod] = (this.#byPod[pod] ?? 0) + 1;
  }

  fail(kind: FailureKind, failure: Failure): void {
    this.#failed++;
    this.#countNow("failed");
    const seen = this.#errors[kind] ?? { count: 0, first: [] };
    this.#errors[kind] = seen;
    seen.count++;
    if (seen.first.length < EXAMPLES_PER_KIND) seen.first.push(failure);
  }

  #countNow(what: string): void {
    const second = Math.floor((performance.now() - this.#begun) / 1_000);
    while (this.#perSecond.length <= second) this.#perSecond.push({});
    const counts = this.#perSecond[second] ?? {};
    counts[what] = (counts[what] ?? 0) + 1;
  }

  /** Counts so far. */
  progress(): { sent: number; ok: number; failed: number } {
    return { sent: this.#sent, ok: this.#ok, failed: this.#failed };
  }

  report(
    run: Omit<
      LoadReport,
      "sent" | "ok" | "failed" | "rate" | "errors" | "latency" | "byRelease" | "byPod" | "perSecond"
    >,
  ): LoadReport {
    const ms = (microseconds: number) => (this.#ok === 0 ? 0 : Math.round(microseconds) / MICROSECONDS_PER_MS);
    return {
      ...run,
      ...this.progress(),
      rate: Math.round((this.#sent / run.seconds) * 10) / 10,
      errors: this.#errors,
      latency: {
        p50: ms(this.#latency.percentile(50)),
        p99: ms(this.#latency.percentile(99)),
        max: ms(this.#latency.max),
      },
      byRelease: this.#byRelease,
      byPod: this.#byPod,
      perSecond: this.#perSecond,
    };
  }
}

function identityIn(body: string): { release?: string; pod?: string } {
  if (!body.startsWith("{")) return {};
  try {
    const { release, pod } = JSON.parse(body) as Record<string, unknown>;
    return {
      ...(typeof release === "string" && { release }),
      ...(typeof pod === "string" && { pod }),
    };
  } catch {
    return {};
  }
}

/** The kind of failure behind an error of the HTTP client. */
export function failureKind(error: unknown): FailureKind {
  const { code, name, message } = error as Error & { code?: string };
  if (code === "ECONNREFUSED") return "refused";
  if (code === "ECONNRESET" || code === "EPIPE" || code === "UND_ERR_SOCKET") return "reset";
  // An answer that broke off: the first with a Content-Length, the second chunked, where undici gives no code.
  if (code === "UND_ERR_RES_CONTENT_LENGTH_MISMATCH" || message.includes("Invalid EOF state")) return "reset";
  if (code === "ETIMEDOUT" || code?.endsWith("_TIMEOUT")) return "timeout";
  if (name === "HTTPParserError") return "protocol";
  return `code-${code ?? name}`;
}
