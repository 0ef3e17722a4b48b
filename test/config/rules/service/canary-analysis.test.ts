import { describe, expect, it } from "vitest";
import { faultsOfServices } from "../../service-base.ts";

const hosts = ["shop.example.com"];
const prometheus = { addons: { prometheus: { enabled: true } } };
const measured = { successRate: 99 };

const faultsOf = (analysis: object, rollout: object = {}, fields: object = {}, environment: object = prometheus) =>
  faultsOfServices({ web: { hosts, ...fields, rollout: { strategy: "canary", ...rollout, analysis } } }, environment);

describe("an analysis of requests", () => {
  it.each([
    { successRate: 99.9 },
    { p95Milliseconds: 300 },
    { successRate: 95, p95Milliseconds: 300, failureLimit: 1 },
  ])("%o needs Prometheus", (analysis) => {
    expect(faultsOf(analysis)).toEqual([]);
    const own = { addons: { prometheus: { url: "http://prometheus.monitoring.svc:9090", namespace: "monitoring" } } };
    expect(faultsOf(analysis, {}, {}, own)).toEqual([]);
    const faults = faultsOf(analysis, {}, {}, {});
    expect(faults).toEqual([expect.stringMatching(/rollout\.analysis\..*needs Prometheus.*addons\.prometheus/)]);
  });

  it("needs hosts: without them the ingress controller sees no request", () => {
    expect(faultsOf(measured, {}, { hosts: undefined })).toEqual([
      expect.stringMatching(/analysis\.successRate.*Set hosts, or use command/),
    ]);
  });

  it.each<[object, number, boolean]>([
    [{}, 60, true],
    [{}, 59, false],
    [{ intervalSeconds: 10 }, 20, true],
    [{ intervalSeconds: 10 }, 19, false],
    [{ onTooFew: "hold" }, 120, true],
    [{ onTooFew: "hold" }, 119, false],
    [{ onTooFew: "hold", inconclusiveLimit: 0, intervalSeconds: 20 }, 40, true],
    [{ onTooFew: "hold", inconclusiveLimit: 1, intervalSeconds: 20 }, 59, false],
  ])("%o reaches a verdict in pauses of %d s: %s", (analysis, pause, reaches) => {
    const steps = [{ weight: 10 }, { pause }];
    const faults = faultsOf({ ...measured, ...analysis }, { steps });
    expect(faults.length === 0).toBe(reaches);
    if (!reaches) expect(faults[0]).toMatch(/a verdict needs \d intervals of/);
    expect(faultsOf({ ...measured, ...analysis }, { steps: [...steps, { pause: "manual" }] })).toEqual([]);
  });

  it.each([
    { intervalSeconds: 30 },
    { minimumRequests: 5 },
    { failureLimit: 1 },
    { onTooFew: "hold" },
    { onError: "promote" },
  ])("%o says nothing of what is not measured", (fields) => {
    const [field] = Object.keys(fields);
    expect(faultsOf({ command: ["/smoke"], ...fields })).toEqual([
      expect.stringMatching(new RegExp(`analysis\\.${field}.*nothing is measured`)),
    ]);
  });

  it("has an inconclusiveLimit only if it holds the canary", () => {
    expect(faultsOf({ ...measured, inconclusiveLimit: 1 })).toEqual([expect.stringMatching(/onTooFew: hold/)]);
  });

  it.each([{ successRate: 0 }, { successRate: 101 }, { p95Milliseconds: 0 }, { ...measured, intervalSeconds: 9 }])(
    "%o is out of range",
    (analysis) => expect(faultsOf(analysis)).toHaveLength(1),
  );
});

describe("a check before the first request", () => {
  it("needs neither hosts nor Prometheus", () => {
    expect(faultsOf({ command: ["/smoke"], timeoutSeconds: 30 }, {}, { hosts: undefined }, {})).toEqual([]);
    expect(faultsOf({ path: "/smoke" }, {}, { hosts: undefined }, {})).toEqual([]);
  });

  it("by a path needs a port that speaks HTTP/1.1", () => {
    const worker = { hosts: undefined, port: undefined };
    expect(faultsOf({ path: "/smoke" }, {}, worker)).toEqual([expect.stringMatching(/analysis\.path.*port/)]);
    const grpc = { hosts: undefined, probes: { preset: "grpc" } };
    expect(faultsOf({ path: "/smoke" }, {}, grpc)).toEqual([expect.stringMatching(/analysis\.path.*gRPC/)]);
  });

  it("has a time limit only with a command", () => {
    expect(faultsOf({ path: "/smoke", timeoutSeconds: 30 })).toEqual([expect.stringMatching(/only for command/)]);
  });
});

describe("addons.prometheus", () => {
  const faults = (addons: object, environment: object = {}) =>
    faultsOfServices({ web: {} }, { addons, ...environment });
  const url = "http://prometheus.monitoring.svc:9090";

  it.each<[object, RegExp]>([
    [{ enabled: true, url, namespace: "monitoring" }, /url.*Keep one/],
    [{ namespace: "monitoring" }, /namespace.*only with url/],
    [{ url }, /url.*namespace/],
  ])("%o is refused", (prometheus, message) => {
    expect(faults({ prometheus })).toEqual([expect.stringMatching(message)]);
  });

  it("is one add-on, or a Prometheus of your own", () => {
    expect(faults({ prometheus: { enabled: true } })).toEqual([]);
    expect(faults({ prometheus: { url, namespace: "monitoring" } })).toEqual([]);
    expect(faults({ prometheus: { url }, traefik: { enabled: false } })).toEqual([]);
  });

  it("reads the Traefik add-on only", () => {
    const other = { ingress: { class: "traefik", namespace: "edge" } };
    expect(faults({ prometheus: { enabled: true }, traefik: { enabled: false } }, other)).toEqual([
      expect.stringMatching(/prometheus\.enabled.*ingress only/),
    ]);
  });
});
