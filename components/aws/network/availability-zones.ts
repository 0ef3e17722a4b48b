import { type Fault, isExistingNetwork, type NetworkConfig, type OwnNetwork } from "../../../config/index.ts";

/** EKS keeps a cluster in the zones it was created with: https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html */
export const CONTROL_PLANE_ZONES = 2;
/** A VPC is divided for this many zones: see planSubnets. */
const MOST_ZONES = 3;
const NAMES = ["aws", "zones"];

export interface ZoneFacts {
  /** Zones of the region in which EKS runs, sorted. */
  available: readonly string[];
  /** Those that offer at least one of `instanceTypes`. */
  offering: readonly string[];
  /** `cluster.nodeGroup.instanceTypes`. */
  instanceTypes: readonly string[];
  /** `aws.zones`. @default - as many as the config wants, the last update's first */
  names?: readonly string[] | undefined;
  /** What the last update left. @default - there was none */
  last?: LastZones;
}

export interface LastZones {
  /** In the order of their subnets' ranges. Undefined if the last update was by a version that did not record them. */
  zones?: readonly string[] | undefined;
  /** Whether its nodes have the instance types of the config. */
  sameInstanceTypes: boolean;
}

/**
 * Zones of the VPC that the stack creates, in the order of their subnets' ranges; none for an existing VPC.
 *
 * The zones of the last update come first and keep their order: a zone that moved would need the range that another subnet still
 * has. They are used whatever AWS lists today, so that a hotfix passes while a zone is down.
 */
export function chooseZones(config: NetworkConfig, facts: ZoneFacts): { zones: string[]; faults: Fault[] } {
  if (isExistingNetwork(config)) return { zones: [], faults: [] };
  return facts.names === undefined ? byNumber(config, facts) : byName(facts.names, facts);
}

function byNumber({ zones: wanted }: OwnNetwork, facts: ZoneFacts): { zones: string[]; faults: Fault[] } {
  const { available, offering, last } = facts;
  // Versions that recorded no zones took the first ones, whatever they offer.
  const kept = last === undefined ? [] : (last.zones ?? available).slice(0, wanted);
  const others = available.filter((zone) => offering.includes(zone) && !kept.includes(zone));
  const zones = [...kept, ...others].slice(0, wanted);
  if (zones.length === wanted) return { zones, faults: offeringFaults(zones, facts) };
  const usable = available.filter((zone) => offering.includes(zone));
  const fewer = zones.length < CONTROL_PLANE_ZONES ? "" : `${zones.length}, `;
  const message =
    `${wanted} wanted; of the region's zones (${available.join(", ") || "none"}), ${listed(usable)} offer ` +
    `${facts.instanceTypes.join(" or ")}. Use ${fewer}another instance type, or another region`;
  return { zones, faults: [{ path: ["cluster", "network", "zones"], message }] };
}

function byName(names: readonly string[], facts: ZoneFacts): { zones: string[]; faults: Fault[] } {
  const { available, last } = facts;
  const before = last && (last.zones ?? available.slice(0, names.length));
  const kept = (before ?? []).filter((zone) => names.includes(zone));
  const added = names.filter((zone) => !kept.includes(zone));
  const zones = [...kept, ...added];
  const faults = before === undefined ? [] : changeFaults(names, before, last?.zones === undefined);
  if (faults.length > 0) return { zones, faults };
  const unknown = added.filter((zone) => !available.includes(zone));
  if (unknown.length > 0) {
    const choice = `${available.join(", ") || "none"} can be used. Take two or three of them`;
    const message = (zone: string) => `EKS does not run in ${zone}, or this account has no such zone; ${choice}`;
    return { zones, faults: unknown.map((zone) => ({ path: at(names, zone), message: message(zone) })) };
  }
  return { zones, faults: offeringFaults(zones, facts) };
}

/** What cannot be changed in place, seen from the zones of the last update. */
function changeFaults(names: readonly string[], before: readonly string[], assumed: boolean): Fault[] {
  const removed = before.filter((zone) => !names.includes(zone));
  const added = names.filter((zone) => !before.includes(zone));
  if (assumed && added.length > 0) {
    const message =
      "the version of the last update did not record which zones it used. Remove aws.zones and update once, then name them";
    return [{ path: NAMES, message }];
  }
  const fixed = before.slice(0, CONTROL_PLANE_ZONES);
  const lost = fixed.filter((zone) => removed.includes(zone));
  if (lost.length > 0) {
    const message =
      `the cluster was created in ${fixed.join(" and ")}, and EKS never moves a cluster. Add ${lost.join(" and ")}; other ` +
      "zones need a new stack";
    return [{ path: NAMES, message }];
  }
  if (before.length + added.length <= MOST_ZONES) return [];
  // The new subnets would be created before the old ones are deleted, and AWS refuses ranges that overlap.
  const message =
    `${added.join(", ")} would get the address ranges that ${removed.join(", ")} still has. First remove ${removed.join(", ")} ` +
    `and update, then add ${added.join(", ")} and update again`;
  return [{ path: NAMES, message }];
}

/**
 * Refuses a zone that offers none of the instance types: EKS answers with an error, once VPC and control plane have been created.
 * Seen in https://github.com/eksctl-io/eksctl/issues/6461. With several types, one that is offered is enough: the group takes the
 * first that a zone has.
 */
export function offeringFaults(zones: readonly string[], facts: ZoneFacts): Fault[] {
  const { offering, instanceTypes, names, last } = facts;
  const running = last?.sameInstanceTypes ? (last.zones ?? zones) : [];
  return zones
    .filter((zone) => !offering.includes(zone) && !running.includes(zone))
    .map((zone) => ({
      path: names?.includes(zone) ? at(names, zone) : ["cluster", "nodeGroup", "instanceTypes"],
      message:
        `${zone} does not offer ${instanceTypes.join(" or ")}; ${listed(offering)} ` +
        `${offering.length === 1 ? "does" : "do"}. Take another instance type, or other zones`,
    }));
}

function at(names: readonly string[], zone: string): (string | number)[] {
  return [...NAMES, names.indexOf(zone)];
}

function listed(zones: readonly string[]): string {
  return zones.join(", ") || "none";
}
