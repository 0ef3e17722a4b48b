/** What pods may request of a node. */
export interface Allocatable {
  cpuMillis: number;
  memoryMiB: number;
  pods: number;
}

/**
 * Share of the memory sold that the kernel never sees: the hypervisor's and the firmware's. It differs by type (6.6 % of a
 * t3.small), so the figure that Karpenter plans with is taken.
 * Source: https://karpenter.sh/docs/reference/settings/ (vm-memory-overhead-percent)
 */
const UNSEEN_MEMORY = 0.075;
/** The kubelet evicts pods below it. */
const EVICTION_MIB = 100;
/** Kept for the system: thousandths of the first core, the second, the third and fourth, and the others. */
const CPU_RESERVED = [
  { upToMillis: 1000, perMille: 60 },
  { upToMillis: 2000, perMille: 10 },
  { upToMillis: 4000, perMille: 5 },
  { upToMillis: Number.POSITIVE_INFINITY, perMille: 2.5 },
];

/**
 * Memory kept for the kubelet and containerd on a node of so many pods, in MiB. What EKS's images reserve by themselves
 * counts the pods of an instance without prefix delegation, so node-config.ts sets it.
 * Source: https://github.com/awslabs/amazon-eks-ami/blob/main/nodeadm/internal/kubelet/config.go
 */
export function reservedMemoryMiB(maxPods: number): number {
  return 11 * maxPods + 255;
}

/** What is left for pods on a node of this size. Source: as above; a t3.small told 1930m, 1437 MiB and 11 pods. */
export function allocatable(node: { memoryMiB: number; vcpus: number; maxPods: number }): Allocatable {
  const seenMiB = Math.floor(node.memoryMiB * (1 - UNSEEN_MEMORY));
  return {
    cpuMillis: node.vcpus * 1000 - reservedCpuMillis(node.vcpus),
    memoryMiB: Math.max(0, seenMiB - reservedMemoryMiB(node.maxPods) - EVICTION_MIB),
    pods: node.maxPods,
  };
}

function reservedCpuMillis(vcpus: number): number {
  let from = 0;
  let reserved = 0;
  for (const { upToMillis, perMille } of CPU_RESERVED) {
    const to = Math.min(vcpus * 1000, upToMillis);
    reserved += Math.floor((Math.max(0, to - from) * perMille) / 1000);
    from = upToMillis;
  }
  return reserved;
}
