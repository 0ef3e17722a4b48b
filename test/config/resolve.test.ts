import { describe, expect, it } from "vitest";
import { isEks } from "../../config/index.ts";
import { environmentOf } from "./config-of.ts";

const service = {
  build: { context: "app" },
  resources: { requests: { cpu: "50m", memory: "64Mi" }, limits: { memory: "128Mi" } },
};
const existing = {
  namespace: "shop",
  cluster: { target: "existing", context: "here" },
  images: { repository: "127.0.0.1:5000/shop" },
  services: { web: service },
};
const eks = {
  namespace: "shop",
  aws: { accountId: "123456789012", region: "ap-northeast-2" },
  registry: { repository: "shop", owner: "prod" },
  delivery: { github: { repository: "example/shop" } },
  cluster: {
    target: "eks",
    version: "1.36",
    admins: ["arn:aws:iam::123456789012:role/admin"],
    nodeGroup: { instanceTypes: ["t3.medium"], min: 2, max: 4 },
  },
  services: { web: service },
};

describe("defaults of every environment", () => {
  it("are resolved", () => {
    const { sources: _, services: __, ...rest } = environmentOf(existing);
    expect(rest).toEqual({
      name: "test",
      release: "v1.0.0",
      namespace: "shop",
      createNamespace: true,
      protect: "data",
      policies: { enforcement: "mandatory", disabled: [], exceptions: [], allowDelete: [] },
      rebalance: "never",
      records: "commit",
      url: { scheme: "https" },
      images: { repository: "127.0.0.1:5000/shop", build: "if-missing", platform: "linux/amd64" },
      addons: {
        traefik: { enabled: true, replicas: 2, values: {} },
        metricsServer: { enabled: true, values: {} },
        descheduler: { enabled: false, values: {} },
        argoRollouts: { enabled: false, values: {} },
        prometheus: { enabled: false, values: {}, url: undefined, namespace: undefined },
        argoCd: { enabled: false, values: {} },
      },
      knownServices: ["web"],
      cluster: { target: "existing", context: "here" },
    });
  });
});

describe("defaults of the target eks", () => {
  const environment = environmentOf(eks, {}, "prod");

  it("are resolved", () => {
    if (!isEks(environment)) throw new Error("not on EKS");
    expect(environment.addons.descheduler.enabled).toBe(true);
    expect(environment.aws.tags).toEqual({});
    expect(environment.registry).toMatchObject({ accountId: "123456789012", readers: [], keepReleases: 30 });
    expect(environment.loadBalancer).toEqual({ allowCidrs: ["0.0.0.0/0"], deregistrationSeconds: 30 });
    expect(environment.alerts).toEqual({
      email: [],
      targetErrors: { enabled: true, perMinute: 20, minutes: 3 },
      loadBalancerErrors: { enabled: true, perMinute: 5, minutes: 2 },
      unhealthyNodes: { enabled: true, nodes: 1, minutes: 10 },
      noHealthyNode: { enabled: true, minutes: 2 },
      podsWaiting: { enabled: true, pods: 1, minutes: 15 },
      nodesNotReady: { enabled: true, nodes: 1, minutes: 5 },
      podRestarts: { enabled: true, restarts: 3, minutes: 15 },
    });
    expect(environment.artifacts).toEqual({ retainDays: 365 });
    expect(environment.delivery).toEqual({
      github: { repository: "example/shop", environment: "prod", provider: "create", previews: "none" },
    });
    expect(environment.cluster).toEqual({
      ...eks.cluster,
      name: "shop-prod",
      api: { publicCidrs: [] },
      logRetentionDays: 365,
      logTypes: ["api", "audit", "authenticator", "controllerManager", "scheduler"],
      addonVersions: {},
      network: { cidr: "10.0.0.0/16", zones: 3, nat: "single" },
      nodeGroup: {
        instanceTypes: ["t3.medium"],
        min: 2,
        max: 4,
        capacity: "on-demand",
        maxPods: 50,
        diskGiB: 50,
        headroom: "node",
        autoscaler: "cpu-asg",
        cpu: { scaleOut: 50, scaleIn: 30, warmupSeconds: 180 },
      },
    });
  });

  it("of a new network do not appear beside the ids of an existing one", () => {
    const network = { vpcId: "vpc-0abc", privateSubnetIds: ["a", "b"], publicSubnetIds: ["c", "d"] };
    const found = environmentOf(eks, { cluster: { network } });
    expect(isEks(found) && found.cluster.network).toEqual(network);
  });
});

describe("a service", () => {
  const [web] = environmentOf(existing).services;

  it("has the chart's defaults where the program needs them", () => {
    expect(web).toMatchObject({
      name: "web",
      release: "v1.0.0",
      build: { context: "app", dockerfile: "Dockerfile", args: {} },
      config: {},
      secretNames: [],
      kind: "deployment",
      hosts: [],
      path: "/",
      replicas: { min: 2, max: 2 },
      probes: { startupSeconds: 60 },
      rollout: { minReadySeconds: 10, progressDeadlineSeconds: 300, timeoutSeconds: 370 },
      shutdown: { preStopSeconds: 15, drainSeconds: 15 },
    });
  });

  it("of a kind that runs to an end has no pods, and a deploy waits as long as a job may run", () => {
    const of = (fields: object) =>
      environmentOf(existing, { services: { web: { port: null, ...fields } } }).services[0];
    expect(of({ kind: "worker" })).toMatchObject({ kind: "deployment", replicas: { min: 2 } });
    expect(of({ kind: "cron", cron: { schedule: "@daily" } })).toMatchObject({
      kind: "cron",
      replicas: { min: 0, max: 0 },
      rollout: { timeoutSeconds: 40 },
    });
    expect(of({ kind: "job" })).toMatchObject({ kind: "job", replicas: { max: 0 }, rollout: { timeoutSeconds: 655 } });
    expect(of({ kind: "job", job: { activeDeadlineSeconds: 60 } })).toMatchObject({ rollout: { timeoutSeconds: 115 } });
  });

  it("passes on to its chart only what is written", () => {
    expect(web?.chartFields).toEqual({ resources: service.resources });
    const written = {
      port: 8080,
      replicas: { max: 5 },
      probes: { path: "/ready" },
      rollout: { maxSurge: 2, timeoutSeconds: 99 },
      config: { A: "1" },
      tag: "v2.0.0",
      enabled: true,
    };
    const [other] = environmentOf(existing, { services: { web: written } }).services;
    expect(other?.chartFields).toEqual({
      resources: service.resources,
      port: 8080,
      replicas: { max: 5 },
      probes: { path: "/ready" },
      rollout: { maxSurge: 2 },
    });
    expect(other).toMatchObject({ release: "v2.0.0", replicas: { min: 2, max: 5 }, rollout: { timeoutSeconds: 99 } });
  });
});

it("add-ons pass on to their charts only what is written", () => {
  const addons = { traefik: { replicas: 3, accessLog: true }, descheduler: { enabled: true, intervalMinutes: 9 } };
  const { traefik, descheduler } = environmentOf(existing, { addons }).addons;
  expect(traefik).toEqual({ enabled: true, replicas: 3, values: { replicas: 3, accessLog: true } });
  expect(descheduler).toEqual({ enabled: true, values: { intervalMinutes: 9 } });
});
