import type { InstanceFacts } from "../../../../components/aws/nodes/instance-types.ts";

/** As DescribeInstanceTypes tells. */
export const t3Medium: InstanceFacts = {
  instanceType: "t3.medium",
  vcpus: 2,
  memoryMiB: 4096,
  interfaces: 3,
  ipv4PerInterface: 6,
  architecture: "x86_64",
};

export const t3Large: InstanceFacts = {
  ...t3Medium,
  instanceType: "t3.large",
  memoryMiB: 8192,
  ipv4PerInterface: 12,
};

export const t4gMedium: InstanceFacts = { ...t3Medium, instanceType: "t4g.medium", architecture: "arm64" };
