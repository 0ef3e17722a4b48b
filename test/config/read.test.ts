import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mergeEnvironment } from "../../config/read.ts";
import { faultsOf as configFaults, configOf, environmentOf, sourceOf } from "./config-of.ts";

const resources = { requests: { cpu: "50m", memory: "64Mi" }, limits: { memory: "128Mi" } };
const service = { build: { context: "app" }, port: 8080, resources };

const shared = {
  cluster: { target: "existing", context: "here" },
  namespace: "shop",
  images: { repository: "registry.example.com/shop" },
  services: { web: service, api: service },
};

const faultsOf = (own: object) => configFaults(shared, own);

describe("reading an environment", () => {
  it("accepts a whole environment", () => {
    expect(faultsOf({})).toEqual([]);
  });

  const cases: [string, object, string][] = [
    [
      "an unknown key, and suggests the right one",
      { services: { web: { replica: { min: 1 } } } },
      'stack.yaml: services.web.replica: {"min":1} given; not a known key. Did you mean replicas? Known here: enabled, renamedFrom, tag, build, ',
    ],
    [
      "a wrong type",
      { services: { web: { port: "80" } } },
      'stack.yaml: services.web.port: "80" given; must be a number. Remove the quotes.',
    ],
    [
      "a value out of range",
      { services: { web: { port: 70000 } } },
      "stack.yaml: services.web.port: 70000 given; must be 65535 or less.",
    ],
    [
      "a service without resources",
      { services: { new: { build: { context: "new" } } } },
      "stack.yaml: services.new.resources: nothing given; required, a map. Add it.",
    ],
    [
      "a service without a build",
      { services: { new: { resources } } },
      "stack.yaml: services.new.build: nothing given; required, a map with context, or image",
    ],
    [
      "an unknown preset",
      { services: { web: { probes: { preset: "https" } } } },
      'services.web.probes.preset: "https" given; must be one of "http", "spring-actuator", "tcp", "grpc", "exec", "none".',
    ],
    [
      "a bad tag",
      { services: { web: { tag: "v1:2" } } },
      'services.web.tag: "v1:2" given; must be a tag of 1 to 63 letters, digits',
    ],
    [
      "a bad host",
      { services: { web: { hosts: ["Shop"] } } },
      'services.web.hosts[0]: "Shop" given; must be a lower-case host name with a domain',
    ],
    [
      "a bad share",
      { services: { web: { rollout: { maxSurge: "200%" } } } },
      'services.web.rollout.maxSurge: "200%" given; must be a share such as "25%"',
    ],
    [
      "a number where text is needed",
      { services: { web: { config: { DEBUG: 1 } } } },
      "services.web.config.DEBUG: 1 given; must be text. Put it in quotes.",
    ],
    [
      "a bad address range",
      { services: { web: { network: { egress: { cidrs: ["10.0.0.0"] } } } } },
      "must be an address range, such as 203.0.113.0/24",
    ],
    ["a bad path", { services: { web: { path: "api" } } }, 'services.web.path: "api" given; must start with "/".'],
    [
      "an empty list",
      { services: { web: { probes: { command: [] } } } },
      "probes.command: [] given; must not be empty.",
    ],
    ["a bad service name", { services: { Web_1: service } }, "services.Web_1: {"],
    ["an unknown target", { cluster: { target: "gke" } }, 'cluster.target: "gke" given; must be "existing" or "eks".'],
    [
      "max below min, where max is not the stack's own",
      { services: { web: { replicas: { min: 3, max: 2 } } } },
      "services.web.replicas.max: 2 given; below replicas.min, which is 3. Raise max or lower min.",
    ],
    [
      "a host of two services",
      { services: { web: { hosts: ["shop.example.com"] }, api: { hosts: ["shop.example.com"] } } },
      'services.api.hosts[0]: "shop.example.com" given; belongs to the service web already. Use another host or another path.',
    ],
    [
      "a host without a port",
      { services: { worker: { build: { context: "w" }, resources, hosts: ["w.example.com"] } } },
      'services.worker.hosts: ["w.example.com"] given; a service without port cannot be reached.',
    ],
    [
      "a port without a readiness probe",
      { services: { web: { probes: { preset: "none" } } } },
      'services.web.probes.preset: "none" given; a service with a port needs a readiness probe',
    ],
    [
      "a preset that needs a port",
      { services: { worker: { build: { context: "w" }, resources, probes: { preset: "tcp" } } } },
      'services.worker.probes.preset: "tcp" given; needs a port.',
    ],
    [
      "exec without a command",
      { services: { web: { probes: { preset: "exec" } } } },
      "services.web.probes.command: nothing given; required by the preset exec. Add it.",
    ],
    [
      "a rollout that can never replace a pod",
      { services: { web: { rollout: { maxSurge: 0 } } } },
      "services.web.rollout.maxSurge: 0 given; with maxUnavailable 0 as well, no pod could ever be replaced. Raise one of them.",
    ],
    [
      "a deadline that a slow start exceeds",
      { services: { web: { probes: { startupSeconds: 300 } } } },
      "services.web.rollout.progressDeadlineSeconds: nothing given; a pod may take 310 s",
    ],
    [
      "a variable that the chart sets",
      { services: { web: { config: { PORT: "1" } } } },
      'services.web.config.PORT: "1" given; set by the chart itself. Use another name.',
    ],
    [
      "a namespace of the cluster",
      { namespace: "kube-system" },
      'namespace: "kube-system" given; belongs to the cluster.',
    ],
    [
      "a volume of a service that is not stateful",
      { services: { web: { volume: { size: "1Gi", mountPath: "/data" } } } },
      "services.web.volume: ",
    ],
    [
      "a peer that is not a service",
      { services: { web: { network: { allowFrom: ["billing"] } } } },
      'services.web.network.allowFrom[0]: "billing" given; not a service of this environment. It has web, api.',
    ],
    [
      "a variable that is both secret and plain",
      { services: { web: { config: { TOKEN: "x" }, secrets: ["TOKEN"] } } },
      "services.web.secrets: ",
    ],
  ];
  it.each(cases)("refuses %s", (_, over, message) => {
    expect(faultsOf(over)).toEqual([expect.stringContaining(message)]);
  });

  it("names the file that said the value", () => {
    const services = { web: { ...service, replicas: { min: 1, max: 4 } } };
    expect(configFaults({ ...shared, services }, { services: { web: { replicas: { min: 9 } } } })).toEqual([
      expect.stringContaining("services.yaml: services.web.replicas.max: 4 given; below replicas.min, which is 9"),
    ]);
  });

  it("lists all faults in one error", () => {
    expect(faultsOf({ foo: 1, services: { web: { port: 0, hosts: ["a b"] }, api: { prot: 1 } } })).toHaveLength(4);
  });

  it("does not check a service that the environment turns off", () => {
    const hosts = ["shop.example.com"];
    expect(faultsOf({ services: { web: { hosts }, api: { hosts, enabled: false } } })).toEqual([]);
    const network = { allowFrom: ["api"] };
    expect(faultsOf({ services: { web: { network }, api: { enabled: false } } })).toEqual([]);
  });
});

