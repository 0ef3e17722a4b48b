import { CHART_DEFAULTS, type Fault, type NodeGroupConfig, type Service } from "../../../config/index.ts";
import { totalOf, type Workload } from "../cluster/workload.ts";
import { type Allocatable, allocatable } from "./allocatable.ts";
import type { InstanceFacts } from "./instance-types.ts";
import { DEFAULT_MAX_PODS } from "./max-pods.ts";
import { firstWithoutRoom, roomFor } from "./placement.ts";
import { milliUnits, wholeUnits } from "./quantity.ts";
import { NODE_PODS } from "./system-pods.ts";

/** Of a managed node group: https://docs.aws.amazon.com/eks/latest/userguide/service-quotas.html */
const MOST_NODES = 450;
const MIB = 2 ** 20;
const NODE_GROUP = ["cluster", "nodeGroup"];

/** What the rule needs of an environment. */
export interface HeadroomEnvironment {
  cluster: { nodeGroup: Pick<NodeGroupConfig, "min" | "max" | "maxPods" | "headroom"> };
  services: readonly Pick<Service, "name" | "replicas" | "resources">[];
  /** What runs once in the cluster beside the services. */
  systemPods: readonly Workload[];
}

/**
 * The rule of headroom: with one node of `nodeGroup.min` gone, the others hold every service at its least replicas, the
 * add-ons and the daemon sets, by requested CPU, requested memory and number of pods. So a node can die, or be drained,
 * and every pod has where to go at once. It is about what runs at least: pods that an autoscaler adds are the business of
 * the one that adds nodes. With `headroom: none` only a pod too large for any node is refused.
 *
 * The other half, that every node can be drained, the charts see to: their disruption budgets let one pod go at a time.
 *
 * @param instances the types that the nodes may be of; of each fact the least counts.
 */
export function headroomFaults(environment: HeadroomEnvironment, instances: readonly InstanceFacts[]): Fault[] {
  const { nodeGroup } = environment.cluster;
  const node = leastNode(instances, nodeGroup.maxPods ?? DEFAULT_MAX_PODS);
  const { services, faults } = serviceWorkloads(environment.services);
  if (node.pods === 0) {
    const message = `the daemon sets of each node are ${NODE_PODS.length} pods already: no service would run. Raise it`;
    return [{ path: [...NODE_GROUP, "maxPods"], message }];
  }
  faults.push(...oversizedFaults(services, environment, node, instances));
  if (faults.length > 0 || nodeGroup.headroom === "none") return faults;
  if (nodeGroup.min < 2) {
    const message = "with one node gone nothing runs. Take 2 or more, or do without: headroom: none";
    return [{ path: [...NODE_GROUP, "min"], message }];
  }
  const workloads = [...services, ...environment.systemPods];
  return nodeLossFaults(workloads, nodeGroup, node, instances);
}

function nodeLossFaults(
  workloads: Workload[],
  { min, max }: HeadroomEnvironment["cluster"]["nodeGroup"],
  node: Allocatable,
  instances: readonly InstanceFacts[],
): Fault[] {
  const left = min - 1;
  const homeless = firstWithoutRoom(workloads, left, node);
  if (homeless === undefined) return [];
  const needed = leastNodes(workloads, min, node);
  const raise = needed === undefined ? "" : `Raise min to ${needed}${needed > max ? " and max with it" : ""}, take `;
  const message =
    `with one of ${min} nodes gone, the rest (${left} × ${typesOf(instances)}, together ${amounts(times(node, left))}) ` +
    `do not hold what runs at least (${amounts(totalOf(workloads))}): ${homeless.name} finds no place. ` +
    `${raise || "Take "}larger instanceTypes, lower the services' resources.requests or replicas.min, or do without: ` +
    "headroom: none";
  return [{ path: [...NODE_GROUP, "min"], message }];
}

/** Nodes with which the rule holds, upwards of a number with which it does not; undefined if no node group is so large. */
function leastNodes(workloads: Workload[], tooFew: number, node: Allocatable): number | undefined {
  for (let nodes = tooFew + 1; nodes <= MOST_NODES; nodes++) {
    if (firstWithoutRoom(workloads, nodes - 1, node) === undefined) return nodes;
  }
  return undefined;
}

/** A pod that no node has room for is never scheduled, whatever the number of nodes. */
function oversizedFaults(
  services: (Workload & { path: Fault["path"] })[],
  { systemPods }: HeadroomEnvironment,
  node: Allocatable,
  instances: readonly InstanceFacts[],
): Fault[] {
  const room = `a node of ${typesOf(instances)} has ${amounts(node)} to give`;
  const faults = services
    .filter((service) => roomFor(service, node) === 0)
    .map(({ path }) => ({ path, message: `no node has room for such a pod: ${room}. Lower it, or take larger types` }));
  const addon = systemPods.find((workload) => roomFor(workload, node) === 0);
  if (addon === undefined) return faults;
  const message = `too small for the add-on ${addon.name}: ${room}. Take larger types`;
  return [...faults, { path: [...NODE_GROUP, "instanceTypes"], message }];
}

/** What a node of the least of these types has for pods, its daemon sets already there. */
function leastNode(instances: readonly InstanceFacts[], maxPods: number): Allocatable {
  const least = (of: (instance: InstanceFacts) => number) => Math.min(...instances.map(of));
  const all = allocatable({ memoryMiB: least((i) => i.memoryMiB), vcpus: least((i) => i.vcpus), maxPods });
  const taken = totalOf(NODE_PODS);
  return {
    cpuMillis: Math.max(0, all.cpuMillis - taken.cpuMillis),
    memoryMiB: Math.max(0, all.memoryMiB - taken.memoryMiB),
    pods: Math.max(0, all.pods - taken.pods),
  };
}

function serviceWorkloads(services: HeadroomEnvironment["services"]): {
  services: (Workload & { path: Fault["path"] })[];
  faults: Fault[];
} {
  const faults: Fault[] = [];
  const workloads = services.map(({ name, replicas, resources: { requests } }) => {
    const path = ["services", name, "resources", "requests"];
    const read = (key: "cpu" | "memory", parse: (quantity: string) => number) => {
      try {
        return parse(requests[key]);
      } catch (error) {
        faults.push({ path: [...path, key], message: (error as Error).message.replace(/\.$/, "") });
        return 0;
      }
    };
    return {
      path,
      name: `the service ${name}`,
      pods: replicas?.min ?? CHART_DEFAULTS.replicas,
      cpuMillis: read("cpu", milliUnits),
      memoryMiB: Math.ceil(read("memory", wholeUnits) / MIB),
    };
  });
  return { services: workloads, faults };
}

function times({ cpuMillis, memoryMiB, pods }: Allocatable, nodes: number): Allocatable {
  return { cpuMillis: cpuMillis * nodes, memoryMiB: memoryMiB * nodes, pods: pods * nodes };
}

function amounts({ cpuMillis, memoryMiB, pods }: Allocatable): string {
  return `${cpuMillis}m CPU, ${memoryMiB}Mi memory, ${pods} pods`;
}

function typesOf(instances: readonly InstanceFacts[]): string {
  const names = instances.map(({ instanceType }) => instanceType);
  return names.length === 1 ? String(names[0]) : `the least of ${names.join(", ")}`;
}
