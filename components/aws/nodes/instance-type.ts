/** An EC2 instance type, as `DescribeInstanceTypes` returns it. */
export interface InstanceType {
  /** Such as t3.medium. */
  name: string;
  vcpus: number;
  /** As sold. A node has less, see allocatable.ts. */
  memoryMiB: number;
  /** Network interfaces that can be attached. */
  interfaces: number;
  /** IPv4 addresses per interface, the interface's own included. */
  ipv4PerInterface: number;
  architecture: "x86_64" | "arm64";
  /** xen has no prefix delegation. @default "nitro" */
  hypervisor?: "nitro" | "xen";
}

/** Refuses instance types of several architectures: a node group has one image, and so one architecture. */
export function architectureFault(types: readonly InstanceType[]): string | undefined {
  const [first, ...others] = types;
  const different = others.find(({ architecture }) => architecture !== first?.architecture);
  if (first === undefined || different === undefined) return undefined;
  return (
    `${first.name} is ${first.architecture} and ${different.name} is ${different.architecture}; all nodes use the same ` +
    "image. Take types of one architecture"
  );
}
