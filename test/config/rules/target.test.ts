import { describe, expect, it } from "vitest";
import { faultsOf as configFaults } from "../config-of.ts";

const admin = "arn:aws:iam::123456789012:role/admin";
const eks = {
  namespace: "shop",
  aws: { accountId: "123456789012", region: "ap-northeast-2" },
  registry: { repository: "shop", owner: "prod" },
  cluster: {
    target: "eks",
    version: "1.36",
    admins: [admin],
    nodeGroup: { instanceTypes: ["t3.medium"], min: 2, max: 4 },
  },
  services: {},
};
const service = {
  build: { context: "." },
  resources: { requests: { cpu: "50m", memory: "64Mi" }, limits: { memory: "64Mi" } },
};
const existing = {
  namespace: "shop",
  cluster: { target: "existing", context: "here" },
  images: { repository: "127.0.0.1:5000/shop" },
  services: {},
};

function faultsOf(base: object, over: object = {}, stack = "test"): string[] {
  return configFaults(base, over, stack).map((fault) => fault.replace(/^\S+: /, ""));
}

const nodes = (over: object) => ({ cluster: { nodeGroup: over } });
const network = (over: object) => ({ cluster: { network: over } });

it("accepts each target with what it needs", () => {
  expect(faultsOf(eks)).toEqual([]);
  expect(faultsOf(existing)).toEqual([]);
  expect(faultsOf(existing, { namespace: "default", createNamespace: false })).toEqual([]);
  expect(faultsOf(eks, { alerts: { nodesNotReady: {} }, cluster: { containerInsights: {} } })).toEqual([]);
  // The registry stands in services.yaml, which every environment shares.
  expect(faultsOf(existing, { registry: eks.registry })).toEqual([]);
});

