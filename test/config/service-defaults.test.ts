import { describe, expect, it } from "vitest";
import { mergeEnvironment, writtenService } from "../../config/read.ts";
import { stackFileConfig } from "../../config/stack-file.ts";
import { parseYaml } from "../../config/yaml-file.ts";
import { environmentOf, faultsOf } from "./config-of.ts";
import { redis } from "./rules/service/service-faults.ts";

const build = { context: "." };
const defaults = {
  port: 8080,
  resources: { requests: { cpu: "50m", memory: "64Mi" }, limits: { memory: "128Mi" } },
  config: { LOG_LEVEL: "info" },
};
const base = {
  cluster: { target: "existing", context: "here" },
  namespace: "shop",
  images: { repository: "registry.example.com/shop" },
};
const shared = { ...base, defaults, services: { web: { build }, api: { build, port: 9090, config: { MODE: "a" } } } };
const fieldsOf = (environment: object, own: object = {}) =>
  Object.fromEntries(
    environmentOf(environment, own).services.map(({ name, chartFields, config }) => [name, { ...chartFields, config }]),
  );

describe("defaults", () => {
  it("of canaries reach services with such a canary only", () => {
    const analysis = { successRate: 99, intervalSeconds: 20, path: "/smoke" };
    const rollout = {
      maxSurge: 2,
      steps: [{ weight: 20 }, { pause: 60 }],
      header: { name: "A", value: "b" },
      analysis,
    };
    const services = {
      web: { build, hosts: ["shop.example.com"], rollout: { strategy: "canary" } },
      api: { build, rollout: { strategy: "canary" } },
      worker: { build },
    };
    const addons = { prometheus: { enabled: true } };
    const { web, api, worker } = fieldsOf({ ...base, addons, defaults: { ...defaults, rollout }, services });
    const { maxSurge, ...routed } = rollout;
    expect(web?.rollout).toEqual({ ...routed, strategy: "canary" });
    expect(api?.rollout).toEqual({ maxSurge, steps: rollout.steps, analysis: { path: "/smoke" }, strategy: "canary" });
    expect(worker?.rollout).toEqual({ maxSurge });
  });

  it("apply to each service: maps merge, and the service's own scalars and lists win", () => {
    const { web, api } = fieldsOf(shared);
    expect(web).toMatchObject({ port: 8080, config: { LOG_LEVEL: "info" }, resources: defaults.resources });
    expect(api).toMatchObject({ port: 9090, config: { LOG_LEVEL: "info", MODE: "a" } });
  });

  it("of a stack go over those of services.yaml, and under the fields of each service", () => {
    const { web, api } = fieldsOf(shared, { defaults: { port: 7070, config: { LOG_LEVEL: "debug", MODE: "b" } } });
    expect(web).toMatchObject({ port: 7070, config: { LOG_LEVEL: "debug", MODE: "b" } });
    expect(api).toMatchObject({ port: 9090, config: { LOG_LEVEL: "debug", MODE: "a" } });
  });

  it("are taken away by null, of a stack and of a service", () => {
    const own = { defaults: { config: null }, services: { web: { port: null } } };
    const { web, api } = fieldsOf(shared, own);
    expect(web).not.toHaveProperty("port");
    expect(web?.config).toEqual({});
    expect(api?.config).toEqual({ MODE: "a" });
  });

  it("leave out what a service has no use for", () => {
    const probes = { preset: "http", path: "/ready", livenessPath: "/live", startupSeconds: 90 };
    const more = {
      ...defaults,
      probes,
      path: "/x",
      volume: { size: "1Gi", mountPath: "/data" },
      rollout: { maxSurge: "50%" },
    };
    const services = {
      web: { build },
      worker: { build, port: null },
      job: { build, port: null, probes: { preset: "exec", command: ["/check"] } },
      cache: { build, kind: "stateful", probes: { preset: "tcp" } },
    };
    const { web, worker, job, cache } = fieldsOf({ ...shared, defaults: more, services });
    expect(web).toMatchObject({ probes, path: "/x", rollout: { maxSurge: "50%" } });
    expect(web).not.toHaveProperty("volume");
    expect(worker?.probes).toEqual({ startupSeconds: 90 });
    expect(worker).not.toHaveProperty("path");
    expect(job?.probes).toEqual({ preset: "exec", command: ["/check"], startupSeconds: 90 });
    expect(cache?.probes).toEqual({ preset: "tcp", startupSeconds: 90 });
    expect(cache).toMatchObject({ volume: { size: "1Gi" } });
    expect(cache?.rollout).not.toHaveProperty("maxSurge");
  });

  it("leave out what a kind has no use for", () => {
    const more = {
      ...defaults,
      port: 8080,
      replicas: { min: 3 },
      spread: { zones: "required" },
      job: { backoffLimit: 1 },
    };
    const services = {
      web: { build },
      worker: { build, kind: "worker" },
      report: { build, kind: "cron", cron: { schedule: "@daily" } },
    };
    const { web, worker, report } = fieldsOf({ ...shared, defaults: more, services });
    expect(web).toMatchObject({ port: 8080, replicas: { min: 3 } });
    expect(web).not.toHaveProperty("job");
    expect(worker).toMatchObject({ replicas: { min: 3 } });
    expect(worker).not.toHaveProperty("port");
    expect(report).toMatchObject({ job: { backoffLimit: 1 } });
    for (const field of ["port", "replicas", "spread"]) expect(report).not.toHaveProperty(field);
  });

  it("leave out what contradicts a field that the service says itself", () => {
    const more = {
      port: 8080,
      resources: defaults.resources,
      path: "/shop",
      rollout: { maxSurge: "25%", minReadySeconds: 5 },
      serviceAnnotations: { a: "b" },
      network: {
        egress: { internet: false, services: ["web"], cidrs: ["10.0.0.0/8", { cidr: "FD00:EC2::254/128" }] },
      },
    };
    const services = {
      web: { build },
      routed: { build, ingress: { paths: ["/a"] } },
      open: { build, network: { egress: { internet: true } } },
      singleton: { build, port: null, replicas: { min: 1, max: 1 }, rollout: { strategy: "recreate" } },
      exporter: { build, port: null, metrics: { port: 9464, from: "monitoring" } },
    };
    const { web, routed, open, singleton, exporter } = fieldsOf({ ...base, defaults: more, services });
    expect(web).toMatchObject({ path: "/shop", rollout: more.rollout, network: { egress: { services: ["web"] } } });
    expect(routed).toMatchObject({ ingress: { paths: ["/a"] } });
    expect(routed).not.toHaveProperty("path");
    expect(open?.network).toEqual({ egress: { internet: true, cidrs: [{ cidr: "fd00:ec2::254/128" }] } });
    expect(singleton?.rollout).toEqual({ strategy: "recreate", minReadySeconds: 5 });
    expect(singleton).not.toHaveProperty("serviceAnnotations");
    expect(exporter).toMatchObject({ serviceAnnotations: { a: "b" } });
  });

  it("of paths and of a build give way to what a service says itself", () => {
    const more = { ...defaults, ingress: { paths: ["/a"], sticky: true }, build };
    const { web, cache } = fieldsOf({
      ...base,
      defaults: more,
      services: { web: { path: "/shop" }, cache: { image: redis, path: "/" } },
    });
    expect(web).toMatchObject({ path: "/shop", ingress: { sticky: true } });
    expect(web?.ingress).not.toHaveProperty("paths");
    expect(cache).toBeDefined();
  });

  it("contradict each other all the same, and egress that nobody closed is a fault", () => {
    const closed = { ...defaults, network: { egress: { services: ["web"] } } };
    expect(faultsOf({ ...base, defaults: closed, services: { web: { build } } })).toEqual([
      expect.stringContaining("defaults.network.egress.services, for the service web"),
    ]);
  });

  it("may say a part of a sidecar, an init container or a port", () => {
    const { resources } = defaults;
    const more = {
      ...defaults,
      sidecars: { proxy: { image: redis, port: 6379 } },
      initContainers: { migrate: { resources } },
      ports: { admin: { appProtocol: "http" } },
    };
    const rest = { sidecars: { proxy: { resources } }, ports: { admin: { port: 9000 } } };
    const shared = { ...base, defaults: more, services: { web: { build, ...rest } } };
    expect(fieldsOf(shared).web?.ports).toEqual({ admin: { port: 9000, appProtocol: "http" } });
    expect(environmentOf(shared).services[0]?.podValues.sidecars).toMatchObject([
      { name: "proxy", port: 6379, resources },
    ]);
    expect(faultsOf({ ...shared, services: { web: { build } } })).toEqual([
      expect.stringContaining("sidecars.proxy.resources, for the service web: nothing given; required"),
      expect.stringContaining("ports.admin.port, for the service web: nothing given; required"),
    ]);
  });

  it("are part of what is written about a service", () => {
    expect(writtenService(environmentOf(shared), "web")).toEqual({ ...defaults, build });
  });

  it("do not say what belongs to one service", () => {
    for (const key of ["tag", "hosts", "restartedAt"]) {
      expect(faultsOf({ ...shared, defaults: { ...defaults, [key]: "v1" } })).toContainEqual(
        expect.stringMatching(new RegExp(`^services\\.yaml: defaults\\.${key}: .*not a known key`)),
      );
    }
  });
});

