import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { z } from "zod";
import { planSubnets, sizeOf } from "../../../config/cidr.ts";
import { deregistrationFaults, loadBalancerFaults } from "../../../config/rules/load-balancer.ts";
import { networkFaults, serviceRangeFault } from "../../../config/rules/network.ts";
import type { eksCluster } from "../../../config/schema/cluster.ts";
import { loadBalancerOf, nodeGroupOf } from "../settings.ts";

interface Given {
  network?: z.input<typeof eksCluster>["network"];
  nodeGroup?: Parameters<typeof nodeGroupOf>[0];
  publicCidrs?: string[];
  loadBalancer?: Parameters<typeof loadBalancerOf>[0];
  zones?: string[];
}

function faultsOf({ network = {}, nodeGroup, publicCidrs = [], loadBalancer, zones }: Given): string[] {
  const faults = [
    ...networkFaults(
      { network, api: { publicCidrs }, nodeGroup: nodeGroupOf(nodeGroup) },
      { region: "eu-central-1", zones },
    ),
    ...loadBalancerFaults(loadBalancerOf(loadBalancer), { enabled: true }),
  ];
  return faults.map(({ path, message }) => `${path.join(".")}: ${message}`);
}

describe("zones by their names", () => {
  const zones = ["eu-central-1a", "eu-central-1c"];

  it("fit the region and the number of zones", () => {
    expect(faultsOf({ zones })).toEqual([]);
    expect(faultsOf({ zones, network: { zones: 2 } })).toEqual([]);
  });

  it("are counted for the room in the subnets", () => {
    // Three subnets have room for 30 nodes: see below.
    const given = { network: { cidr: "10.0.0.0/20" }, nodeGroup: { max: 30 } };
    expect(faultsOf({ ...given, zones })[0]).toContain("the 2 subnets for nodes");
  });

  it.each([
    [
      "another region",
      { zones: ["eu-central-1a", "eu-west-1b"] },
      "aws.zones.1: not in aws.region, which is eu-central-1",
    ],
    ["one zone twice", { zones: ["eu-central-1a", "eu-central-1a"] }, "aws.zones.1: given twice"],
    ["another number", { zones, network: { zones: 3 } }, "aws.zones: 2 given, but cluster.network.zones is 3"],
    [
      "an existing VPC",
      { zones, network: { vpcId: "vpc-0a", privateSubnetIds: ["a", "b"], publicSubnetIds: ["c", "d"] } },
      "aws.zones: the zones of an existing VPC are those of cluster.network.privateSubnetIds",
    ],
  ])("are refused for %s", (_, given, message) => {
    expect(faultsOf(given)).toEqual([expect.stringContaining(message)]);
  });
});

