import { describe, expect, it } from "vitest";
import { faultsOfServices } from "../../service-base.ts";

const hosts = ["shop.example.com"];
const prometheus = { addons: { prometheus: { enabled: true } } };
const canary = (rollout: object = {}, fields: object = {}) => ({
  hosts,
  ...fields,
  rollout: { strategy: "canary", ...rollout },
});
const faultsOf = (fields: object, environment: object = prometheus) => faultsOfServices({ web: fields }, environment);

function refused(fields: object, environment: object, ...parts: string[]): void {
  const faults = faultsOf(fields, environment);
  expect(faults).toHaveLength(1);
  for (const part of parts) expect(faults[0]).toContain(part);
}
const accepted = (fields: object, environment: object = prometheus) =>
  expect(faultsOf(fields, environment)).toEqual([]);

describe("strategy: canary", () => {
  it("needs nothing else", () => {
    accepted(canary(), {});
    accepted(canary({}, { hosts: undefined, port: undefined }), {});
  });

  it.each<[object, string]>([
    [{ steps: [{ weight: 10 }] }, "steps"],
    [{ header: { name: "A", value: "b" } }, "header"],
    [{ analysis: { successRate: 99 } }, "analysis"],
  ])("alone has %o", (rollout, field) => {
    refused({ hosts, rollout }, prometheus, `services.web.rollout.${field}`, "only for strategy: canary");
  });

  it("is not for a stateful service", () => {
    refused(canary({}, { kind: "stateful" }), {}, "rollout.strategy", "stateful");
  });

  it("needs Traefik for a service with hosts, and not for one without", () => {
    const nginx = { ingress: { class: "nginx", namespace: "ingress-nginx" } };
    refused(canary(), nginx, "services.web.rollout.strategy", "Traefik", "nginx");
    accepted(canary({}, { hosts: undefined }), nginx);
    accepted(canary({}, { ingressClass: "traefik", ingressNamespace: "edge" }), nginx);
    refused(canary(), { addons: { traefik: { kubernetesCRD: false } } }, "rollout.strategy", "kubernetesCRD");
  });

  it("has names of Services that no other service may have", () => {
    for (const name of ["web-stable", "web-canary", "web-smoke"]) {
      expect(faultsOfServices({ web: canary(), [name]: {} })).toEqual([expect.stringContaining(`services.${name}`)]);
      expect(faultsOfServices({ web: { hosts }, [name]: {} })).toEqual([]);
    }
  });

  it.each(["maxSurge", "maxUnavailable"])("of a service with hosts has no %s", (field) => {
    refused(canary({ [field]: 1 }), {}, `rollout.${field}`, "beside all old ones");
    accepted(canary({ [field]: 1 }, { hosts: undefined }), {});
  });
});

describe("steps", () => {
  it.each<[object[], string]>([
    [[{ weight: 10 }, { pause: 5 }, { weight: 10 }], "steps[2].weight"],
    [[{ weight: 50 }, { weight: 20 }], "steps[1].weight"],
    [[{ pause: 5 }, { weight: 10 }], "steps[0]"],
    [[{ weight: 10 }, { pause: 10_000 }, { weight: 20 }, { pause: 801 }], "rollout.steps"],
    [[{ weight: 101 }], "steps[0]"],
    [[{ weight: 0 }], "steps[0]"],
    [[{ pause: "soon" }], "steps[0]"],
    [[{ weight: 5, pause: 5 }], "steps[0]"],
    [[], "steps"],
  ])("%o are refused", (steps, where) => {
    const faults = faultsOf(canary({ steps }));
    expect(faults.length).toBeGreaterThan(0);
    expect(faults[0]?.replace(/\.(\d+)/g, "[$1]")).toContain(where);
  });

  it.each([
    [[{ weight: 1 }]],
    [[{ weight: 10 }, { pause: "manual" }, { weight: 100 }]],
    [[{ weight: 10 }, { weight: 20 }, { pause: 9_000 }, { pause: 1_000 }]],
  ])("%o are accepted", (steps) => accepted(canary({ steps })));
});

describe("what an IngressRoute does not have", () => {
  it.each([
    [
      { ingress: { annotations: { "traefik.ingress.kubernetes.io/router.priority": "1" } } },
      "Traefik does not read it",
    ],
    [{ serviceAnnotations: { "traefik.ingress.kubernetes.io/service.nativelb": "true" } }, "Traefik does not read it"],
  ])("%o is refused", (fields, message) => {
    refused(canary({}, fields), {}, message);
    accepted({ hosts, ...fields }, {});
  });

  it("other annotations are kept", () => {
    accepted(canary({}, { ingress: { annotations: { "cert-manager.io/cluster-issuer": "a" } } }), {});
  });

  it("a path to the main port is required", () => {
    const ports = { admin: { port: 9000 } };
    const paths = [{ path: "/", port: "admin" }];
    refused(canary({}, { ports, ingress: { paths } }), {}, "ingress.paths", "main port");
    accepted(canary({}, { ports, ingress: { paths: [...paths, "/shop"] } }), {});
  });

  it("middlewares of another namespace are refused", () => {
    const own = { addons: { traefik: { enabled: false } }, ingress: { class: "traefik", namespace: "edge" } };
    const middlewares = (name: string) => ({ ingress: { middlewares: [name] } });
    refused(canary({}, middlewares("other-auth@kubernetescrd")), own, "ingress.middlewares", "shop-<name>");
    accepted(canary({}, middlewares("shop-auth@kubernetescrd")), own);
    accepted(canary({}, middlewares("auth@file")), own);
  });
});

describe("header", () => {
  it("needs hosts", () => {
    const header = { name: "X-Canary", value: "always" };
    refused(canary({ header }, { hosts: undefined }), {}, "rollout.header", "hosts");
    accepted(canary({ header }), {});
  });

  it.each([
    { name: "X Canary", value: "a" },
    { name: "A", value: "`) || PathPrefix(`/" },
  ])("%o would change the rule, and is refused", (header) => {
    expect(faultsOf(canary({ header }))).toHaveLength(1);
  });
});
