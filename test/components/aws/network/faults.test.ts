import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { planSubnets, sizeOf } from "../../../../components/aws/network/cidr.ts";
import {
  deregistrationFaults,
  networkFaults,
  serviceRangeFault,
  TRAEFIK_SHUTDOWN,
  zoneFaults,
} from "../../../../components/aws/network/faults.ts";
import { ownNetwork } from "../../../../components/aws/network/settings.ts";
import type { EksClusterConfig, LoadBalancerConfig } from "../../../../config/index.ts";

interface Given {
  network?: EksClusterConfig["network"];
  nodeGroup?: Partial<EksClusterConfig["nodeGroup"]>;
  publicCidrs?: string[];
  loadBalancer?: LoadBalancerConfig;
}

function faultsOf({ network, nodeGroup, publicCidrs, loadBalancer }: Given): string[] {
  const faults = networkFaults({
    cluster: {
      target: "eks",
      version: "1.35",
      admins: ["arn:aws:iam::111122223333:role/admin"],
      network,
      api: { publicCidrs },
      nodeGroup: { instanceTypes: ["t3.medium"], min: 2, max: 8, ...nodeGroup },
    },
    loadBalancer,
  });
  return faults.map(({ path, message }) => `${path.join(".")}: ${message}`);
}

describe("networkFaults", () => {
  it("finds none in the defaults", () => {
    expect(faultsOf({})).toEqual([]);
    expect(faultsOf({ network: {} })).toEqual([]);
  });

  it("refuses the addresses of the cluster's Services", () => {
    const [fault] = faultsOf({ network: { cidr: "172.20.0.0/18" } });
    expect(fault).toMatch(
      /^cluster\.network\.cidr: 172\.20\.0\.0\/18 overlaps 172\.20\.0\.0\/16, .* Take another range/,
    );
    expect(faultsOf({ network: { cidr: "172.21.0.0/16" } })).toEqual([]);
  });

  it("takes /16 to /20, from their first address, of the private ranges", () => {
    expect(faultsOf({ network: { cidr: "10.8.0.0/15" } })).toEqual([
      "cluster.network.cidr: AWS makes no VPC larger than /16. Take /16 to /20",
    ]);
    expect(faultsOf({ network: { cidr: "10.8.0.0/21" } })[0]).toContain("too small: every pod takes an address of it");
    expect(faultsOf({ network: { cidr: "10.8.9.0/16" } })).toEqual([
      "cluster.network.cidr: lies within a range. Take 10.8.0.0/16",
    ]);
    expect(faultsOf({ network: { cidr: "8.8.0.0/16" } })[0]).toMatch(/others', .* Take a range in 10\.0\.0\.0\/8, /);
    expect(faultsOf({ network: { cidr: "172.32.0.0/16" } })[0]).toMatch(/others'/);
    for (const cidr of ["10.255.0.0/16", "172.31.0.0/16", "192.168.0.0/16", "100.64.0.0/16", "198.19.0.0/18"]) {
      expect(faultsOf({ network: { cidr } }), cidr).toEqual([]);
    }
  });

  it("wants room for the most nodes and all of their pods", () => {
    // A node of 50 pods takes 4 prefixes, one to spare and 2 addresses: 82; a subnet of 1024 holds 12, 2 of them an update's.
    expect(faultsOf({ network: { cidr: "10.0.0.0/20" }, nodeGroup: { max: 30 } })).toEqual([]);
    expect(faultsOf({ network: { cidr: "10.0.0.0/20" }, nodeGroup: { max: 31 } })).toEqual([
      "cluster.network.cidr: too small for 31 nodes (nodeGroup.max) of 50 pods (nodeGroup.maxPods): each takes 82 addresses, " +
        "and the 3 subnets for nodes (10.0.0.0/22 and so on) have room for 30 and an update's spare ones. " +
        "Take a larger range, /16 at most, or lower max or maxPods",
    ]);
    expect(faultsOf({ network: { cidr: "10.0.0.0/20", zones: 2 }, nodeGroup: { max: 21 } })).toHaveLength(1);
    expect(faultsOf({ network: { cidr: "10.0.0.0/20" }, nodeGroup: { max: 30, maxPods: 110 } })).toHaveLength(1);
    expect(faultsOf({ nodeGroup: { max: 450 } })).toEqual([]);
  });

  it("lets no more nodes into a zone than have addresses there", () => {
    const config = fc.record({
      prefix: fc.integer({ min: 16, max: 20 }),
      zones: fc.integer({ min: 2, max: 3 }),
      max: fc.integer({ min: 1, max: 450 }),
      maxPods: fc.integer({ min: 4, max: 250 }),
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

  it("leaves the ranges of a VPC that is there alone, but not a subnet given twice", () => {
    const network = {
      vpcId: "vpc-0a",
      privateSubnetIds: ["subnet-1", "subnet-1"],
      publicSubnetIds: ["subnet-1", "subnet-2"],
    };
    expect(faultsOf({ network })).toEqual(["cluster.network.privateSubnetIds.1: given twice. Leave one of them out"]);
  });

  it("takes ranges of clients as AWS keeps them", () => {
    expect(faultsOf({ loadBalancer: { allowCidrs: ["203.0.113.0/24", "198.51.100.7/24", "203.0.113.0/24"] } })).toEqual(
      [
        "loadBalancer.allowCidrs.1: lies within a range. Take 198.51.100.0/24, or 198.51.100.7/32",
        "loadBalancer.allowCidrs.2: given twice. Leave one of them out",
      ],
    );
    expect(faultsOf({ publicCidrs: ["203.0.113.9/24"] })[0]).toMatch(/^cluster\.api\.publicCidrs\.0: /);
    expect(faultsOf({ publicCidrs: ["203.0.113.9/32"], loadBalancer: { allowCidrs: ["0.0.0.0/0"] } })).toEqual([]);
  });

  it("keeps a node that leaves for as long as Traefik lets requests end", () => {
    const [fault] = faultsOf({ loadBalancer: { deregistrationSeconds: 29 } });
    expect(fault).toMatch(/^loadBalancer\.deregistrationSeconds: .*own end, 30 s .* Take 30 or more$/);
    expect(faultsOf({ loadBalancer: { deregistrationSeconds: 30 } })).toEqual([]);
  });
});

describe("deregistrationFaults", () => {
  it("keeps a node for as long as Traefik takes to stop", () => {
    const shutdown = { acceptSeconds: 100, drainSeconds: 60 };
    expect(deregistrationFaults(undefined, shutdown)).toMatchObject([
      { path: ["loadBalancer", "deregistrationSeconds"], message: expect.stringMatching(/160 s .* Take 160 or more/) },
    ]);
    expect(deregistrationFaults({ deregistrationSeconds: 60 }, shutdown)[0]?.message).toMatch(/Take 160 or more/);
    expect(deregistrationFaults({ deregistrationSeconds: 160 }, shutdown)).toEqual([]);
  });

  it("knows how long that is", () => {
    const { shutdown } = parse(readFileSync("charts/traefik/values.yaml", "utf8"));
    expect(TRAEFIK_SHUTDOWN).toEqual(shutdown);
  });
});

describe("serviceRangeFault", () => {
  it("holds for a range that AWS was asked for", () => {
    expect(serviceRangeFault("172.16.0.0/12")).toMatch(/overlaps 172\.20\.0\.0\/16/);
    expect(serviceRangeFault("172.31.0.0/16")).toBeUndefined();
  });
});

describe("zoneFaults", () => {
  it("wants as many zones as the config", () => {
    expect(zoneFaults(undefined, ["a", "b", "c", "d"])).toEqual([]);
    expect(zoneFaults(undefined, ["a", "b"])).toEqual([
      { path: ["cluster", "network", "zones"], message: "3 wanted; the region has a, b. Take 2, or another region" },
    ]);
    expect(zoneFaults({ zones: 2 }, ["a"])[0]?.message).toMatch(/has a\. Take another region$/);
    expect(zoneFaults({ zones: 2 }, ["a", "b"])).toEqual([]);
  });

  it("wants none for a VPC that is there", () => {
    expect(zoneFaults({ vpcId: "vpc-0a", privateSubnetIds: [], publicSubnetIds: [] }, [])).toEqual([]);
  });
});

describe("ownNetwork", () => {
  it("fills in what the config leaves out", () => {
    expect(ownNetwork()).toEqual({ cidr: "10.0.0.0/16", zones: 3, nat: "single" });
    expect(ownNetwork({ zones: 2, nat: "none" })).toEqual({ cidr: "10.0.0.0/16", zones: 2, nat: "none" });
  });
});
