import { describe, expect, it } from "vitest";
import { environmentOf, faultsOf } from "../config-of.ts";
import { eks } from "../service-base.ts";

const resources = { requests: { cpu: "50m", memory: "64Mi" }, limits: { memory: "128Mi" } };
const service = { build: { context: "app" }, port: 8080, resources };
const hosts = ["shop.example.com"];
const shared = {
  cluster: { target: "existing", context: "here" },
  namespace: "shop",
  images: { repository: "registry.example.com/shop" },
  services: { web: { ...service, hosts }, api: service },
};
const web = (fields: object, environment: object = {}) =>
  faultsOf(shared, { ...environment, services: { web: fields } });
const ingress = (fields: object, environment: object = {}) => web({ ingress: fields }, environment);
const MIDDLEWARES = "traefik.ingress.kubernetes.io/router.middlewares";
const ownTraefik = {
  addons: { traefik: { enabled: false } },
  ingress: { class: "traefik", namespace: "traefik" },
};
const nginx = { ingressClass: "nginx", ingressNamespace: "ingress-nginx" };

describe("the Ingress of a service", () => {
  it.each<[string, object]>([
    ["annotations, a certificate and sticky sessions", { annotations: { "a.io/b": "c" }, tls: true, sticky: true }],
    ["a certificate in a Secret", { tls: { secretName: "wildcard.example.com" } }],
    ["several paths", { paths: ["/", { path: "/", type: "Exact" }, { path: "/api", port: "http" }] }],
  ])("can have %s", (_, fields) => {
    expect(ingress(fields, ownTraefik)).toEqual([]);
  });

  it("has no certificate with the Traefik add-on, unless the load balancer in front of it ends TLS", () => {
    const url = { scheme: "http" };
    const tls = { services: { web: { ...service, hosts, ingress: { tls: true, sticky: true } } } };
    const noPort = expect.stringMatching(/web\.ingress\.tls: .*has no HTTPS port.*loadBalancer\.certificateArn/);
    const noCookie = expect.stringMatching(/web\.ingress\.sticky: .*by HTTPS only/);
    expect(faultsOf({ ...eks, url, ...tls })).toEqual([noPort, noCookie]);
    const loadBalancer = { certificateArn: "arn:aws:acm:eu-west-1:111122223333:certificate/1" };
    expect(faultsOf({ ...eks, url, loadBalancer, ...tls })).toEqual([]);
    expect(ingress({ tls: true })).toEqual([
      expect.stringMatching(/ingress\.tls: .*something in front of the cluster/),
    ]);
    expect(web({ ...nginx, ingress: { tls: true } })).toEqual([]);
  });

  it("cannot have the annotation of its class, which Kubernetes refuses beside the class itself", () => {
    const annotations = { "kubernetes.io/ingress.class": "nginx" };
    expect(ingress({ annotations })).toEqual([expect.stringMatching(/ingress\.class.*Use ingressClass and/)]);
  });

  it("can lead to another port", () => {
    const ports = { admin: { port: 9000 } };
    expect(web({ ports, ingress: { paths: [{ path: "/", port: "admin" }] } })).toEqual([]);
  });

  it.each<[string, object, string]>([
    [
      "a path beside paths",
      { path: "/a", ingress: { paths: ["/b"] } },
      'path: "/a" given; also given by ingress.paths. Keep one',
    ],
    ["a path that is none", { ingress: { paths: ["api"] } }, "services.web.ingress.paths[0]"],
    ["a path twice", { ingress: { paths: ["/a", "/a/"] } }, 'services.web.ingress.paths[1]: "/a/" given; given twice'],
    [
      "a port by a wrong name",
      { ports: { admin: { port: 9000 } }, ingress: { paths: [{ path: "/", port: "amin" }] } },
      'ingress.paths[0].port: "amin" given; no TCP port of the service. Did you mean admin? It has http, admin.',
    ],
    [
      "a UDP port",
      { ports: { dns: { port: 53, protocol: "UDP" } }, ingress: { paths: [{ path: "/", port: "dns" }] } },
      "no TCP port of the service. It has http.",
    ],
    [
      "another port beside gRPC",
      {
        probes: { preset: "grpc" },
        ports: { admin: { port: 9000 } },
        ingress: { paths: [{ path: "/", port: "admin" }] },
      },
      "with the preset grpc, Traefik speaks gRPC to every port of the Service",
    ],
    ["an annotation that is none", { ingress: { annotations: { "team name": "a" } } }, "this name is not allowed"],
  ])("cannot have %s", (_, fields, message) => {
    expect(web(fields)).toEqual([expect.stringContaining(message)]);
  });
});

