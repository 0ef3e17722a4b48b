/** The part of a node that pods can request: its `allocatable` in Kubernetes. */
export interface Allocatable {
  cpuMillis: number;
  memoryMiB: number;
  pods: number;
}

/**
 * Share of an instance's memory that the hypervisor and the firmware take. It differs by type (6.6 % of a t3.small); this is
 * Karpenter's default.
 * Source: https://karpenter.sh/docs/reference/settings/ (vm-memory-overhead-percent)
 */
const VM_MEMORY_OVERHEAD = 0.075;
/** The kubelet evicts pods when less memory is free. */
const EVICTION_THRESHOLD_MIB = 100;
/** Reserved for the system, in thousandths: of the first core, the second, the third and fourth, and the rest. */
const RESERVED_CPU = [
  { upToMillis: 1000, perMille: 60 },
  { upToMillis: 2000, perMille: 10 },
  { upToMillis: 4000, perMille: 5 },
  { upToMillis: Number.POSITIVE_INFINITY, perMille: 2.5 },
];

/**
 * Memory reserved for the kubelet and containerd, in MiB. node-config.ts sets it, because EKS's images would compute it for the
 * number of pods that the instance runs without prefix delegation.
 * Source: https://github.com/awslabs/amazon-eks-ami/blob/main/nodeadm/internal/kubelet/config.go
 */
export function reservedMemoryMiB(maxPods: number): number {
  return 11 * maxPods + 255;
}

/** What a node of this size has left for pods. Source: as above; a t3.small reported 1930m, 1437 MiB and 11 pods. */
export function allocatable(node: { memoryMiB: number; vcpus: number; maxPods: number }): Allocatable {
  const visibleMiB = Math.floor(node.memoryMiB * (1 - VM_MEMORY_OVERHEAD));
  return {
    cpuMillis: node.vcpus * 1000 - reservedCpuMillis(node.vcpus),
    memoryMiB: Math.max(0, visibleMiB - reservedMemoryMiB(node.maxPods) - EVICTION_THRESHOLD_MIB),
    pods: node.maxPods,
  };
}

function reservedCpuMillis(vcpus: number): number {
  let from = 0;
  let reserved = 0;
  for (const { upToMillis, perMille } of RESERVED_CPU) {
    const to = Math.min(vcpus * 1000, upToMillis);
    reserved += Math.floor((Math.max(0, to - from) * perMille) / 1000);
    from = upToMillis;
  }
  return reserved;
}
