import type { V1Node, V1Pod } from "@kubernetes/client-node";
import { hasRoom } from "./room.ts";

const ZONE = "topology.kubernetes.io/zone";

/** How the pods of a service are spread. */
export interface Spread {
  /** Pods by node, most first. */
  nodes: Record<string, number>;
  /** Pods by zone, most first. Empty unless the cluster's nodes are in several. */
  zones: Record<string, number>;
  /** Undefined if no move of one pod would make it more even, or if nobody may say so. */
  uneven?: Uneven;
}

/** A node or zone with at least two pods more than another that has room. */
export interface Uneven {
  over: "nodes" | "zones";
  from: string;
  fromPods: number;
  to: string;
  toPods: number;
  /** The node with room. */
  node: string;
}

/** What is known of a cluster's nodes. */
export interface ClusterNodes {
  nodes: readonly V1Node[];
  /** All pods that have not ended. Undefined if they have not been read: then nothing counts as uneven. */
  pods: readonly V1Pod[] | undefined;
}

/** @param pods of one service, each on a node */
export function spreadOf(pods: readonly V1Pod[], { nodes, pods: others }: ClusterNodes): Spread {
  const zoneOf = new Map(nodes.map(({ metadata }) => [metadata?.name ?? "", metadata?.labels?.[ZONE]]));
  const hasZones = new Set(zoneOf.values()).size > 1;
  const byNode = count(pods.map(({ spec }) => spec?.nodeName ?? ""));
  const byZone = hasZones ? count(pods.flatMap(({ spec }) => zoneOf.get(spec?.nodeName ?? "") ?? [])) : {};
  const spread = { nodes: byNode, zones: byZone };
  const [pod] = pods;
  if (pod === undefined || others === undefined) return spread;
  const free = nodes.flatMap((node) => (hasRoom(node, pod, others) ? [node.metadata?.name ?? ""] : []));
  const uneven =
    findUneven("nodes", byNode, free, (node) => node) ??
    findUneven("zones", byZone, free, (node) => zoneOf.get(node) ?? "");
  return { ...spread, ...(uneven && { uneven }) };
}

/** Whether the pods may be uneven, as far as can be said without knowing where there is room. */
export function mayBeUneven(spread: Spread, nodes: readonly V1Node[]): boolean {
  const zones = new Set(nodes.flatMap(({ metadata }) => metadata?.labels?.[ZONE] ?? []));
  const isSkewed = (counts: Record<string, number>, places: number) => {
    const pods = Object.values(counts);
    return Math.max(0, ...pods) - (pods.length < places ? 0 : Math.min(...pods)) > 1;
  };
  return isSkewed(spread.nodes, nodes.length) || isSkewed(spread.zones, zones.size);
}

function findUneven(
  over: Uneven["over"],
  counts: Record<string, number>,
  free: readonly string[],
  placeOf: (node: string) => string,
): Uneven | undefined {
  const [[from, fromPods] = ["", 0]] = Object.entries(counts);
  const places = free
    .filter((node) => placeOf(node) !== "")
    .map((node) => ({ node, to: placeOf(node), toPods: counts[placeOf(node)] ?? 0 }))
    .sort((a, b) => a.toPods - b.toPods);
  const [least] = places;
  if (least === undefined || fromPods - least.toPods <= 1) return undefined;
  return { over, from, fromPods, ...least };
}

/** Most first. */
function count(places: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const place of places) counts.set(place, (counts.get(place) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([a, x], [b, y]) => y - x || a.localeCompare(b)));
}
