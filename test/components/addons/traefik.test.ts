import { expect, it } from "vitest";
import { traefik as traefikAddon } from "../../../components/addons/traefik.ts";
import type { Environment } from "../../../config/index.ts";
import { addonsOf, eksClusterOf } from "../../config/settings.ts";

const ingress = { nodePort: 30080, trustedRanges: ["10.0.0.0/16"] };
type TraefikConfig = NonNullable<Parameters<typeof addonsOf>[0]>["traefik"];
const environment = (min: number, traefik?: TraefikConfig) =>
  ({ cluster: eksClusterOf({ min }), addons: addonsOf({ traefik }), services: [] as object[] }) as Environment;

it("listens on the node port of the load balancer and trusts what it says of the client", () => {
  expect(traefikAddon.values(environment(2), ingress)).toEqual({
    service: { type: "NodePort", nodePort: 30080 },
    spread: "required",
    trustedIPs: ["10.0.0.0/16"],
  });
});

it("shares nodes only if there are more pods than nodes", () => {
  expect(traefikAddon.values(environment(2, { replicas: 3 }), ingress)).toMatchObject({ spread: "preferred" });
  expect(traefikAddon.values(environment(3, { replicas: 3 }), ingress)).toMatchObject({ spread: "required" });
});

it("is set up by the environment alone where no load balancer is declared", () => {
  const service = { type: "NodePort", nodePort: 31000 } as const;
  expect(traefikAddon.values(environment(2, { service }), undefined)).toEqual({ service });
});

it("serves IngressRoutes only for canaries of services with hosts, or on request", () => {
  const withService = (hosts: string[], strategy: "canary" | "rolling", traefik?: TraefikConfig) => {
    const services = [{ hosts, chartFields: { rollout: { strategy } } }];
    return traefikAddon.values({ ...environment(2, traefik), services } as unknown as Environment, undefined);
  };
  const hosts = ["shop.example.com"];
  expect(withService(hosts, "canary")).toEqual({ kubernetesCRD: true });
  expect(withService([], "canary")).toEqual({});
  expect(withService(hosts, "rolling")).toEqual({});
  expect(withService(hosts, "rolling", { kubernetesCRD: true })).toEqual({ kubernetesCRD: true });
});

it("lets the environment's Prometheus read its metrics, or those that are named", () => {
  const values = (prometheus: object, traefik: TraefikConfig = {}) =>
    traefikAddon.values({ ...environment(2), addons: addonsOf({ prometheus, traefik }) }, undefined);
  expect(values({})).toEqual({});
  expect(values({ enabled: true })).toEqual({ metricsFrom: ["shop-prometheus"] });
  expect(values({ url: "http://p.monitoring.svc", namespace: "monitoring" })).toEqual({ metricsFrom: ["monitoring"] });
  expect(values({ enabled: true }, { metricsFrom: ["a", "b"] })).toEqual({ metricsFrom: ["a", "b"] });
});
