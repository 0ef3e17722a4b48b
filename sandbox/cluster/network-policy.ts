import { readFileSync } from "node:fs";
import { execa } from "execa";
import { network, policyQueues } from "../paths.ts";
import type { Daemon } from "../processes/daemon.ts";
import { writeComponentKubeconfig } from "./kubeconfig.ts";

/** Pods' addresses as iptables and the engine write a range. */
export const podRange = `${network.podsFrom}-${network.podsTo}`;

/** The engine's table of nftables. It has rules only for a node of its own, which does not exist here. */
const table = "slipway-network-policies";

/** Pure: whether a process reads both queues, as /proc/net/netfilter/nfnetlink_queue lists them. */
export function areServed(queues: string): boolean {
  const numbers = queues.split("\n").map((line) => Number(line.trim().split(/\s+/)[0]));
  return Object.values(policyQueues).every((number) => numbers.includes(number));
}

function servesQueues(): boolean {
  try {
    return areServed(readFileSync("/proc/net/netfilter/nfnetlink_queue", "utf8"));
  } catch {
    // The kernel loads the module when the first process opens a queue.
    return false;
  }
}

/**
 * One engine for both nodes: they share the machine's network and so its rules. `bridge.ts` queues the first packet of each of the pods'
 * connections. While no process reads the queue, the kernel drops them.
 */
export function networkPolicyDaemon(command: string): Daemon {
  return {
    name: "kube-network-policies",
    command,
    args: [
      `--kubeconfig=${writeComponentKubeconfig("kube-network-policies")}`,
      `--pod-range=${podRange}`,
      `--gate-queue=${policyQueues.gate}`,
      `--policy-queue=${policyQueues.engine}`,
      `--table=${table}`,
    ],
    ready: async () => servesQueues(),
  };
}

/** Removes what a killed engine has left. A machine without nft cannot have it unless its kernel has the queue of nftables. */
export async function removePolicyTable(): Promise<void> {
  await execa("nft", ["delete", "table", "inet", table], { reject: false });
}
