import type { V1Deployment, V1Ingress, V1StatefulSet } from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import { planRenames } from "../../components/rename-plan.ts";
import type { Service } from "../../config/index.ts";
import { environmentOf } from "../config/config-of.ts";
import { existing, service } from "../config/service-base.ts";

const PRIORITY = "traefik.ingress.kubernetes.io/router.priority";
const hosts = ["shop.example.com"];
const natural = "Host(`shop.example.com`) && PathPrefix(`/`)".length;

const metadata = (name: string, annotations: Record<string, string> = {}) => ({
  name,
  annotations: { "meta.helm.sh/release-name": name, ...annotations },
});
const deployment = (name: string, replicas = 5): V1Deployment =>
  ({ metadata: metadata(name), spec: { replicas } }) as unknown as V1Deployment;
const ingress = (name: string, annotations = {}, paths: string[] = ["/"]): V1Ingress => ({
  metadata: metadata(name, annotations),
  spec: {
    rules: hosts.map((host) => ({
      host,
      http: { paths: paths.map((path) => ({ path, pathType: "Prefix", backend: {} })) },
    })),
  },
});
const nothing = { deployments: [], statefulSets: [], rollouts: [], ingresses: [] };
const running = { ...nothing, deployments: [deployment("catalog")], ingresses: [ingress("catalog")] };

function plan(services: Record<string, object>, live: Parameters<typeof planRenames>[1], environment: object = {}) {
  const whole = Object.entries(services).map(([name, fields]) => [name, { ...service, ...fields }]);
  const settings = environmentOf({ ...existing, ...environment, services: Object.fromEntries(whole) });
  const before = settings.services as Service[];
  const { services: planned, faults, notices } = planRenames({ ...settings, services: before }, live);
  return { before, faults, notices, of: (name: string) => planned.find((it) => it.name === name) as Service };
}
const storefront = { renamedFrom: "catalog", hosts, replicas: { min: 2, max: 10 } };

describe("a renamed service whose old name still runs", () => {
  it("is ranked behind the old one, and keeps its other annotations", () => {
    const annotations = { "example.com/team": "shop" };
    const { of, faults } = plan({ storefront: { ...storefront, ingress: { annotations } } }, running);
    expect(faults).toEqual([]);
    expect(of("storefront").chartFields.ingress).toEqual({
      annotations: { ...annotations, [PRIORITY]: String(natural - 1) },
    });
  });

  it("is ranked behind one that was renamed just before", () => {
    const live = { ...running, ingresses: [ingress("catalog", { [PRIORITY]: "30" })] };
    expect(plan({ storefront }, live).of("storefront").chartFields.ingress?.annotations).toEqual({ [PRIORITY]: "29" });
  });

  it("starts with as many pods as that has, within its own limits", () => {
    const replicas = (live: number, own: object) => {
      const planned = plan(
        { storefront: { ...storefront, replicas: own } },
        { ...running, deployments: [deployment("catalog", live)] },
      ).of("storefront");
      expect(planned.chartFields.replicas).toMatchObject({ min: planned.replicas.min });
      return planned.replicas;
    };
    expect(replicas(5, { min: 2, max: 10 })).toEqual({ min: 5, max: 10 });
    expect(replicas(1, { min: 2, max: 10 })).toEqual({ min: 2, max: 10 });
    expect(replicas(20, { min: 2, max: 10 })).toEqual({ min: 10, max: 10 });
    expect(replicas(20, { min: 3 })).toEqual({ min: 3, max: 3 });
    expect(replicas(5, { min: 0, max: 0 })).toEqual({ min: 0, max: 0 });
  });

  it("is announced", () => {
    expect(plan({ storefront }, running).notices).toEqual([
      expect.stringMatching(/^storefront replaces catalog: it starts with 5 pods/),
    ]);
  });

  it("may call, and be called, by both names", () => {
    const { of } = plan(
      {
        storefront: { ...storefront, network: { allowFrom: ["web"] } },
        web: { network: { egress: { internet: false, services: ["orders", "storefront"] } } },
        orders: { network: { allowFrom: ["storefront", { namespace: "storefront" }, "web"] } },
        prices: {},
      },
      running,
    );
    expect(of("web").chartFields.network?.egress).toEqual({
      internet: false,
      services: ["orders", "storefront", "catalog"],
    });
    expect(of("orders").chartFields.network).toEqual({
      allowFrom: ["storefront", "catalog", { namespace: "storefront" }, "web"],
    });
    expect(of("storefront").chartFields.network).toEqual({ allowFrom: ["web"] });
    expect(of("prices").chartFields).not.toHaveProperty("network");
  });

  it("counts as running while any part of it is left, and not if another release has the name", () => {
    const rest = { ...nothing, ingresses: [ingress("catalog")] };
    expect(plan({ storefront }, rest).of("storefront").renamedFrom).toBe("catalog");
    const rollout = (strategy: object) => ({ ...deployment("catalog"), spec: { replicas: 4, template: {}, strategy } });
    const blueGreen = { ...nothing, rollouts: [rollout({ blueGreen: {} })] } as unknown as typeof nothing;
    expect(plan({ storefront }, blueGreen).of("storefront").replicas.min).toBe(
      Math.min(4, plan({ storefront }, blueGreen).of("storefront").replicas.max),
    );
    const canary = { ...nothing, rollouts: [rollout({ canary: {} })] } as unknown as typeof nothing;
    expect(plan({ storefront }, canary).faults).toEqual([
      expect.objectContaining({ message: expect.stringContaining("canary") }),
    ]);
    const alien = ingress("catalog");
    alien.metadata = { name: "catalog" };
    expect(plan({ storefront }, { ...nothing, ingresses: [alien] }).of("storefront").renamedFrom).toBeUndefined();
  });
});

