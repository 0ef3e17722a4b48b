import http from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { type LoadOptions, type LoadReport, startLoad } from "./load.ts";

const servers: http.Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

/** A server on a free port; `answer` gets the number of the request, from 1. */
async function serve(answer: (n: number, response: http.ServerResponse, socket: Socket) => void) {
  let requests = 0;
  const server = http.createServer((request, response) => answer(++requests, response, request.socket));
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  return { server, port, url: `http://127.0.0.1:${port}/api/version`, requests: () => requests };
}

const healthy = (response: http.ServerResponse) =>
  response.setHeader("content-type", "application/json").end('{"release":"v1","pod":"web-1"}');

async function loadFor(ms: number, options: LoadOptions): Promise<LoadReport> {
  const load = await startLoad({ maxSeconds: 20, ...options });
  await sleep(ms);
  return load.stop();
}

const kinds = (report: LoadReport) =>
  Object.fromEntries(Object.entries(report.errors).map(([kind, seen]) => [kind, seen?.count]));

describe("a healthy server", () => {
  test("gets 500 requests a second, new and kept connections, and none fails", async () => {
    const { url, requests } = await serve((_, response) => healthy(response));
    const report = await loadFor(3_000, { url, rps: 500 });
    expect(report).toMatchObject({ failed: 0, errors: {}, endedByLimit: false });
    expect(report.sent).toBe(report.ok);
    expect(report.sent).toBe(requests());
    expect(report.rate).toBeGreaterThan(450);
    expect(report.rate).toBeLessThan(550);
    expect(report.byRelease).toEqual({ v1: report.sent });
    expect(report.perSecond.reduce((sum, { v1 = 0 }) => sum + v1, 0)).toBe(report.sent);
    expect(report.byPod).toEqual({ "web-1": report.sent });
    expect(report.latency.p50).toBeGreaterThan(0);
    expect(report.latency.max).toBeGreaterThanOrEqual(report.latency.p99);
    expect(report.connectionsOpened).toBeGreaterThanOrEqual(report.sent * 0.1 - 1);
    expect(report.connectionsOpened).toBeLessThan(report.sent * 0.2);
  });

  test("keeps the rate while the caller is busy", async () => {
    // Answers from another process would be needed to keep up; here the server shares the busy process, so what is
    // measured is that requests were begun on time, not that they were answered soon.
    const { url } = await serve((_, response) => healthy(response));
    const load = await startLoad({ url, rps: 200, maxSeconds: 20 });
    const end = Date.now() + 1_000;
    while (Date.now() < end);
    const report = await load.stop();
    expect(report.failed).toBe(0);
    expect(report.sent).toBeGreaterThan(180);
    expect(report.latency.max).toBeGreaterThan(700);
  });

  test("ends by itself at maxSeconds", async () => {
    const { url } = await serve((_, response) => healthy(response));
    const load = await startLoad({ url, rps: 50, maxSeconds: 1 });
    const report = await load.ended;
    expect(report).toMatchObject({ endedByLimit: true, failed: 0 });
    expect(report.seconds).toBeLessThan(1.5);
    expect(await load.stop()).toEqual(report);
  });

  test("gets the Host header of the URL, or the one given", async () => {
    const hosts = new Set<string | undefined>();
    const { port } = await serve((_, response) => {
      hosts.add(response.req.headers.host);
      healthy(response);
    });
    await loadFor(100, { url: `http://web.localhost:${port}/`, rps: 50 });
    await loadFor(100, { url: `http://127.0.0.1:${port}/`, rps: 50, headers: { Host: "shop.localhost" } });
    expect([...hosts]).toEqual([`web.localhost:${port}`, "shop.localhost"]);
  });
});

