import type { InstanceType } from "../../../../components/aws/nodes/instance-type.ts";

/** Values of DescribeInstanceTypes. */
export const t3Medium: InstanceType = {
  name: "t3.medium",
  vcpus: 2,
  memoryMiB: 4096,
  interfaces: 3,
  ipv4PerInterface: 6,
  architecture: "x86_64",
};

export const t3Large: InstanceType = {
  ...t3Medium,
  name: "t3.large",
  memoryMiB: 8192,
  ipv4PerInterface: 12,
};

export const t4gMedium: InstanceType = { ...t3Medium, name: "t4g.medium", architecture: "arm64" };