describe("the merge", () => {
  const scalar = fc.oneof(fc.string(), fc.integer(), fc.boolean());
  const map = fc.dictionary(fc.stringMatching(/^[A-Z]{1,3}$/), fc.string(), { maxKeys: 4 });

  const mergedConfig = (base: Record<string, string>, over: Record<string, string>) => {
    const [web] = environmentOf(
      { ...shared, services: { web: { ...service, config: base } } },
      { services: { web: { config: over } } },
    ).services;
    return web?.config;
  };

  it("joins maps, and the stack's own values win", () => {
    fc.assert(
      fc.property(map, map, (base, over) => {
        expect(mergedConfig(base, over)).toEqual({ ...base, ...over });
      }),
    );
  });

  it("changes nothing if the stack says nothing or the same", () => {
    fc.assert(
      fc.property(map, (base) => {
        expect(mergedConfig(base, {})).toEqual(base);
        expect(mergedConfig(base, base)).toEqual(base);
      }),
    );
  });

  it("replaces lists", () => {
    const list = fc.array(fc.string(), { maxLength: 4 });
    fc.assert(
      fc.property(list, list, (base, over) => {
        const services = { web: { ...service, args: base } };
        const [web] = environmentOf({ ...shared, services }, { services: { web: { args: over } } }).services;
        expect(web?.chartFields.args).toEqual(over);
      }),
    );
  });

  it("accepts only values of the right type, whatever is given", () => {
    fc.assert(
      fc.property(scalar, (value) => {
        const valid = typeof value === "number" && value >= 1 && value <= 65535;
        expect(faultsOf({ services: { web: { port: value } } }).length > 0).toBe(!valid);
      }),
    );
  });

  it("does not change its sources", () => {
    const own = { services: { web: { config: { A: "1" } } } };
    const before = structuredClone([shared, own]);
    mergeEnvironment(sourceOf("services.yaml", shared), configOf(own));
    expect([shared, own]).toEqual(before);
  });
});
