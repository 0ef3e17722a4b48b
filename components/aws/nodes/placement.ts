import type { Workload } from "../cluster/workload.ts";
import type { Allocatable } from "./allocatable.ts";

/**
 * Places pods on equal nodes: the largest first, each on the first node that has room. A placement that is found proves
 * that the nodes hold them; close to full there may be one that is not found, and nodes so full have no room to spare.
 *
 * @returns the first workload with a pod that finds no node; undefined when all have one.
 */
export function firstWithoutRoom(
  workloads: readonly Workload[],
  nodes: number,
  node: Allocatable,
): Workload | undefined {
  const free = Array.from({ length: nodes }, () => ({ ...node }));
  return [...workloads].sort((a, b) => shareOf(b, node) - shareOf(a, node)).find((workload) => !place(workload, free));
}

function place({ pods, apart = false, ...pod }: Workload, free: Allocatable[]): boolean {
  let left = apart ? Math.min(pods, free.length) : pods;
  for (const node of free) {
    const fitting = Math.min(left, apart ? 1 : left, roomFor(pod, node));
    node.cpuMillis -= fitting * pod.cpuMillis;
    node.memoryMiB -= fitting * pod.memoryMiB;
    node.pods -= fitting;
    left -= fitting;
  }
  return left === 0;
}

/** Pods of one kind that a node has room for. */
export function roomFor(pod: Pick<Workload, "cpuMillis" | "memoryMiB">, node: Allocatable): number {
  return Math.max(
    0,
    Math.min(
      node.pods,
      pod.cpuMillis === 0 ? node.pods : Math.floor(node.cpuMillis / pod.cpuMillis),
      pod.memoryMiB === 0 ? node.pods : Math.floor(node.memoryMiB / pod.memoryMiB),
    ),
  );
}

/** The part of a node that one pod takes, of what it takes most of. */
function shareOf({ cpuMillis, memoryMiB }: Workload, node: Allocatable): number {
  return Math.max(cpuMillis / node.cpuMillis, memoryMiB / node.memoryMiB);
}
