import { describe, expect, it } from "vitest";
import { environmentOf, faultsOf } from "../config-of.ts";
import { eks, existing, faultsOfServices, service } from "../service-base.ts";

const hosts = ["shop.example.com"];
const closed = (services: string[]) => ({ network: { egress: { internet: false, services } } });
const allow = (...allowFrom: string[]) => ({ network: { allowFrom } });

describe("peers", () => {
  it.each<[string, Record<string, object>]>([
    ["another service", { web: closed(["api"]), api: allow("web") }],
    [
      "the service itself",
      { web: { network: { allowFrom: ["web"], egress: { internet: false, services: ["web"] } } } },
    ],
    ["a service that this environment does not run", { web: closed(["api"]), api: { enabled: false } }],
    [
      "a stateful service without port, whose members call each other",
      {
        web: closed(["cache"]),
        cache: { kind: "stateful", port: undefined },
      },
    ],
  ])("may be %s", (_, services) => expect(faultsOfServices(services)).toEqual([]));

  it.each<[string, Record<string, object>, RegExp]>([
    [
      "nobody",
      { web: closed(["apy"]), api: {} },
      /egress\.services\[0\]: "apy" given; .*Did you mean api\? It has web, api/,
    ],
    ["nobody", { web: allow("webb"), api: {} }, /allowFrom\[0\]: "webb" given; .*Did you mean web\?/],
    ["one service twice", { web: allow("api", "api"), api: {} }, /allowFrom\[1\]: .*given twice/],
    [
      "of a service without port",
      { worker: { port: undefined, ...allow("api") }, api: {} },
      /worker\.network\.allowFrom: .*Set its port/,
    ],
    [
      "a service without port",
      { web: closed(["worker"]), worker: { port: undefined } },
      /egress\.services\[0\]: "worker" given; .*cannot be called/,
    ],
    [
      "listed while all of the Internet is open",
      { web: { network: { egress: { services: ["api"] } } }, api: {} },
      /web\.network\.egress\.services: .*Set internet: false/,
    ],
  ])("may not be %s", (_, services, message) => {
    expect(faultsOfServices(services)).toEqual([expect.stringMatching(message)]);
  });
});

describe("a host and path", () => {
  it("is one, with or without a slash at its end", () => {
    const path = (value: string) => ({ hosts, path: value });
    expect(faultsOfServices({ web: path("/a"), api: path("/ab") })).toEqual([]);
    expect(faultsOfServices({ web: path("/a"), api: path("/a/") })).toEqual([
      expect.stringContaining("belongs to the service web already"),
    ]);
  });
});

describe("the ingress controller", () => {
  const off = { addons: { traefik: { enabled: false } } };
  const ingress = { class: "nginx", namespace: "ingress-nginx" };
  const chartFieldsOf = (environment: object, fields: object = {}) =>
    environmentOf({ ...existing, ...environment, services: { web: { ...service, ...fields } } }).services[0]
      ?.chartFields;

  it("is one setting of the environment, for services with hosts", () => {
    expect(chartFieldsOf({ ...off, ingress }, { hosts })).toMatchObject({
      ingressClass: "nginx",
      ingressNamespace: "ingress-nginx",
    });
    expect(chartFieldsOf({ ...off, ingress })).not.toHaveProperty("ingressClass");
    expect(chartFieldsOf({}, { hosts })).not.toHaveProperty("ingressClass");
  });

  it("is the service's own, if it names one", () => {
    const own = { ingressClass: "internal", ingressNamespace: "internal" };
    expect(chartFieldsOf({ ...off, ingress }, { hosts, ...own })).toMatchObject(own);
    expect(faultsOfServices({ web: { hosts, ...own } }, off)).toEqual([]);
  });

  it("may be missing without hosts", () => {
    expect(faultsOfServices({ web: {} }, off)).toEqual([]);
    expect(faultsOfServices({ web: { hosts, enabled: false } }, off)).toEqual([]);
  });

  it("may not be missing with hosts", () => {
    expect(faultsOfServices({ web: { hosts } }, off)).toEqual([
      expect.stringMatching(/web\.hosts: .*no ingress controller serves them.*ingress: \{ class: nginx/),
    ]);
    expect(faultsOf({ ...eks, ...off, services: { web: { ...service, hosts } } })).toHaveLength(1);
  });

  it("has a class and a namespace", () => {
    expect(faultsOfServices({ web: { hosts, ingressClass: "nginx" } })).toEqual([
      expect.stringMatching(/web\.ingressNamespace: nothing given; required beside ingressClass/),
    ]);
    expect(faultsOfServices({ web: { hosts, ingressNamespace: "nginx" } })).toEqual([
      expect.stringMatching(/web\.ingressClass: nothing given; required beside ingressNamespace/),
    ]);
    expect(faultsOfServices({ web: { hosts, ingressClass: "traefik" } })).toEqual([]);
    expect(faultsOfServices({}, { ingress: { class: "nginx" } })).toEqual([
      expect.stringContaining("ingress.namespace: nothing given; required"),
    ]);
  });
});

describe("gRPC with hosts", () => {
  const grpc = { ...service, probes: { preset: "grpc" }, hosts };

  it("is refused behind the load balancer of the target eks, which passes none", () => {
    expect(faultsOf({ ...eks, services: { web: grpc } })).toEqual([
      expect.stringMatching(/services\.web\.hosts: .*no gRPC call gets through: the load balancer speaks HTTP\/1\.1/),
    ]);
  });

  it("is accepted elsewhere", () => {
    const { hosts: _, ...inside } = grpc;
    const other = { ...grpc, ingressClass: "nginx", ingressNamespace: "ingress-nginx" };
    for (const [environment, web] of [
      [existing, grpc],
      [eks, inside],
      [eks, other],
    ]) {
      expect(faultsOf({ ...environment, services: { web } })).toEqual([]);
    }
  });
});

describe("Traefik's timeouts", () => {
  const faults = (base: object, timeouts: object) =>
    faultsOf({ ...base, addons: { traefik: { timeouts } }, services: {} });

  it("are durations", () => {
    for (const timeouts of [{ read: "0s" }, { read: "10m", write: "1h30m", idle: "90s" }, { idle: "0s" }]) {
      expect(faults(eks, timeouts)).toEqual([]);
    }
    expect(faults(existing, { read: "60" })).toEqual([
      expect.stringMatching(/timeouts\.read: "60" given; must be a duration with its unit/),
    ]);
    expect(faults(existing, { read: 60 })).toEqual([expect.stringContaining("must be text. Put it in quotes")]);
    expect(faults(existing, { write: "25h" })).toEqual([expect.stringContaining("must be 24h or less")]);
  });

  it("keep idle connections for longer than the load balancer does", () => {
    expect(faults(eks, { idle: "60s" })).toEqual([
      expect.stringMatching(/timeouts\.idle: "60s" given; the load balancer keeps/),
    ]);
    expect(faults(eks, { idle: "60500ms" })).toEqual([]);
    expect(faults(existing, { idle: "5s" })).toEqual([]);
  });

  it("are passed on to the chart", () => {
    const { addons } = environmentOf({ ...existing, addons: { traefik: { timeouts: { read: "0s" } } }, services: {} });
    expect(addons.traefik.values).toMatchObject({ timeouts: { read: "0s" } });
  });
});
