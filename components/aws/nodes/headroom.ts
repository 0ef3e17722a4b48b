import type { Fault, NodeGroupConfig, Service } from "../../../config/index.ts";
import { milliUnits, wholeUnits } from "../../../config/quantity.ts";
import { type Allocatable, allocatable } from "./allocatable.ts";
import type { InstanceType } from "./instance-type.ts";
import { firstWithoutRoom, roomFor } from "./placement.ts";
import { type PodRequests, totalRequests } from "./pod-requests.ts";
import { daemonSets } from "./system-pods.ts";

/** Of a managed node group: https://docs.aws.amazon.com/eks/latest/userguide/service-quotas.html */
const MAX_NODES = 450;
const MIB = 2 ** 20;
const NODE_GROUP = ["cluster", "nodeGroup"];

/** The part of an environment that the rule needs. */
export interface HeadroomEnvironment {
  cluster: {
    nodeGroup: Pick<NodeGroupConfig, "min" | "max" | "maxPods" | "headroom">;
    /** Undefined if Container Insights is not installed. */
    containerInsights?: unknown;
  };
  services: readonly (Pick<Service, "name" | "resources"> &
    Partial<Pick<Service, "podValues">> & { replicas: { min: number } })[];
  /** Pods of the add-ons, which are not daemon sets. */
  addonPods: readonly PodRequests[];
}

type ServiceRequests = PodRequests & { path: Fault["path"] };

/**
 * The headroom rule: with `nodeGroup.min` nodes and one of them gone, the others hold every service at its minimum of replicas,
 * the add-ons and the daemon sets, by requested CPU, requested memory and number of pods. So if a node dies or is drained, every
 * pod has a place at once. Replicas that an HPA adds do not count: the autoscaler adds nodes for them. With `headroom: none`
 * the rule only refuses a pod that is too large for any node.
 *
 * @param types of the nodes; the smallest CPU and memory count.
 */
export function headroomFaults(environment: HeadroomEnvironment, types: readonly InstanceType[]): Fault[] {
  const { nodeGroup } = environment.cluster;
  const node = allocatableToServices(types, nodeGroup.maxPods, daemonSets(environment.cluster));
  const requests = serviceRequests(environment.services);
  const faults = oversizedPodFaults(requests, environment, node, types);
  if (faults.length > 0 || nodeGroup.headroom === "none") return faults;
  const all = [...requests, ...environment.addonPods];
  return nodeLossFaults(all, nodeGroup, node, types);
}

function nodeLossFaults(
  all: PodRequests[],
  { min, max }: HeadroomEnvironment["cluster"]["nodeGroup"],
  node: Allocatable,
  types: readonly InstanceType[],
): Fault[] {
  const left = min - 1;
  const unplaced = firstWithoutRoom(all, left, node);
  if (unplaced === undefined) return [];
  const needed = nodesNeeded(all, min, node);
  const raise = needed === undefined ? "" : `Raise min to ${needed}${needed > max ? " and max with it" : ""}, take `;
  const message =
    `without one of the ${min} nodes, the rest (${left} × ${namesOf(types)}, in total ${amounts(times(node, left))}) cannot hold ` +
    `the minimum of all services and add-ons (${amounts(totalRequests(all))}): no room for ${unplaced.name}. ` +
    `${raise || "Take "}larger instanceTypes, lower the services' resources.requests or replicas.min, or turn the rule off: ` +
    "headroom: none";
  return [{ path: [...NODE_GROUP, "min"], message }];
}

/** The lowest min above `tooFew` that meets the rule; undefined if no node group is so large. */
function nodesNeeded(all: PodRequests[], tooFew: number, node: Allocatable): number | undefined {
  for (let nodes = tooFew + 1; nodes <= MAX_NODES; nodes++) {
    if (firstWithoutRoom(all, nodes - 1, node) === undefined) return nodes;
  }
  return undefined;
}

/** A pod that is larger than a node is never scheduled, whatever the number of nodes. */
function oversizedPodFaults(
  services: ServiceRequests[],
  { addonPods }: HeadroomEnvironment,
  node: Allocatable,
  types: readonly InstanceType[],
): Fault[] {
  const room = `a node of ${namesOf(types)} has ${amounts(node)} for pods`;
  const faults = services
    .filter((service) => roomFor(service, node) === 0)
    .map(({ path }) => ({ path, message: `no node has room for such a pod: ${room}. Lower it, or take larger types` }));
  const addon = addonPods.find((pod) => roomFor(pod, node) === 0);
  if (addon === undefined) return faults;
  const message = `too small for the add-on ${addon.name}: ${room}. Take larger types`;
  return [...faults, { path: [...NODE_GROUP, "instanceTypes"], message }];
}

/** What a node of the smallest type has left beside its daemon sets. */
function allocatableToServices(
  types: readonly InstanceType[],
  maxPods: number,
  onEveryNode: readonly PodRequests[],
): Allocatable {
  const smallest = (of: (type: InstanceType) => number) => Math.min(...types.map(of));
  const total = allocatable({ memoryMiB: smallest((t) => t.memoryMiB), vcpus: smallest((t) => t.vcpus), maxPods });
  const taken = totalRequests(onEveryNode);
  return {
    cpuMillis: Math.max(0, total.cpuMillis - taken.cpuMillis),
    memoryMiB: Math.max(0, total.memoryMiB - taken.memoryMiB),
    pods: Math.max(0, total.pods - taken.pods),
  };
}

/**
 * Init containers run before the service's own container, and sidecars beside all of them:
 * https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#resource-sharing-within-containers
 */
function serviceRequests(services: HeadroomEnvironment["services"]): ServiceRequests[] {
  return services.map(({ name, replicas, resources, podValues = {} }) => {
    const { sidecars = [], initContainers = [] } = podValues;
    const request = (units: (container: { resources: Service["resources"] }) => number) =>
      sum(sidecars.map(units)) + Math.max(...[{ resources }, ...initContainers].map(units));
    return {
      path: ["services", name, "resources", "requests"],
      name: `the service ${name}`,
      replicas: replicas.min,
      cpuMillis: request((container) => milliUnits(container.resources.requests.cpu)),
      memoryMiB: Math.ceil(request((container) => wholeUnits(container.resources.requests.memory)) / MIB),
    };
  });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function times({ cpuMillis, memoryMiB, pods }: Allocatable, nodes: number): Allocatable {
  return { cpuMillis: cpuMillis * nodes, memoryMiB: memoryMiB * nodes, pods: pods * nodes };
}

function amounts({ cpuMillis, memoryMiB, pods }: Allocatable): string {
  return `${cpuMillis}m CPU, ${memoryMiB}Mi memory, ${pods} pods`;
}

function namesOf(types: readonly InstanceType[]): string {
  const names = types.map(({ name }) => name);
  return names.length === 1 ? String(names[0]) : `the smallest of ${names.join(", ")}`;
}