it("nothing changes once nothing runs under the old name", () => {
  const { before, of, faults, notices } = plan(
    { storefront: { ...storefront, network: { allowFrom: ["web"] } }, web: {} },
    { ...nothing, deployments: [deployment("storefront")], ingresses: [ingress("storefront")] },
  );
  expect([faults, notices]).toEqual([[], []]);
  for (const service of before) expect(of(service.name)).toEqual({ ...service, renamedFrom: undefined });
});

describe("a rename in one deploy is refused", () => {
  const reason = (
    fields: object,
    live: Parameters<typeof planRenames>[1] = running,
    others: Record<string, object> = {},
  ) => plan({ storefront: { ...storefront, ...fields }, ...others }, live).faults;
  const fault = (message: RegExp) => [
    { path: ["services", "storefront", "renamedFrom"], message: expect.stringMatching(message) },
  ];

  it("if the old one has volumes", () => {
    const set = { metadata: metadata("catalog") } as V1StatefulSet;
    expect(reason({}, { ...nothing, statefulSets: [set] })).toEqual(fault(/StatefulSet.*two deploys/));
  });

  it("if its priority is the team's own", () => {
    const ingress = { annotations: { [PRIORITY]: "99" } };
    expect(reason({ ingress })).toEqual(fault(/annotation traefik.*router\.priority.*two deploys/));
    // It has nothing to wait for.
    expect(reason({ ingress, hosts: ["new.example.com"] })).toEqual([]);
  });

  it("if a third service's route would get its requests", () => {
    const paths = { path: "/a" };
    const own = { addons: { traefik: { enabled: false } }, ingress: { class: "traefik", namespace: "traefik" } };
    const services = { storefront: { ...storefront, ...paths }, web: { hosts } };
    const live = { ...running, ingresses: [ingress("catalog", {}, ["/a"])] };
    expect(plan(services, live, own).faults).toEqual(fault(/above that of shop\.example\.com\/ of the service web/));
    // The add-on compares element by element, which makes longer rules.
    expect(plan(services, live).faults).toEqual([]);
  });

  it("if its paths lead to different ports", () => {
    const ports = { admin: { port: 9000 } };
    const ingress = { paths: ["/", { path: "/admin", port: "admin" }] };
    expect(reason({ ports, ingress })).toEqual(fault(/different ports/));
  });
});
