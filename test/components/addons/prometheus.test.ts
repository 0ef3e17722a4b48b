import { expect, it } from "vitest";
import { prometheus } from "../../../components/addons/prometheus.ts";
import type { Environment } from "../../../config/index.ts";
import { addonsOf } from "../../config/settings.ts";

const environment = (addons: Parameters<typeof addonsOf>[0] = {}, dns?: object) =>
  ({
    namespace: "shop",
    addons: addonsOf({ prometheus: { enabled: true }, argoRollouts: { enabled: true }, ...addons }),
    dns,
  }) as Environment;

it("runs on request only", () => {
  expect(prometheus.enabled(environment())).toBe(true);
  expect(prometheus.enabled(environment({ prometheus: {} }))).toBe(false);
  expect(prometheus.enabled(environment({ prometheus: { url: "http://p.svc", namespace: "p" } }))).toBe(false);
});

it("reads Traefik, and is asked by the controller that judges canaries", () => {
  const least = { targets: ["traefik-metrics.ingress.svc:9100"], targetNamespace: "ingress" };
  expect(prometheus.namespace(environment())).toBe("shop-prometheus");
  expect(prometheus.values(environment(), undefined)).toEqual({ ...least, readers: ["shop-rollouts"] });
  const image = { repository: "registry.example.com/prometheus", tag: "v3.5.0" };
  const own = { prometheus: { enabled: true, image }, argoRollouts: { enabled: false } };
  expect(prometheus.values(environment(own, { port: 1053 }), undefined)).toEqual({
    ...least,
    image,
    readers: ["argo-rollouts"],
    dnsPort: 1053,
  });
});
