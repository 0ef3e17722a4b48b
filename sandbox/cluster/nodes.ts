import { nodes } from "../paths.ts";
import { recordedDaemons } from "../processes/daemon.ts";
import { readObject } from "./api.ts";

interface Condition {
  type: string;
  status: string;
  message?: string;
  lastHeartbeatTime: string;
}

interface NodeObject {
  metadata: { name: string };
  status?: { conditions?: Condition[] };
}

export interface NodeStatus {
  name: string;
  ready: boolean;
  /** The reason it is not ready, as the kubelet reports it. */
  reason?: string;
}

/** Milliseconds: heartbeats are given in whole seconds. */
const RESOLUTION_MS = 1000;

/**
 * Readiness of every node, as its kubelet reports it. A report from before the kubelet's last start does not count:
 * after a stop or a restart of the machine, the API still holds an old one that says "ready".
 */
export async function nodeStatuses(): Promise<NodeStatus[]> {
  const started = new Map(recordedDaemons().map(({ name, startedAt }) => [name, Date.parse(startedAt)]));
  const { items } = await readObject<{ items: NodeObject[] }>("/api/v1/nodes");
  return nodes.map(({ name }) => {
    const condition = items
      .find((item) => item.metadata.name === name)
      ?.status?.conditions?.find(({ type }) => type === "Ready");
    if (!condition) return { name, ready: false, reason: "it has not registered" };
    const since = started.get(`kubelet-${name}`) ?? Number.POSITIVE_INFINITY;
    if (Date.parse(condition.lastHeartbeatTime) + RESOLUTION_MS < since)
      return { name, ready: false, reason: "it has not reported since its start" };
    return condition.status === "True"
      ? { name, ready: true }
      : { name, ready: false, reason: condition.message ?? "" };
  });
}
