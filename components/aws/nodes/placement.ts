import type { Allocatable } from "./allocatable.ts";
import type { PodRequests } from "./pod-requests.ts";

/**
 * Places pods on equal nodes: the largest first, each on the first node with room. If it finds a placement, the nodes hold the
 * pods. Close to full it may miss one that exists; nodes so full have no headroom anyway.
 *
 * @returns the first with a replica that finds no node; undefined if all pods have one.
 */
export function firstWithoutRoom(
  all: readonly PodRequests[],
  nodes: number,
  node: Allocatable,
): PodRequests | undefined {
  const free = Array.from({ length: nodes }, () => ({ ...node }));
  return [...all]
    .sort((a, b) => shareOfNode(b, node) - shareOfNode(a, node))
    .find((requests) => !placeReplicas(requests, free));
}

/** Takes the room from `free`. @returns whether every replica found a node. */
function placeReplicas({ replicas, onePerNode = false, ...pod }: PodRequests, free: Allocatable[]): boolean {
  let left = onePerNode ? Math.min(replicas, free.length) : replicas;
  for (const node of free) {
    const placed = Math.min(left, onePerNode ? 1 : left, roomFor(pod, node));
    node.cpuMillis -= placed * pod.cpuMillis;
    node.memoryMiB -= placed * pod.memoryMiB;
    node.pods -= placed;
    left -= placed;
  }
  return left === 0;
}

/** How many of these pods a node has room for. */
export function roomFor(pod: Pick<PodRequests, "cpuMillis" | "memoryMiB">, node: Allocatable): number {
  return Math.max(
    0,
    Math.min(
      node.pods,
      pod.cpuMillis === 0 ? node.pods : Math.floor(node.cpuMillis / pod.cpuMillis),
      pod.memoryMiB === 0 ? node.pods : Math.floor(node.memoryMiB / pod.memoryMiB),
    ),
  );
}

/** The larger of the shares of a node's CPU and memory that one pod takes. */
function shareOfNode({ cpuMillis, memoryMiB }: PodRequests, node: Allocatable): number {
  return Math.max(cpuMillis / node.cpuMillis, memoryMiB / node.memoryMiB);
}
