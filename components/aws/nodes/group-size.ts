import { isExistingNetwork, type NetworkConfig, type NodeGroupConfig } from "../../../config/index.ts";

/** A node group as it is now. */
export interface RunningNodes {
  min: number;
  max: number;
  /** Nodes that its Auto Scaling group keeps now. */
  desired: number;
  /** Of the group itself; empty where the launch template names the one type. */
  instanceTypes: readonly string[];
  capacity: "on-demand" | "spot";
  subnetIds: readonly string[];
}

/** What the config says of a group and where it is to be. */
export type WantedNodes = NodeGroupConfig & { network: NetworkConfig };

/** Sizes of a node group, in nodes. */
export interface GroupSize {
  minSize: number;
  maxSize: number;
  desiredSize: number;
}

/**
 * How many nodes to declare. EKS takes the three numbers together only: whoever changes min or max also says how many nodes
 * there are to be. The number of the last update would be refused when min has passed it
 * (https://github.com/terraform-aws-modules/terraform-aws-eks/issues/3683), and below what runs now it would end nodes at
 * once, without heed to disruption budgets. So with a change goes the number that runs; without one it is the autoscaler's.
 *
 * @param running undefined if there is no group yet, or it is not known.
 * @returns `ours`: whether the declared number is to be written, and not left as it is.
 */
export function groupSize(config: WantedNodes, running?: RunningNodes): { size: GroupSize; ours: boolean } {
  const { min, max } = config;
  const desired = Math.min(Math.max(running?.desired ?? min, min), max);
  return {
    size: { minSize: min, maxSize: max, desiredSize: desired },
    ours: running !== undefined && isChanged(config, running),
  };
}

/** Whether EKS is to change the group's sizes, or to replace the group by one that begins with the declared number. */
function isChanged(config: WantedNodes, running: RunningNodes): boolean {
  const types = groupInstanceTypes(config) ?? [];
  return (
    config.min !== running.min ||
    config.max !== running.max ||
    config.capacity !== running.capacity ||
    types.join() !== running.instanceTypes.join() ||
    isMoved(config.network, running.subnetIds)
  );
}

/** The stack's own subnets are one for each zone, and each stays what it is as long as there is one more. */
function isMoved(network: NetworkConfig, subnetIds: readonly string[]): boolean {
  if (!isExistingNetwork(network)) return network.zones !== subnetIds.length;
  return [...network.privateSubnetIds].sort().join() !== [...subnetIds].sort().join();
}

/**
 * Instance types of the group. One type alone goes into the launch template, where it can be changed: EKS then replaces
 * node by node. The group's own types are fixed for its life, so changing them makes a new group.
 */
export function groupInstanceTypes({ instanceTypes }: NodeGroupConfig): string[] | undefined {
  return instanceTypes.length === 1 ? undefined : [...instanceTypes];
}