describe("refuses, and says what to do:", () => {
  const cases: [string, object, object, string][] = [
    ["AWS settings for an existing cluster", existing, { aws: eks.aws }, "aws: {"],
    [
      "a load balancer for an existing cluster",
      existing,
      { loadBalancer: {} },
      "loadBalancer: {} given; only for cluster.target: eks.",
    ],
    [
      "a namespace that exists on a new cluster",
      eks,
      { createNamespace: false },
      "createNamespace: false given; a new cluster",
    ],
    ["a second repository for images", eks, { images: { repository: "a.example/shop" } }, "images.repository:"],
    [
      "an alarm on a metric that nothing sends",
      eks,
      { alerts: { podRestarts: { restarts: 5 } } },
      "alerts.podRestarts: {",
    ],
    [
      "a type of log twice",
      eks,
      { cluster: { logTypes: ["audit", "audit"] } },
      'cluster.logTypes[1]: "audit" given; given twice.',
    ],
    ["max below min", eks, nodes({ max: 1 }), "cluster.nodeGroup.max: 1 given; below min, which is 2."],
    [
      "thresholds too close together",
      eks,
      nodes({ cpu: { scaleIn: 45 } }),
      "cluster.nodeGroup.cpu.scaleIn: 45 given; must be at least 10 points",
    ],
    [
      "growth without an autoscaler",
      eks,
      nodes({ autoscaler: "none" }),
      "cluster.nodeGroup.max: 4 given; nothing ever",
    ],
    [
      "a VPC without its subnets",
      eks,
      network({ vpcId: "vpc-0abc", privateSubnetIds: ["a", "b"] }),
      "cluster.network.publicSubnetIds: nothing given; required",
    ],
    [
      "a single Traefik pod",
      eks,
      { addons: { traefik: { replicas: 1 } } },
      "addons.traefik.replicas: 1 given; every request",
    ],
    [
      "a Service of Traefik's own on eks",
      eks,
      { addons: { traefik: { service: { type: "NodePort" } } } },
      "addons.traefik.service:",
    ],
    [
      "a load balancer without Traefik",
      eks,
      { addons: { traefik: { enabled: false } }, loadBalancer: {} },
      "loadBalancer: {} given; it forwards to Traefik",
    ],
    [
      "an alarm on a load balancer that is turned off",
      eks,
      { addons: { traefik: { enabled: false } }, alerts: { noHealthyNode: { minutes: 5 } } },
      "an alarm on the load balancer, which addons.traefik.enabled turns off",
    ],
    [
      "an alarm from 0 errors",
      eks,
      { alerts: { targetErrors: { perMinute: 0 } } },
      "alerts.targetErrors.perMinute: 0 given;",
    ],
    [
      "a version that is a number",
      eks,
      { cluster: { version: 1.35 } },
      "cluster.version: 1.35 given; must be text. Put it in quotes.",
    ],
    [
      "a region of another partition",
      eks,
      { aws: { region: "cn-north-1" } },
      'aws.region: "cn-north-1" given; must be',
    ],
    [
      "a cluster name too long for the names of its roles",
      eks,
      { cluster: { name: `a${"b".repeat(37)}` } },
      "lower-case letters, digits and '-', 37 at most",
    ],
    [
      "a default cluster name that is not allowed",
      eks,
      { namespace: "shop-of-the-whole-north-and-of-the-south" },
      "cluster.name: nothing given; the default would be shop-of-the-whole-north-and-of-the-south-test; a name must be lower-case",
    ],
    [
      "a node group that cannot lose a node",
      eks,
      nodes({ min: 1 }),
      "cluster.nodeGroup.min: 1 given; if one node fails",
    ],
    [
      "a cluster-autoscaler that is not known",
      eks,
      { cluster: { version: "1.99", nodeGroup: { autoscaler: "cluster-autoscaler" } } },
      'cluster.nodeGroup.autoscaler: "cluster-autoscaler" given; no release',
    ],
    [
      "an address range that overlaps the Services'",
      eks,
      network({ cidr: "172.20.0.0/16" }),
      'cluster.network.cidr: "172.20.0.0/16" given; 172.20.0.0/16 overlaps',
    ],
    [
      "a deregistration delay shorter than Traefik takes to stop",
      eks,
      { loadBalancer: { deregistrationSeconds: 5 } },
      "loadBalancer.deregistrationSeconds: 5 given; shorter than the 30 s",
    ],
    [
      "an admin given twice",
      eks,
      { cluster: { admins: [admin, admin] } },
      `cluster.admins[1]: "${admin}" given; given twice. Remove one of them.`,
    ],
    [
      "the session of a role as an admin",
      eks,
      { cluster: { admins: ["arn:aws:sts::123456789012:assumed-role/deployer/ada"] } },
      "Use the role itself, with its path if it has one: arn:aws:iam::123456789012:role/deployer",
    ],
    ["a maxPods that leaves no room for services", eks, nodes({ maxPods: 4 }), "cluster.nodeGroup.maxPods: 4 given;"],
  ];
  it.each(cases)("%s", (_, base, over, message) => {
    expect(faultsOf(base, over)).toEqual([expect.stringContaining(message)]);
  });

  it("a network that is both new and existing", () => {
    const both = { cidr: "10.1.0.0/16", vpcId: "vpc-0abc", privateSubnetIds: ["a", "b"], publicSubnetIds: ["c", "d"] };
    expect(faultsOf(eks, network(both))).toEqual([expect.stringContaining("cluster.network.cidr:")]);
  });

  it("a target without what it needs, in one error", () => {
    const { aws: _, registry: __, ...bare } = eks;
    expect(faultsOf(bare)).toEqual([
      expect.stringContaining("aws: nothing given; required by the target eks"),
      expect.stringContaining("registry: nothing given; required by the target eks"),
    ]);
    const { images: ___, ...noImages } = existing;
    expect(faultsOf(noImages)).toEqual([expect.stringContaining("images.repository: nothing given; required")]);
  });

  it("a stack's name that no cluster can have, unless the cluster has another name", () => {
    expect(faultsOf(eks, {}, "My_Stack")).toEqual([expect.stringContaining("would be shop-My_Stack")]);
    expect(faultsOf(eks, { cluster: { name: "shop-mine" } }, "My_Stack")).toEqual([]);
  });

  it("an owner whose registry is in another account", () => {
    const registry = { registry: { accountId: "999999999999" } };
    expect(faultsOf(eks, registry, "prod")).toEqual([expect.stringContaining("registry.accountId")]);
    expect(faultsOf(eks, registry, "dev")).toEqual([]);
  });

  it("a key of the other target, and names those of this one", () => {
    expect(faultsOf(eks, { cluster: { contxt: "x" } })).toEqual([
      expect.stringMatching(/cluster\.contxt: .*not a known key\. .*Known here: target, name, version/),
    ]);
  });

  it.each([
    "arn:aws:iam::123456789012:root",
    "arn:aws:iam::123456789012:group/platform",
    "arn:aws:iam::123456789012:role/aws-service-role/eks.amazonaws.com/AWSServiceRoleForAmazonEKS",
    "arn:aws:iam::123456789012:policy/admin",
  ])("the admin %s, which EKS would refuse after it created the cluster", (arn) => {
    expect(faultsOf(eks, { cluster: { admins: [admin, arn] } })).toEqual([
      expect.stringContaining("cluster.admins[1]"),
    ]);
  });

  it("a tag that AWS refuses", () => {
    const tags = (value: object) => faultsOf(eks, { aws: { tags: value } });
    expect(tags({ "cost:centre": "Team Böse/1 + 2 = 3@x", empty: "" })).toEqual([]);
    for (const value of [{ "aws:x": "a" }, { "": "a" }, { "a!": "b" }, { a: "b!" }, { a: "b".repeat(257) }]) {
      expect(tags(value)).toEqual([expect.stringMatching(/^aws\.tags\./)]);
    }
  });

  it("a stack's name that leaves no room in a tag", () => {
    const over = (stack: string) =>
      faultsOf(eks, { cluster: { name: "shop" }, services: { ["b".repeat(40)]: service } }, stack);
    expect(over("a".repeat(69))).toEqual([]);
    expect(over("a".repeat(70))).toEqual([
      expect.stringMatching(/^services\.b+: .* 129 characters.* shorter name for the stack/),
    ]);
  });
});
