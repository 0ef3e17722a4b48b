/** What to send, and how much of it. */
export interface LoadOptions {
  /** An http address on this machine: localhost, *.localhost, 127.0.0.0/8 or [::1]. Others are refused. */
  url: string;
  /** Requests begun per second, whether or not earlier ones were answered: 1 to 5000. */
  rps: number;
  /** Most kept-alive connections at a time, 1 to 512. @default 32 */
  connections?: number;
  /**
   * Share of the requests that open a connection of their own and close it, 0 to 1. Rollouts break kept connections
   * and new ones in different ways, so both are sent. @default 0.1
   */
  newConnections?: number;
  /** Request headers, e.g. `{ host: "web.localhost" }`. @default none */
  headers?: Record<string, string>;
  /** Longest time from a request's due time to its answer's last byte, in ms, 50 to 60000; longer has failed. @default 5000 */
  timeoutMs?: number;
  /** The load ends by itself after this many seconds, 1 to 3600, whatever becomes of the caller. @default 600 */
  maxSeconds?: number;
}

/** Options with every default filled in, as the generator's process gets them. */
export interface ResolvedLoad extends Required<LoadOptions> {
  /** Where to connect: always a literal loopback address, so that no name lookup can lead elsewhere. */
  origin: string;
  path: string;
}

const LIMITS = {
  rps: { least: 1, most: 5_000 },
  connections: { least: 1, most: 512 },
  newConnections: { least: 0, most: 1 },
  timeoutMs: { least: 50, most: 60_000 },
  maxSeconds: { least: 1, most: 3_600 },
};

/** @throws RangeError naming every option that is not allowed, what was given and what is. */
export function resolveLoad(options: LoadOptions): ResolvedLoad {
  const faults: string[] = [];
  const numbers = {
    rps: options.rps,
    connections: options.connections ?? 32,
    newConnections: options.newConnections ?? 0.1,
    timeoutMs: options.timeoutMs ?? 5_000,
    maxSeconds: options.maxSeconds ?? 600,
  };
  for (const [name, { least, most }] of Object.entries(LIMITS)) {
    const given = numbers[name as keyof typeof LIMITS];
    if (!(given >= least && given <= most)) faults.push(`${name}: ${given} given; ${least} to ${most} is allowed`);
  }
  const url = URL.canParse(options.url) ? new URL(options.url) : undefined;
  const address = url && loopbackAddress(url.hostname);
  if (url?.protocol !== "http:" || !address) {
    faults.push(
      `url: ${options.url} given; an http address on this machine is allowed (localhost, *.localhost, 127.0.0.0/8, ` +
        `[::1]). Load is never sent elsewhere: forward the port to this machine first.`,
    );
  }
  if (faults.length > 0 || !url || !address) throw new RangeError(`load: ${faults.join("; ")}`);
  return {
    url: url.href,
    ...numbers,
    headers: { host: url.host, ...lowerCased(options.headers ?? {}) },
    origin: `http://${address}:${url.port || 80}`,
    path: url.pathname + url.search,
  };
}

/** The loopback address behind a host name, undefined for any other host. */
function loopbackAddress(hostname: string): string | undefined {
  // Debian's resolver does not know *.localhost (RFC 6761 reserves it for loopback), so no resolver is asked.
  if (hostname === "localhost" || hostname.endsWith(".localhost")) return "127.0.0.1";
  if (/^127\.\d+\.\d+\.\d+$/.test(hostname) || hostname === "[::1]") return hostname;
  return undefined;
}

function lowerCased(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
