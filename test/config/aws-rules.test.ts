import { describe, expect, it } from "vitest";
import { ConfigError, validateEnvironment } from "../../config/validate.ts";

const eks = {
  namespace: "shop",
  aws: { accountId: "123456789012", region: "ap-northeast-2" },
  registry: { repository: "shop", owner: "prod" },
  cluster: {
    target: "eks",
    version: "1.35",
    admins: ["arn:aws:iam::123456789012:role/admin"],
    nodeGroup: { instanceTypes: ["t3.medium"], min: 2, max: 4 },
  },
  services: {},
};
const existing = {
  namespace: "shop",
  cluster: { target: "existing", context: "here" },
  images: { repository: "127.0.0.1:5000/shop" },
  services: {},
};

function faultsOf(base: object, over: object = {}, stack = "test"): readonly string[] {
  try {
    validateEnvironment(
      [
        { name: "file", value: base },
        { name: "file", value: over },
      ],
      stack,
    );
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.faults.map((fault) => fault.replace("file: ", ""));
    throw error;
  }
}

const nodes = (over: object) => ({ cluster: { nodeGroup: over } });
const network = (over: object) => ({ cluster: { network: over } });

it("takes each target with what it needs and no more", () => {
  expect(faultsOf(eks)).toEqual([]);
  expect(faultsOf(existing)).toEqual([]);
  // The registry stands in services.yaml, which every environment shares.
  expect(faultsOf(existing, { registry: eks.registry })).toEqual([]);
});

describe("refuses, and says what to do:", () => {
  const cases: [string, object, object, string][] = [
    ["AWS settings for a cluster of others", existing, { aws: eks.aws }, "aws: {"],
    [
      "a load balancer for one",
      existing,
      { loadBalancer: {} },
      "loadBalancer: {} given; only for cluster.target: eks.",
    ],
    ["a second place for images", eks, { images: { repository: "a.example/shop" } }, "images.repository:"],
    ["max below min", eks, nodes({ max: 1 }), "cluster.nodeGroup.max: 1 given; below min, which is 2."],
    [
      "no hysteresis",
      eks,
      nodes({ cpu: { scaleIn: 45 } }),
      "cluster.nodeGroup.cpu.scaleIn: 45 given; must be 10 points",
    ],
    [
      "growth that nobody does",
      eks,
      nodes({ autoscaler: "none" }),
      "cluster.nodeGroup.max: 4 given; nothing would ever",
    ],
    [
      "a VPC without its subnets",
      eks,
      network({ vpcId: "vpc-0abc", privateSubnetIds: ["a", "b"] }),
      "cluster.network.publicSubnetIds: nothing given; required",
    ],
    ["one Traefik", eks, { addons: { traefik: { replicas: 1 } } }, "addons.traefik.replicas: 1 given; every request"],
    [
      "a Service of Traefik's own",
      eks,
      { addons: { traefik: { service: { type: "NodePort" } } } },
      "addons.traefik.service:",
    ],
    [
      "a load balancer before nothing",
      eks,
      { addons: { traefik: { enabled: false } }, loadBalancer: {} },
      "loadBalancer: {} given; it leads to Traefik",
    ],
    ["a version that is a number", eks, { cluster: { version: 1.35 } }, "cluster.version: 1.35 given; expected string"],
    [
      "a region whose ARNs begin otherwise",
      eks,
      { aws: { region: "cn-north-1" } },
      'aws.region: "cn-north-1" given; takes',
    ],
    [
      "a name too long for a role's",
      eks,
      { cluster: { name: `a${"b".repeat(37)}` } },
      "lower case letters, digits and dashes, 37 at most",
    ],
    [
      "a default name that is none",
      eks,
      { namespace: "shop-of-the-whole-north-and-of-the-south" },
      "cluster.name: nothing given; the default would be shop-of-the-whole-north-and-of-the-south-test; takes lower case",
    ],
    ["a maxPods of zero", eks, nodes({ maxPods: 0 }), "cluster.nodeGroup.maxPods: 0 given;"],
  ];
  it.each(cases)("%s", (_, base, over, message) => {
    expect(faultsOf(base, over)).toEqual([expect.stringContaining(message)]);
  });

  it("both kinds of network at once", () => {
    const both = { cidr: "10.1.0.0/16", vpcId: "vpc-0abc", privateSubnetIds: ["a", "b"], publicSubnetIds: ["c", "d"] };
    expect(faultsOf(eks, network(both))).toEqual([expect.stringContaining("cluster.network.cidr:")]);
  });

  it("a target without what it needs, all in one go", () => {
    const { aws: _, registry: __, ...bare } = eks;
    expect(faultsOf(bare)).toEqual([
      expect.stringContaining("aws: nothing given; required by the target eks"),
      expect.stringContaining("registry: nothing given; required by the target eks"),
    ]);
    const { images: ___, ...noImages } = existing;
    expect(faultsOf(noImages)).toEqual([expect.stringContaining("images.repository: nothing given; required")]);
  });

  it("a stack's name that no cluster can have, unless the cluster has another", () => {
    expect(faultsOf(eks, {}, "My_Stack")).toEqual([expect.stringContaining("would be shop-My_Stack")]);
    expect(faultsOf(eks, { cluster: { name: "shop-mine" } }, "My_Stack")).toEqual([]);
  });

  it("an owner whose registry is in another account", () => {
    const registry = { registry: { accountId: "999999999999" } };
    expect(faultsOf(eks, registry, "prod")).toEqual([expect.stringContaining("registry.accountId")]);
    expect(faultsOf(eks, registry, "dev")).toEqual([]);
  });

  it("a key of the other target, naming those of this one", () => {
    expect(faultsOf(eks, { cluster: { contxt: "x" } })).toEqual([
      expect.stringMatching(/cluster\.contxt: .*not a known key\. .*Known here: target, name, version/),
    ]);
  });
});
