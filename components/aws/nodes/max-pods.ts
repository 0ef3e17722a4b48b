import type { InstanceType } from "./instance-type.ts";

/** Addresses in a /28 prefix, the unit that prefix delegation assigns to an interface. */
const ADDRESSES_PER_PREFIX = 16;
/** kube-proxy and the CNI use the host's network and need no address of their own. */
const HOST_NETWORK_PODS = 2;

/** How pods get their addresses: one by one, or in prefixes of 16. */
export type Addressing = "secondary-ip" | "prefix";

export type NetworkLimits = Pick<InstanceType, "interfaces" | "ipv4PerInterface" | "vcpus">;

/**
 * Maximum number of pods of a node.
 *
 * With secondary addresses this is AWS's published figure (17 on t3.medium). With prefixes, addresses are no longer the limit
 * but AWS's recommendation is: 110 pods up to 30 vCPUs, 250 above.
 * Source: https://docs.aws.amazon.com/eks/latest/userguide/choosing-instance-type.html
 */
export function maxPodsFor({ interfaces, ipv4PerInterface, vcpus }: NetworkLimits, addressing: Addressing): number {
  const slots = interfaces * (ipv4PerInterface - 1);
  if (addressing === "secondary-ip") return slots + HOST_NETWORK_PODS;
  return Math.min(slots * ADDRESSES_PER_PREFIX + HOST_NETWORK_PODS, vcpus > 30 ? 250 : 110);
}

/**
 * Refuses a `nodeGroup.maxPods` above the limit of any of the instance types: the pods beyond it would be scheduled and never
 * get an address.
 */
export function maxPodsFault(maxPods: number, types: readonly InstanceType[]): string | undefined {
  const [lowest] = types
    .map((type) => ({ type, addressing: addressingOf(type), limit: maxPodsFor(type, addressingOf(type)) }))
    .sort((a, b) => a.limit - b.limit);
  if (lowest === undefined || maxPods <= lowest.limit) return undefined;
  const { type, addressing, limit } = lowest;
  const problem =
    addressing === "prefix"
      ? `more than ${type.name} runs, which is ${limit} with prefix delegation`
      : `more than ${type.name} runs, which is ${limit}: it is not a Nitro instance and has no prefix delegation`;
  return `${problem}. Lower it to ${limit}, or take larger instance types`;
}

function addressingOf({ hypervisor }: InstanceType): Addressing {
  return hypervisor === "xen" ? "secondary-ip" : "prefix";
}