describe("every failure is counted, none is repeated", () => {
  test.each([
    ["a connection reset before the answer", (response: http.ServerResponse) => response.socket?.resetAndDestroy()],
    ["a connection closed before the answer", (response: http.ServerResponse) => response.socket?.end()],
    [
      "a connection closed in the middle of a body with a length",
      (response: http.ServerResponse) => {
        response.writeHead(200, { "content-length": 100 }).write("half");
        setTimeout(() => response.socket?.destroy(), 5);
      },
    ],
    [
      "a connection closed in the middle of a chunked body",
      (response: http.ServerResponse) => {
        response.writeHead(200).write("half");
        setTimeout(() => response.socket?.destroy(), 5);
      },
    ],
  ])("%s", async (_, breakOff) => {
    let broken = 0;
    const { url, requests } = await serve((n, response) => {
      // Meets kept connections and, every tenth request being one, new ones.
      if (n % 7 !== 0) return healthy(response);
      broken++;
      breakOff(response);
    });
    const report = await loadFor(1_000, { url, rps: 300 });
    expect(kinds(report)).toEqual({ reset: broken });
    expect(broken).toBeGreaterThan(5);
    expect(report).toMatchObject({ failed: broken, ok: report.sent - broken, sent: requests() });
  });

  test("an answer that is not 2xx, with the first examples", async () => {
    let unavailable = 0;
    const { url, requests } = await serve((n, response) => {
      if (n % 10 === 0) unavailable++;
      response.statusCode = n % 10 === 0 ? 503 : n % 25 === 1 ? 302 : 200;
      response.end("no room");
    });
    const report = await loadFor(1_000, { url, rps: 300 });
    expect(report.errors["status-503"]?.count).toBe(unavailable);
    expect(report.errors["status-302"]?.count).toBeGreaterThan(0);
    expect(report.sent).toBe(requests());
    const first = report.errors["status-503"]?.first ?? [];
    expect(first).toHaveLength(5);
    expect(first[0]?.message).toBe("answered 503: no room");
    expect(Date.parse(first[0]?.at ?? "")).toBeGreaterThanOrEqual(Date.parse(report.startedAt));
  });

  test("a server that does not listen for 200 ms", async () => {
    const { server, url, port, requests } = await serve((_, response) => healthy(response));
    const load = await startLoad({ url, rps: 500, maxSeconds: 20 });
    await sleep(500);
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
    await sleep(200);
    server.listen(port, "127.0.0.1");
    await sleep(500);
    const report = await load.stop();
    // 200 ms at 500 a second is 100; what the closing itself cut off comes on top.
    expect(report.errors.refused?.count).toBeGreaterThan(80);
    expect(report.failed).toBeLessThan(200);
    expect(report.ok + report.failed).toBe(report.sent);
    expect(report.ok).toBeLessThanOrEqual(requests());
    expect(report.rate).toBeGreaterThan(450);
  });

  test("an answer that is too late, and one that never comes", async () => {
    const { url } = await serve((n, response) => {
      if (n % 50 === 0) return;
      setTimeout(() => healthy(response), n % 50 === 1 ? 600 : 0);
    });
    const report = await loadFor(1_000, { url, rps: 200, timeoutMs: 300, newConnections: 0, connections: 64 });
    expect(Object.keys(report.errors)).toEqual(["timeout"]);
    expect(report.errors.timeout?.count).toBeGreaterThanOrEqual(6);
    expect(report.errors.timeout?.first[0]?.message).toBe("no answer in 300 ms");
    expect(report.errors.timeout?.first[0]?.afterMs).toBeLessThan(500);
  });

  test("nobody listening at all", async () => {
    const { server, url } = await serve(() => undefined);
    await new Promise((resolve) => server.close(resolve));
    const report = await loadFor(300, { url, rps: 200 });
    expect(kinds(report)).toEqual({ refused: report.sent });
    expect(report).toMatchObject({ ok: 0, latency: { p50: 0, p99: 0, max: 0 } });
  });
});

describe("what is not allowed", () => {
  test.each([
    "http://example.com/",
    "http://10.0.0.1:80/",
    "http://localhost.example.com/",
    "http://127.0.0.1.example.com/",
    "http://0.0.0.0/",
    "https://localhost/",
    "nonsense",
  ])("%s is refused", async (url) => {
    await expect(startLoad({ url, rps: 1 })).rejects.toThrow(`url: ${url} given; an http address on this machine`);
  });

  test("every fault is named at once", async () => {
    const faults = startLoad({ url: "http://localhost/", rps: Number.NaN, connections: 0, maxSeconds: 99_999 });
    await expect(faults).rejects.toThrow(
      /rps: NaN given; 1 to 5000.*connections: 0 given; 1 to 512.*maxSeconds: 99999 given; 1 to 3600/,
    );
  });
});