describe("networkFaults", () => {
  it("accepts the defaults", () => {
    expect(faultsOf({})).toEqual([]);
    expect(faultsOf({ network: {} })).toEqual([]);
  });

  it("refuses the addresses of the cluster's Services", () => {
    const [fault] = faultsOf({ network: { cidr: "172.20.0.0/18" } });
    expect(fault).toMatch(
      /^cluster\.network\.cidr: 172\.20\.0\.0\/18 overlaps 172\.20\.0\.0\/16, .* Use another range/,
    );
    expect(faultsOf({ network: { cidr: "172.21.0.0/16" } })).toEqual([]);
  });

  it("accepts /16 to /20 of the private ranges, by their first address", () => {
    expect(faultsOf({ network: { cidr: "10.8.0.0/15" } })).toEqual([
      "cluster.network.cidr: AWS allows no VPC larger than /16. Use /16 to /20",
    ]);
    expect(faultsOf({ network: { cidr: "10.8.0.0/21" } })[0]).toContain("too small: every pod takes an address of it");
    expect(faultsOf({ network: { cidr: "10.8.9.0/16" } })).toEqual([
      "cluster.network.cidr: not the first address of its range. Use 10.8.0.0/16",
    ]);
    expect(faultsOf({ network: { cidr: "8.8.0.0/16" } })[0]).toMatch(
      /belong to others .* Use a range in 10\.0\.0\.0\/8, /,
    );
    expect(faultsOf({ network: { cidr: "172.32.0.0/16" } })[0]).toMatch(/belong to others/);
    for (const cidr of ["10.255.0.0/16", "172.31.0.0/16", "192.168.0.0/16", "100.64.0.0/16", "198.19.0.0/18"]) {
      expect(faultsOf({ network: { cidr } }), cidr).toEqual([]);
    }
  });

  it("needs room for the largest number of nodes and all of their pods", () => {
    // A node of 50 pods takes 4 prefixes, a spare one and 2 addresses: 82. A subnet of 1024 holds 12 nodes, 2 of them extra.
    expect(faultsOf({ network: { cidr: "10.0.0.0/20" }, nodeGroup: { max: 30 } })).toEqual([]);
    expect(faultsOf({ network: { cidr: "10.0.0.0/20" }, nodeGroup: { max: 31 } })).toEqual([
      expect.stringMatching(
        /^cluster\.network\.cidr: too small for 31 nodes .* of 50 pods .* takes 82 addresses, .* 3 subnets .* room for 30 .* Use a larger range, \/16 at most, or lower max or maxPods$/,
      ),
    ]);
    expect(faultsOf({ network: { cidr: "10.0.0.0/20", zones: 2 }, nodeGroup: { max: 21 } })).toHaveLength(1);
    expect(faultsOf({ network: { cidr: "10.0.0.0/20" }, nodeGroup: { max: 30, maxPods: 110 } })).toHaveLength(1);
    expect(faultsOf({ nodeGroup: { max: 450 } })).toEqual([]);
  });

  it("allows no more nodes in a zone than have addresses there", () => {
    const config = fc.record({
      prefix: fc.integer({ min: 16, max: 20 }),
      zones: fc.integer({ min: 2, max: 3 }),
      max: fc.integer({ min: 1, max: 450 }),
      maxPods: fc.integer({ min: 5, max: 250 }),
    });
    fc.assert(
      fc.property(config, ({ prefix, zones, max, maxPods }) => {
        const cidr = `10.0.0.0/${prefix}`;
        const room = sizeOf(planSubnets(cidr, zones).private[0] as string) - 5;
        const needed = Math.ceil(max / zones) * (maxPods + 1);
        if (needed > room) expect(faultsOf({ network: { cidr, zones }, nodeGroup: { max, maxPods } })).toHaveLength(1);
        // Prefixes, a spare one and an update's nodes take more, yet not without bound.
        if ((Math.ceil(max / zones) + 3) * (maxPods + 40) < room - 16) {
          expect(faultsOf({ network: { cidr, zones }, nodeGroup: { max, maxPods } })).toEqual([]);
        }
      }),
    );
  });

  it("does not check the ranges of an existing VPC, but refuses a subnet given twice", () => {
    const network = {
      vpcId: "vpc-0a",
      privateSubnetIds: ["subnet-1", "subnet-1"],
      publicSubnetIds: ["subnet-1", "subnet-2"],
    };
    expect(faultsOf({ network })).toEqual(["cluster.network.privateSubnetIds.1: given twice. Remove one of them"]);
  });

  it("accepts ranges of clients as AWS keeps them", () => {
    expect(faultsOf({ loadBalancer: { allowCidrs: ["203.0.113.0/24", "198.51.100.7/24", "203.0.113.0/24"] } })).toEqual(
      [
        "loadBalancer.allowCidrs.1: not the first address of its range. Use 198.51.100.0/24, or 198.51.100.7/32",
        "loadBalancer.allowCidrs.2: given twice. Remove one of them",
      ],
    );
    expect(faultsOf({ publicCidrs: ["203.0.113.9/24"] })[0]).toMatch(/^cluster\.api\.publicCidrs\.0: /);
    expect(faultsOf({ publicCidrs: ["203.0.113.9/32"], loadBalancer: { allowCidrs: ["0.0.0.0/0"] } })).toEqual([]);
  });

  it("keeps a node that leaves as long as Traefik takes to stop", () => {
    const [fault] = faultsOf({ loadBalancer: { deregistrationSeconds: 29 } });
    expect(fault).toMatch(/^loadBalancer\.deregistrationSeconds: .*30 s that Traefik takes to stop .* Use 30 or more$/);
    expect(faultsOf({ loadBalancer: { deregistrationSeconds: 30 } })).toEqual([]);
  });
});

describe("deregistrationFaults", () => {
  it("keeps a node for as long as Traefik takes to stop", () => {
    const shutdown = { acceptSeconds: 100, drainSeconds: 60 };
    expect(deregistrationFaults({ deregistrationSeconds: 30 }, shutdown)).toMatchObject([
      { path: ["loadBalancer", "deregistrationSeconds"], message: expect.stringMatching(/160 s .* Use 160 or more/) },
    ]);
    expect(deregistrationFaults({ deregistrationSeconds: 60 }, shutdown)[0]?.message).toMatch(/Use 160 or more/);
    expect(deregistrationFaults({ deregistrationSeconds: 160 }, shutdown)).toEqual([]);
  });
});

describe("serviceRangeFault", () => {
  it("works for the range of an existing VPC", () => {
    expect(serviceRangeFault("172.16.0.0/12")).toMatch(/overlaps 172\.20\.0\.0\/16/);
    expect(serviceRangeFault("172.31.0.0/16")).toBeUndefined();
  });
});
