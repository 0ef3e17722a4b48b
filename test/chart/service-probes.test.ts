import { describe, expect, it } from "vitest";
import { serviceContainer } from "./pod.ts";

const httpGet = (path: string) => ({ httpGet: { path, port: "http" } });
const tcpSocket = { tcpSocket: { port: "http" } };

/** What each of the three probes asks, without its times. */
async function questions(values: object) {
  const container = await serviceContainer({ ...values });
  const ask = (name: "startupProbe" | "readinessProbe" | "livenessProbe") => {
    const probe = container[name];
    return probe && { httpGet: probe.httpGet, tcpSocket: probe.tcpSocket, grpc: probe.grpc, exec: probe.exec };
  };
  return { startup: ask("startupProbe"), readiness: ask("readinessProbe"), liveness: ask("livenessProbe") };
}

describe("probes", () => {
  it("http: readiness checks /healthz; liveness and startup only connect, which depends on no other system", async () => {
    expect(await questions({})).toEqual({ startup: tcpSocket, readiness: httpGet("/healthz"), liveness: tcpSocket });
  });

  it("http: takes a path for each", async () => {
    expect(await questions({ probes: { path: "/readyz", livenessPath: "/livez" } })).toEqual({
      startup: httpGet("/livez"),
      readiness: httpGet("/readyz"),
      liveness: httpGet("/livez"),
    });
  });

  it("spring-actuator: the two groups of Spring Boot", async () => {
    expect(await questions({ probes: { preset: "spring-actuator" } })).toEqual({
      startup: httpGet("/actuator/health/liveness"),
      readiness: httpGet("/actuator/health/readiness"),
      liveness: httpGet("/actuator/health/liveness"),
    });
  });

  it("tcp: connects", async () => {
    expect(await questions({ probes: { preset: "tcp" } })).toEqual({
      startup: tcpSocket,
      readiness: tcpSocket,
      liveness: tcpSocket,
    });
  });

  it("grpc: readiness checks the health service, liveness connects", async () => {
    expect(await questions({ probes: { preset: "grpc" } })).toEqual({
      startup: tcpSocket,
      readiness: { grpc: { port: 8080 } },
      liveness: tcpSocket,
    });
  });

  it("exec: a command for each", async () => {
    const probes = { preset: "exec", command: ["/check", "--ready"], livenessCommand: ["/check", "--alive"] };
    expect(await questions({ probes })).toEqual({
      startup: { exec: { command: ["/check", "--alive"] } },
      readiness: { exec: { command: ["/check", "--ready"] } },
      liveness: { exec: { command: ["/check", "--alive"] } },
    });
  });

  it("exec: no liveness without its own command, since the readiness command may depend on other systems", async () => {
    expect(await questions({ probes: { preset: "exec", command: ["/check"] } })).toEqual({
      startup: { exec: { command: ["/check"] } },
      readiness: { exec: { command: ["/check"] } },
      liveness: undefined,
    });
  });

  const actuator = (path: string) => ({
    httpGet: {
      path: `/actuator/health/${path}`,
      port: 8081,
      scheme: "HTTPS",
      httpHeaders: [
        { name: "Host", value: "orders.example.com" },
        { name: "X-Probe", value: "1" },
      ],
    },
  });

  it("ask another port, by HTTPS and with headers: all three of them", async () => {
    const headers = { Host: "orders.example.com", "X-Probe": "1" };
    const probes = { preset: "spring-actuator", port: 8081, scheme: "HTTPS", headers };
    expect(await questions({ probes })).toEqual({
      startup: actuator("liveness"),
      readiness: actuator("readiness"),
      liveness: actuator("liveness"),
    });
  });

  it("connect to another port, by number or by name", async () => {
    const ports = { admin: { port: 9000 } };
    for (const port of [9000, "admin"]) {
      const tcpSocket = { tcpSocket: { port: 9000 } };
      expect(await questions({ ports, probes: { port, headers: { Host: "a" } } })).toEqual({
        startup: tcpSocket,
        readiness: { httpGet: { path: "/healthz", port: 9000, httpHeaders: [{ name: "Host", value: "a" }] } },
        liveness: tcpSocket,
      });
    }
  });

  it("grpc: asks about one service, on another port", async () => {
    const { readiness } = await questions({ probes: { preset: "grpc", port: 9091, service: "shop.Orders" } });
    expect(readiness).toEqual({ grpc: { port: 9091, service: "shop.Orders" } });
    expect((await questions({ probes: { preset: "grpc", port: "http" } })).readiness).toEqual({ grpc: { port: 8080 } });
  });

  it("a worker may have a port that only the checks use", async () => {
    const { readiness } = await questions({ port: undefined, probes: { port: 8081 } });
    expect(readiness).toEqual({ httpGet: { path: "/healthz", port: 8081 } });
  });

  it("a worker has none", async () => {
    expect(await questions({ port: undefined })).toEqual({
      startup: undefined,
      readiness: undefined,
      liveness: undefined,
    });
  });

  it("a worker may have commands", async () => {
    const asked = await questions({ port: undefined, probes: { preset: "exec", command: ["/check"] } });
    expect(asked.readiness).toEqual({ exec: { command: ["/check"] } });
  });

  it("readiness fails after 3 checks in 15 s, liveness after twice as many", async () => {
    const { readinessProbe, livenessProbe } = await serviceContainer();
    expect(readinessProbe).toMatchObject({ periodSeconds: 5, timeoutSeconds: 2, failureThreshold: 3 });
    expect(livenessProbe).toMatchObject({ periodSeconds: 5, timeoutSeconds: 2, failureThreshold: 6 });
  });

  it("accepts other times", async () => {
    const probes = { periodSeconds: 10, timeoutSeconds: 4, failureThreshold: 2 };
    const { readinessProbe, livenessProbe } = await serviceContainer({ probes });
    expect(readinessProbe).toMatchObject(probes);
    expect(livenessProbe).toMatchObject({ ...probes, failureThreshold: 4 });
  });

  it("a start may take 60 s, and is checked every 2 s", async () => {
    const { startupProbe } = await serviceContainer();
    expect(startupProbe).toMatchObject({ periodSeconds: 2, timeoutSeconds: 2, failureThreshold: 30 });
  });

  it.each([
    { startupSeconds: 180, timeoutSeconds: 2 },
    { startupSeconds: 7, timeoutSeconds: 3 },
    { startupSeconds: 1, timeoutSeconds: 2 },
    { startupSeconds: 100, timeoutSeconds: 10 },
  ])("allows a start at least startupSeconds, and less than one check more: %o", async (probes) => {
    const { startupProbe } = await serviceContainer({ probes });
    const period = startupProbe?.periodSeconds ?? 0;
    const patience = period * (startupProbe?.failureThreshold ?? 0);
    expect(patience).toBeGreaterThanOrEqual(probes.startupSeconds);
    expect(patience).toBeLessThan(probes.startupSeconds + period);
    expect(period).toBeGreaterThanOrEqual(probes.timeoutSeconds);
  });
});
