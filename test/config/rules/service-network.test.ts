import { describe, expect, it } from "vitest";
import { faultsOf } from "../config-of.ts";

const resources = { requests: { cpu: "50m", memory: "64Mi" }, limits: { memory: "128Mi" } };
const service = { build: { context: "app" }, port: 8080, resources };
const shared = {
  cluster: { target: "existing", context: "here" },
  namespace: "shop",
  images: { repository: "registry.example.com/shop" },
  services: { web: service, api: service },
};
const web = (fields: object) => faultsOf(shared, { services: { web: fields } });
const network = (fields: object) => faultsOf(shared, { services: { web: { network: fields } } });

describe("what a service may call", () => {
  it.each<[string, object]>([
    ["a range", { internet: false, cidrs: ["10.30.0.0/16", "2001:db8::/32"] }],
    ["ports of a range", { internet: false, cidrs: [{ cidr: "10.30.0.0/16", ports: [5432] }] }],
    ["another namespace", { namespaces: ["tracing", { namespace: "payments", service: "api", ports: [8080] }] }],
    ["the metadata service beside the Internet", { cidrs: ["169.254.169.254/32"] }],
  ])("can be %s", (_, egress) => {
    expect(network({ egress })).toEqual([]);
  });

  it.each<[string, object, string]>([
    [
      "a range that is open already",
      { cidrs: ["10.30.0.0/16"] },
      'network.egress.cidrs[0]: "10.30.0.0/16" given; open already: egress.internet is true',
    ],
    [
      "a single address without its length",
      { internet: false, cidrs: ["10.30.0.7"] },
      "must be an address range, such as 203.0.113.0/24 or 2001:db8::/32, or a map of cidr, ports and protocol",
    ],
    [
      "a port that is none",
      { internet: false, cidrs: [{ cidr: "10.30.0.0/16", ports: [0] }] },
      "network.egress.cidrs[0]",
    ],
    ["a namespace that cannot exist", { namespaces: ["My_Space"] }, "lower-case letters, digits"],
  ])("cannot be %s", (_, egress, message) => {
    expect(network({ egress })).toEqual([expect.stringContaining(message)]);
  });
});

describe("who may connect", () => {
  it("can be a service, another namespace or an address range", () => {
    const allowFrom = ["api", { namespace: "batch" }, { namespace: "batch", service: "jobs" }, { cidr: "10.0.0.0/20" }];
    expect(network({ allowFrom })).toEqual([]);
  });

  it.each([[{ service: "jobs" }], [{ namespace: "batch", cidr: "10.0.0.0/20" }], [{ cidr: "10.0.0.1" }]])(
    "cannot be %o",
    (caller) => {
      expect(network({ allowFrom: [caller] })).toEqual([
        expect.stringContaining(
          "must be a service of this environment, a map of namespace and service, or a map of cidr",
        ),
      ]);
    },
  );
});

describe("ports", () => {
  it.each<[string, object]>([
    ["one number for two protocols", { ports: { dns: { port: 53 }, "dns-udp": { port: 53, protocol: "UDP" } } }],
    ["another number in the Service", { ports: { admin: { port: 9000, servicePort: 8080 } } }],
    ["the main port on a number of its own", { servicePort: 6379 }],
    [
      "80 for another port if the main port has its own",
      { servicePort: 90, ports: { old: { port: 81, servicePort: 80 } } },
    ],
    ["annotations of the Service", { serviceAnnotations: { "example.com/team": "backend" } }],
  ])("can have %s", (_, fields) => {
    expect(web(fields)).toEqual([]);
  });

  it.each<[string, object, string]>([
    [
      "the number of the main port",
      { ports: { admin: { port: 8080, servicePort: 9000 } } },
      'services.web.ports.admin: {"port":8080,"servicePort":9000} given; port 8080/TCP the container listens on is taken by port already',
    ],
    [
      "one number twice",
      { ports: { a: { port: 9000 }, b: { port: 9000, servicePort: 9001 } } },
      "port 9000/TCP the container listens on is taken by ports.a already",
    ],
    [
      "a number of the Service that the main port has",
      { ports: { admin: { port: 9000, servicePort: 80 } } },
      "port 80/TCP of the Service is taken by the main port already",
    ],
    [
      "the main port's own number in the Service of what is called by TCP",
      { probes: { preset: "tcp" }, ports: { admin: { port: 9000, servicePort: 8080 } } },
      "port 8080/TCP of the Service is taken by the main port already",
    ],
    [
      "port 80 beside a main port that is called on two",
      { probes: { preset: "tcp" }, ports: { admin: { port: 80 } } },
      "port 80/TCP of the Service is taken by the main port already",
    ],
    [
      "a name of the chart's own",
      { ports: { http: { port: 9000 } } },
      "the name of the main port, field port. Use another name",
    ],
    ["a name that is too long", { ports: { "a-name-of-sixteen": { port: 9000 } } }, "this name is not allowed"],
    ["a name without a letter", { ports: { "9000": { port: 9000 } } }, "It must be 1 to 15 lower-case letters"],
    ["a protocol that is none", { ports: { a: { port: 9000, protocol: "SCTP" } } }, 'must be one of "TCP", "UDP"'],
  ])("cannot have %s", (_, fields, message) => {
    expect(web(fields)).toEqual([expect.stringContaining(message)]);
  });

  it("are needed for what belongs to a Service", () => {
    const job = { build: { context: "app" }, resources };
    expect(faultsOf(shared, { services: { job: { ...job, servicePort: 80 } } })).toEqual([
      expect.stringContaining(
        "services.job.servicePort: 80 given; a service without port has no main port. Set port, or remove servicePort",
      ),
    ]);
    expect(faultsOf(shared, { services: { job: { ...job, serviceAnnotations: { a: "b" } } } })).toEqual([
      expect.stringContaining("a service without port has no Service"),
    ]);
  });
});