describe("sticky sessions", () => {
  it("are Traefik's only", () => {
    expect(web({ ...nginx, ingress: { sticky: true } })).toEqual([
      expect.stringContaining("ingress.sticky: true given; only Traefik knows it, and the class is nginx"),
    ]);
    const other = { ...nginx, ingressClass: "traefik-internal", ingress: { sticky: true } };
    expect(web(other)).toEqual([
      expect.stringContaining("serviceAnnotations: { traefik.ingress.kubernetes.io/service.sticky"),
    ]);
  });

  it("need HTTPS, or a cookie that goes without it", () => {
    const url = { url: { scheme: "http" } };
    expect(ingress({ sticky: true }, url)).toEqual([
      expect.stringContaining("clients send this cookie by HTTPS only, and url.scheme is http"),
    ]);
    expect(ingress({ sticky: true, tls: true }, { ...url, ...ownTraefik })).toEqual([]);
    expect(ingress({ sticky: { secure: false } }, url)).toEqual([]);
  });

  it("are not looked at without hosts", () => {
    const own = { url: { scheme: "http" }, services: { api: { ingress: { sticky: true } } } };
    expect(faultsOf(shared, own)).toEqual([]);
  });
});

describe("middlewares", () => {
  it("are those of a Traefik of the team's own", () => {
    expect(ingress({ middlewares: ["auth@file"] }, ownTraefik)).toEqual([]);
    for (const fields of [{ middlewares: ["auth@file"] }, { annotations: { [MIDDLEWARES]: "auth@file" } }]) {
      expect(ingress(fields)).toEqual([expect.stringContaining("the Traefik add-on has no middlewares")]);
    }
  });

  it("are given once, and only to Traefik", () => {
    const twice = { middlewares: ["a@file"], annotations: { [MIDDLEWARES]: "b@file" } };
    expect(ingress(twice, ownTraefik)).toEqual([expect.stringContaining("also given by the annotation")]);
    expect(web({ ...nginx, ingress: { middlewares: ["a@file"] } })).toEqual([
      expect.stringContaining("only Traefik knows them, and the class is nginx"),
    ]);
    expect(ingress({ middlewares: ["auth"] }, ownTraefik)).toEqual([
      expect.stringContaining("must be a middleware as <name>@<provider>"),
    ]);
  });
});

describe("a host and path", () => {
  const api = (fields: object) => faultsOf(shared, { services: { api: { hosts, ...fields } } });

  it("belong to one service, whichever of its paths it is", () => {
    const own = { services: { web: { ingress: { paths: ["/", "/shop"] } }, api: { hosts, path: "/shop/" } } };
    expect(faultsOf(shared, own)).toEqual([
      expect.stringContaining('services.api.hosts[0]: "shop.example.com" given; belongs to the service web already'),
    ]);
    expect(api({ ingress: { paths: ["/api", "/"] } })).toEqual([
      expect.stringContaining('services.api.ingress.paths[1]: "/" given; belongs to the service web already'),
    ]);
  });

  it("are told apart by path and by type", () => {
    expect(api({ ingress: { paths: ["/api", { path: "/", type: "Exact" }] } })).toEqual([]);
    const own = { web: { path: "/shop" }, api: { hosts, ingress: { paths: [{ path: "/shop", type: "Exact" }] } } };
    expect(faultsOf(shared, { services: own })).toEqual([]);
  });
});

describe("a service with hosts", () => {
  const resolved = (fields: object) => environmentOf(shared, { ...ownTraefik, services: { web: fields } }).services[0];

  it("answers at its first path, and by HTTPS if it has a certificate", () => {
    expect(resolved({})).toMatchObject({ path: "/", tls: false });
    expect(resolved({ ingress: { paths: ["/shop", "/api"], tls: true } })).toMatchObject({ path: "/shop", tls: true });
    expect(resolved({ ingress: { paths: [{ path: "/api" }], tls: { secretName: "a" } } })).toMatchObject({
      path: "/api",
      tls: true,
    });
    expect(resolved({ path: "/a", ingress: { paths: [], tls: false } })).toMatchObject({ path: "/a", tls: false });
  });
});
