/** What an EC2 instance type is, as `DescribeInstanceTypes` tells. */
export interface InstanceFacts {
  /** Such as t3.medium. */
  instanceType: string;
  vcpus: number;
  /** As sold; a node sees less of it, see allocatable.ts. */
  memoryMiB: number;
  /** Network interfaces that can be attached. */
  interfaces: number;
  /** IPv4 addresses per interface, the interface's own included. */
  ipv4PerInterface: number;
  architecture: "x86_64" | "arm64";
  /** xen has no prefix delegation. @default - as if nitro */
  hypervisor?: "nitro" | "xen";
}

/** What is wrong with instance types of several architectures: a node group has one image, and that one architecture. */
export function architectureFault(instances: readonly InstanceFacts[]): string | undefined {
  const [first, ...others] = instances;
  const stranger = others.find(({ architecture }) => architecture !== first?.architecture);
  if (first === undefined || stranger === undefined) return undefined;
  return (
    `${first.instanceType} is ${first.architecture} and ${stranger.instanceType} is ${stranger.architecture}; the nodes ` +
    "share one image. Take types of one architecture"
  );
}
