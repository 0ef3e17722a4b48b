import type { InstanceFacts } from "./instance-types.ts";

/** Addresses in a /28 prefix, the unit that prefix delegation hands to an interface. */
const ADDRESSES_PER_PREFIX = 16;
/** kube-proxy and the CNI run on the host's network and need no address of their own. */
const HOST_NETWORK_PODS = 2;

/** How pods get their addresses: one by one, or by the prefix of 16. */
export type Addressing = "secondary-ip" | "prefix";

/** The network facts that decide it. */
export type NetworkLimits = Pick<InstanceFacts, "interfaces" | "ipv4PerInterface" | "vcpus">;

/**
 * Most pods a node can run.
 *
 * With plain addresses this is AWS's published figure (17 on t3.medium); with prefixes the addresses stop being the limit
 * and AWS's recommended ceiling is: 110 pods up to 30 vCPUs, 250 above.
 * Source: https://docs.aws.amazon.com/eks/latest/userguide/choosing-instance-type.html
 */
export function maxPodsFor({ interfaces, ipv4PerInterface, vcpus }: NetworkLimits, addressing: Addressing): number {
  const slots = interfaces * (ipv4PerInterface - 1);
  if (addressing === "secondary-ip") return slots + HOST_NETWORK_PODS;
  return Math.min(slots * ADDRESSES_PER_PREFIX + HOST_NETWORK_PODS, vcpus > 30 ? 250 : 110);
}

/**
 * What is wrong with `nodeGroup.maxPods` for these instance types, of which the least counts: pods above the limit would be
 * scheduled and never get an address.
 */
export function maxPodsFault(maxPods: number, instances: readonly InstanceFacts[]): string | undefined {
  const [least] = instances
    .map((instance) => ({ instance, addressing: addressingOf(instance), most: mostPods(instance) }))
    .sort((a, b) => a.most - b.most);
  if (least === undefined || maxPods <= least.most) return undefined;
  const { instance, addressing, most } = least;
  const why =
    addressing === "prefix"
      ? `more than ${instance.instanceType} runs, which is ${most} with prefix delegation`
      : `more than ${instance.instanceType} runs, which is ${most}: it is not of the Nitro system and has no prefix delegation`;
  return `${why}. Lower it to ${most}, or take larger instance types`;
}

function mostPods(instance: InstanceFacts): number {
  return maxPodsFor(instance, addressingOf(instance));
}

function addressingOf({ hypervisor }: InstanceFacts): Addressing {
  return hypervisor === "xen" ? "secondary-ip" : "prefix";
}