describe("a fault of defaults", () => {
  const linesOf = (text: string, own = "config: { slipway:environment: {} }\n") => {
    const { value, lineOf } = parseYaml("services.yaml", text);
    try {
      mergeEnvironment({ file: "services.yaml", value, lineOf }, stackFileConfig("dev", own));
      return [];
    } catch (error) {
      return (error as { faults: string[] }).faults;
    }
  };
  const text = (probes: string, port: string) =>
    [
      "{ cluster: { target: existing, context: here }, namespace: shop, images: { repository: r.io/shop },",
      "defaults: {",
      `  port: ${port},`,
      `  probes: { ${probes} },`,
      "  resources: { requests: { cpu: 50m, memory: 64Mi }, limits: { memory: 64Mi } } },",
      "services: { web: { build: { context: . } }, api: { build: { context: . }, port: 80 } } }",
    ].join("\n");

  it("is told once, with the line that said it", () => {
    expect(linesOf(text("", "8080"))).toEqual([]);
    expect(linesOf(text("", "70000"))).toEqual(["services.yaml:3: defaults.port: 70000 given; must be 65535 or less."]);
    expect(linesOf(text("pth: /a", "80"))).toEqual([
      expect.stringMatching(/^services\.yaml:4: defaults\.probes\.pth: .*Did you mean path\?/),
    ]);
  });

  it("names the service, if the fault is only there", () => {
    expect(
      linesOf(
        text("startupSeconds: 300", "80"),
        "config:\n  slipway:environment: { services: { web: { rollout: { progressDeadlineSeconds: 900 } } } }\n",
      ),
    ).toEqual([
      expect.stringMatching(/services\.api\.rollout\.progressDeadlineSeconds: nothing given; a pod may take 310 s/),
    ]);
    expect(
      linesOf(
        text("preset: exec", "80"),
        "config:\n  slipway:environment: { services: { web: { probes: { command: [a] } } } }\n",
      ),
    ).toEqual([
      expect.stringMatching(
        /^services\.yaml:4: defaults\.probes\.command, for the service api: nothing given; required by/,
      ),
    ]);
  });

  it("in the stack's file has the line there", () => {
    const own = "config:\n  slipway:environment:\n    defaults:\n      port: 0\n";
    expect(linesOf(text("", "8080"), own)).toContainEqual(
      expect.stringMatching(/^stacks\/Pulumi\.dev\.yaml:4: defaults\.port: 0 given/),
    );
  });
});
