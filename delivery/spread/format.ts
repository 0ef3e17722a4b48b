import type { Spread, Uneven } from "./spread.ts";

/**
 * `api: 3 pods on 2 nodes (2, 1)`, `api: 4 pods on 3 nodes (2, 1, 1) in 2 zones (3, 1)`
 *
 * @param before how it was spread before. Named if it differs.
 */
export function formatSpread(name: string, spread: Spread, before?: Spread): string {
  const pods = total(spread);
  const now = `${name}: ${pods} pod${pods === 1 ? "" : "s"} ${places(spread)}`;
  if (before === undefined || total(before) === 0 || places(before) === places(spread)) return now;
  return `${now}; before ${places(before)}`;
}

/** `api: node-a runs 3 of its pods, and node-b has room and runs 0` */
export function formatUneven(name: string, { over, from, fromPods, to, toPods, node }: Uneven): string {
  if (over === "nodes") return `${name}: ${from} runs ${fromPods} of its pods, and ${to} has room and runs ${toPods}`;
  return `${name}: zone ${from} runs ${fromPods} of its pods, and zone ${to} has room on ${node} and runs ${toPods}`;
}

function places({ nodes, zones }: Spread): string {
  // A zone for each node says the same again.
  const isSame = Object.values(zones).join() === Object.values(nodes).join();
  const inZones = Object.keys(zones).length > 0 && !isSame ? ` in ${list(zones, "zone")}` : "";
  return `on ${list(nodes, "node")}${inZones}`;
}

function list(counts: Record<string, number>, what: string): string {
  const numbers = Object.values(counts);
  return `${numbers.length} ${what}${numbers.length === 1 ? "" : "s"} (${numbers.join(", ")})`;
}

function total({ nodes }: Spread): number {
  return Object.values(nodes).reduce((sum, pods) => sum + pods, 0);
}