describe("what is checked", () => {
  const job = { build: { context: "app" }, resources };

  it.each<[string, object]>([
    ["a management port, with headers", { preset: "spring-actuator", port: 8081, headers: { Host: "a.example.com" } }],
    ["HTTPS", { scheme: "HTTPS" }],
    ["one service of gRPC", { preset: "grpc", service: "shop.Orders" }],
    ["the main port by its name", { port: "http" }],
  ])("can be %s", (_, probes) => {
    expect(web({ probes })).toEqual([]);
  });

  it("can be a port of a worker, and one of several ports", () => {
    expect(faultsOf(shared, { services: { job: { ...job, probes: { port: 8081 } } } })).toEqual([]);
    const ports = { dns: { port: 53 } };
    expect(faultsOf(shared, { services: { job: { ...job, ports, probes: { preset: "tcp", port: "dns" } } } })).toEqual(
      [],
    );
  });

  it.each<[string, object, string]>([
    [
      "a port of a command",
      { preset: "exec", command: ["/a"], port: 9000 },
      "probes.port: 9000 given; only for the presets http",
    ],
    [
      "HTTPS of a TCP connect",
      { preset: "tcp", scheme: "HTTPS" },
      "only for the presets http, spring-actuator, or remove it; the preset is tcp",
    ],
    ["headers of gRPC", { preset: "grpc", headers: { Host: "a" } }, "only for the presets http, spring-actuator"],
    ["a service of HTTP", { service: "shop.Orders" }, "only for the preset grpc"],
    ["a port by a wrong name", { port: "htp" }, "no TCP port of the service. Did you mean http? It has http."],
    ["a port out of range", { port: 70_000 }, "must be 65535 or less"],
    [
      "a header with a bad name",
      { headers: { "X Probe": "1" } },
      "It must be the name of an HTTP header, such as Host",
    ],
    ["a header twice", { headers: { Host: "a", host: "b" } }, 'probes.headers.host: "b" given; given twice'],
  ])("cannot be %s", (_, probes, message) => {
    expect(web({ probes })).toEqual([expect.stringContaining(message)]);
  });

  it("cannot be a UDP port", () => {
    const ports = { dns: { port: 53, protocol: "UDP" } };
    expect(web({ ports, probes: { port: "dns" } })).toEqual([
      expect.stringContaining('probes.port: "dns" given; no TCP port of the service. It has http. Use one of them'),
    ]);
  });

  it("is something, for every service that is called", () => {
    const ports = { dns: { port: 53, protocol: "UDP" } };
    expect(faultsOf(shared, { services: { job: { ...job, ports } } })).toEqual([
      expect.stringContaining(
        "services.job.probes.preset: nothing given; a service with a port needs a readiness probe",
      ),
    ]);
  });
});

describe("metrics", () => {
  it.each<[string, object]>([
    ["a port of their own", { metrics: { port: 9464, from: "monitoring" } }],
    ["the main port", { metrics: { port: 8080, from: "monitoring", serviceMonitor: { labels: { release: "prom" } } } }],
    ["one of the ports", { metrics: { port: 9000, from: "monitoring" }, ports: { admin: { port: 9000 } } }],
    [
      "annotations that the team writes itself",
      { metrics: { port: 9464, from: "monitoring" }, podAnnotations: { "prometheus.io/port": "9464" } },
    ],
    ["a port that is checked", { metrics: { port: 9464, from: "monitoring" }, probes: { port: "metrics" } }],
  ])("can have %s", (_, fields) => {
    expect(web(fields)).toEqual([]);
  });

  it.each<[string, object, string]>([
    ["no namespace", { metrics: { port: 9464 } }, "metrics.from: nothing given; required, text. Add it"],
    [
      "a number that the Service has already",
      { metrics: { port: 80, from: "monitoring" } },
      "metrics.port: 80 given; port 80/TCP of the Service is taken by the main port already",
    ],
    [
      "annotations twice",
      { metrics: { port: 1, from: "a", annotations: true }, podAnnotations: { "prometheus.io/port": "2" } },
      'podAnnotations.prometheus.io/port: "2" given; set by metrics.annotations. Remove one of them',
    ],
  ])("cannot have %s", (_, fields, message) => {
    expect(web(fields)).toEqual([expect.stringContaining(message)]);
  });

  it("make a worker no service that is called", () => {
    const job = { build: { context: "app" }, resources, metrics: { port: 9464, from: "monitoring" } };
    expect(faultsOf(shared, { services: { job } })).toEqual([]);
  });
});

it("objects that the stack does not create may have names longer than those of services", () => {
  const long = "kube-prometheus-stack-prometheus-operator.monitoring";
  const namespaces = [{ namespace: "monitoring", service: long }];
  const network = { allowFrom: namespaces, egress: { internet: false, namespaces } };
  const scaling = { triggers: [{ type: "kafka", metadata: { topic: "a" }, authentication: long }] };
  expect(faultsOf(shared, { services: { web: { network, scaling } } })).toEqual([]);
});
