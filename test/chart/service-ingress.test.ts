import type { V1Ingress, V1NetworkPolicy, V1Service } from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import { refusal } from "./refusal.ts";
import { kindsOf, NAME, only, renderService, type Values } from "./render.ts";

const hosts = ["a.example.com", "b.example.com"];
const ports = { admin: { port: 9000 }, dns: { port: 53, protocol: "UDP" } };
const ingressOf = async (ingress: Values, values: Values = {}) =>
  only<V1Ingress>(await renderService({ hosts, ingress, ...values }), "Ingress");
const serviceOf = async (values: Values) => only<V1Service>(await renderService(values), "Service", NAME);

const MIDDLEWARES = "traefik.ingress.kubernetes.io/router.middlewares";
const STICKY = "traefik.ingress.kubernetes.io/service.sticky.cookie";

describe("an Ingress", () => {
  it("has several paths under each host, each with its type and port", async () => {
    const paths = ["/", { path: "/admin", port: "admin" }, { path: "/robots.txt", type: "Exact" }];
    const { spec } = await ingressOf({ paths }, { ports });
    const backend = (name: string) => ({ service: { name: "web", port: { name } } });
    const rule = {
      http: {
        paths: [
          { path: "/", pathType: "Prefix", backend: backend("http") },
          { path: "/admin", pathType: "Prefix", backend: backend("admin") },
          { path: "/robots.txt", pathType: "Exact", backend: backend("http") },
        ],
      },
    };
    expect(spec?.rules).toEqual(hosts.map((host) => ({ host, ...rule })));
  });

  it("is served on the ports that its paths lead to: the network policy opens them, and no others", async () => {
    const portsFor = async (paths: unknown[]) => {
      const objects = await renderService({ hosts, ports, ingress: { paths } });
      return only<V1NetworkPolicy>(objects, "NetworkPolicy").spec?.ingress?.[0]?.ports;
    };
    const [http, admin] = ["http", "admin"].map((port) => ({ port, protocol: "TCP" }));
    expect(await portsFor(["/", "/shop"])).toEqual([http]);
    expect(await portsFor(["/", { path: "/admin", port: "admin" }])).toEqual([http, admin]);
    expect(await portsFor([{ path: "/admin", port: "admin" }])).toEqual([admin]);
  });

  it("has annotations of the team", async () => {
    const annotations = { "cert-manager.io/cluster-issuer": "letsencrypt" };
    expect((await ingressOf({ annotations })).metadata?.annotations).toEqual(annotations);
    expect((await ingressOf({})).metadata?.annotations).toBeUndefined();
  });

  it("names the Secret with the certificate of all hosts", async () => {
    expect((await ingressOf({ tls: true })).spec?.tls).toEqual([{ hosts, secretName: "web-tls" }]);
    expect((await ingressOf({ tls: { secretName: "wildcard" } })).spec?.tls).toEqual([
      { hosts, secretName: "wildcard" },
    ]);
    expect((await ingressOf({ tls: false })).spec).not.toHaveProperty("tls");
  });

  it("has middlewares in their order", async () => {
    const { metadata } = await ingressOf({ middlewares: ["b@file", "a@file"], annotations: { "a/b": "c" } });
    expect(metadata?.annotations).toEqual({ [MIDDLEWARES]: "b@file,a@file", "a/b": "c" });
  });

  it("is not made without hosts, whatever is said of it", async () => {
    const ingress = { tls: true, sticky: true, annotations: { a: "b" } };
    expect(kindsOf(await renderService({ ingress }))).not.toContain("Ingress");
    expect((await serviceOf({ ingress })).metadata?.annotations).toBeUndefined();
  });
});

describe("sticky sessions", () => {
  it("have a cookie that no script reads and no plain HTTP carries", async () => {
    expect((await serviceOf({ hosts, ingress: { sticky: true } })).metadata?.annotations).toEqual({
      [STICKY]: "true",
      [`${STICKY}.httponly`]: "true",
      [`${STICKY}.samesite`]: "lax",
      [`${STICKY}.secure`]: "true",
    });
  });

  it("may have one for plain HTTP, and what the team adds", async () => {
    const serviceAnnotations = { [`${STICKY}.name`]: "pod", [`${STICKY}.samesite`]: "strict" };
    const { metadata } = await serviceOf({ hosts, serviceAnnotations, ingress: { sticky: { secure: false } } });
    expect(metadata?.annotations).toMatchObject({ ...serviceAnnotations, [`${STICKY}.secure`]: "false" });
  });
});

it.each<[Values, RegExp]>([
  [{ path: "/shop", ingress: { paths: ["/"] } }, /path: \/shop given beside ingress\.paths/],
  [
    { ingress: { paths: [{ path: "/", port: "amin" }] } },
    /port amin of \/ is no TCP port of the service\. It has http\./,
  ],
  [{ ports, ingress: { paths: [{ path: "/", port: "dns" }] } }, /port dns of \/ is no TCP port.*It has http, admin/],
  [
    { ports, probes: { preset: "grpc" }, ingress: { paths: [{ path: "/", port: "admin" }] } },
    /With the preset grpc, Traefik speaks gRPC to every port/,
  ],
  [{ ingress: { paths: ["/a", "/a/"] } }, /ingress\.paths: \/a\/ given twice/],
  [{ ingressClass: "nginx", ingress: { sticky: true } }, /ingress\.sticky: only Traefik knows it.* nginx/],
  [{ ingressClass: "nginx", ingress: { middlewares: ["a@file"] } }, /ingress\.middlewares: only Traefik knows it/],
  [
    { ingress: { middlewares: ["a@file"], annotations: { [MIDDLEWARES]: "b@file" } } },
    /ingress\.middlewares: also given by the annotation/,
  ],
  [{ ingress: { middlewares: ["auth"] } }, /at '\/ingress\/middlewares\/0'/],
  [{ ingress: { annotations: { "team name": "a" } } }, /invalid propertyName 'team name'/],
  [{ ingress: { tls: { secretName: "My_Secret" } } }, /at '\/ingress\/tls/],
])("%o is refused, with what to do", async (values, message) => {
  expect(await refusal({ hosts, ...values })).toMatch(message);
});
