import { describe, expect, it } from "vitest";
import type { AwsAccount } from "../../../../components/aws/lookup/account.ts";
import { accountFaults } from "../../../../components/aws/lookup/account-faults.ts";
import type { EksEnvironment } from "../../../../config/index.ts";
import { addonsOf, networkOf, nodeGroupOf } from "../../../config/settings.ts";

const admin = "arn:aws:iam::123456789012:role/admin";
const offered = [
  { version: "1.33", status: "EXTENDED_SUPPORT", endOfStandardSupport: "2026-07-29T00:00:00Z" },
  { version: "1.35", status: "STANDARD_SUPPORT", endOfStandardSupport: "2027-03-27T00:00:00Z" },
  { version: "1.36", status: "STANDARD_SUPPORT", endOfStandardSupport: "2027-08-02T00:00:00Z" },
];
const t3Medium = {
  name: "t3.medium",
  vcpus: 2,
  memoryMiB: 4096,
  interfaces: 3,
  ipv4PerInterface: 6,
  architecture: "x86_64" as const,
};
const account: AwsAccount = {
  callerArn: admin,
  availabilityZones: ["a", "b", "c"],
  offeringZones: ["a", "b", "c"],
  nodeSubnets: [],
  vpcCidrs: [],
  images: { repository: "registry.example/shop" },
  eksVersions: offered,
  instanceTypes: [t3Medium],
  imageId: "ami-1",
  nodeGroup: undefined,
};
const vpc = { vpcId: "vpc-1", privateSubnetIds: [], publicSubnetIds: [] };
const service = { name: "web", replicas: { min: 2, max: 4 }, resources: { requests: { cpu: "50m", memory: "64Mi" } } };

function environment(cluster: object = {}, nodeGroup: object = {}, over: object = {}): EksEnvironment {
  return {
    name: "test",
    namespace: "shop",
    images: { build: "if-missing", platform: "linux/amd64" },
    addons: addonsOf(),
    services: [service],
    aws: {},
    cluster: {
      target: "eks",
      version: "1.36",
      admins: [admin],
      network: networkOf(),
      nodeGroup: nodeGroupOf({ max: 4, ...nodeGroup }),
      ...cluster,
    },
    ...over,
  } as unknown as EksEnvironment;
}

const faults = (env: EksEnvironment, over: Partial<AwsAccount> = {}, last = {}) =>
  accountFaults(env, { ...account, ...over }, last).map(({ path, message }) => `${path.join(".")}: ${message}`);

it("accepts an environment that fits the account", () => {
  expect(faults(environment())).toEqual([]);
});

describe("accountFaults refuses", () => {
  it.each<[string, EksEnvironment, Partial<AwsAccount>, string]>([
    ["a version out of support", environment({ version: "1.33" }), {}, "cluster.version: its standard support ended"],
    ["a version that EKS does not offer", environment({ version: "1.99" }), {}, "cluster.version: EKS does not offer"],
    [
      "a caller without access",
      environment(),
      { callerArn: "arn:aws:iam::123456789012:role/other" },
      "cluster.admins:",
    ],
    ["too many pods for the type", environment({}, { maxPods: 120 }), {}, "cluster.nodeGroup.maxPods:"],
    ["too few zones", environment(), { availabilityZones: ["a"] }, "cluster.network.zones: 3 wanted"],
    [
      "a subnet of an existing VPC in a zone without the instance types",
      environment({ network: vpc }),
      { nodeSubnets: [{ id: "subnet-1", zone: "d", cidr: "10.0.0.0/24" }] },
      "cluster.nodeGroup.instanceTypes: d does not offer t3.medium; a, b, c do",
    ],
    ["too little headroom", environment({}, { maxPods: 8 }), {}, "cluster.nodeGroup.min:"],
    [
      "a VPC that overlaps the range of Services",
      environment({ network: vpc }),
      { vpcCidrs: ["172.20.0.0/20"] },
      "cluster.network.vpcId: 172.20",
    ],
    [
      "a VPC whose secondary range overlaps the range of Services",
      environment({ network: vpc }),
      { vpcCidrs: ["10.0.0.0/16", "172.20.16.0/20"] },
      "cluster.network.vpcId: 172.20.16.0/20",
    ],
    [
      "images for another architecture",
      environment(),
      { instanceTypes: [{ ...t3Medium, architecture: "arm64" }] },
      "images.platform: linux/amd64 does not run on t3.medium, which is arm64. Take linux/arm64",
    ],
    [
      "instance types of two architectures",
      environment(),
      { instanceTypes: [t3Medium, { ...t3Medium, name: "t4g.medium", architecture: "arm64" }] },
      "cluster.nodeGroup.instanceTypes: t3.medium is x86_64",
    ],
  ])("%s", (_, env, over, message) => {
    expect(faults(env, over)).toEqual([expect.stringContaining(message)]);
  });

  it("an upgrade by two minor versions but not by one", () => {
    expect(faults(environment(), {}, { kubernetesVersion: "1.33" })[0]).toMatch(/^cluster\.version: /);
    expect(faults(environment(), {}, { kubernetesVersion: "1.35" })).toEqual([]);
  });
});

it("accepts the running version after its support has ended", () => {
  expect(faults(environment({ version: "1.33" }), {}, { kubernetesVersion: "1.33" })).toEqual([]);
});

it("accepts the deploy and preview roles of the last update as callers", () => {
  const deployRole = "arn:aws:iam::123456789012:role/slipway/deploy";
  expect(faults(environment(), { callerArn: deployRole }, { deployRole })).toEqual([]);
  expect(faults(environment(), { callerArn: deployRole }, { previewRole: deployRole })).toEqual([]);
});
