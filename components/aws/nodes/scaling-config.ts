import { isExistingNetwork, type NetworkConfig, type NodeGroupConfig } from "../../../config/index.ts";

/** A node group as AWS has it now. */
export interface CurrentNodeGroup {
  min: number;
  max: number;
  /** Desired capacity of its Auto Scaling group. */
  desired: number;
  /** Of the node group itself; empty if the launch template names the only type. */
  instanceTypes: readonly string[];
  capacity: "on-demand" | "spot";
  subnetIds: readonly string[];
}

/** The node group in the config, and the network it is in. */
export type DesiredNodeGroup = NodeGroupConfig & { network: NetworkConfig };

/** `scalingConfig` of a node group, in nodes. */
export interface ScalingConfig {
  minSize: number;
  maxSize: number;
  desiredSize: number;
}

/**
 * The number of nodes to declare. EKS takes min, max and desired only together, so a change of min or max sets desired too. The
 * value of the last update would be refused if min is now above it
 * (https://github.com/terraform-aws-modules/terraform-aws-eks/issues/3683), and if it is below the current value, nodes would end
 * at once, ignoring disruption budgets. So a change declares the current value; without a change, desired is the autoscaler's.
 *
 * @param current undefined if there is no group yet, or if it is unknown.
 * @returns `writeDesired`: whether desired is written; otherwise AWS keeps its own.
 */
export function scalingConfig(
  config: DesiredNodeGroup,
  current?: CurrentNodeGroup,
): { size: ScalingConfig; writeDesired: boolean } {
  const { min, max } = config;
  const desired = Math.min(Math.max(current?.desired ?? min, min), max);
  return {
    size: { minSize: min, maxSize: max, desiredSize: desired },
    writeDesired: current !== undefined && isChanged(config, current),
  };
}

/** Whether the update changes the sizes, or replaces the group by one that starts with the declared sizes. */
function isChanged(config: DesiredNodeGroup, current: CurrentNodeGroup): boolean {
  const types = groupInstanceTypes(config) ?? [];
  return (
    config.min !== current.min ||
    config.max !== current.max ||
    config.capacity !== current.capacity ||
    types.join() !== current.instanceTypes.join() ||
    areSubnetsChanged(config.network, current.subnetIds)
  );
}

/** The stack's own network has one subnet for each zone, and adding a zone does not change the others. */
function areSubnetsChanged(network: NetworkConfig, subnetIds: readonly string[]): boolean {
  if (!isExistingNetwork(network)) return network.zones !== subnetIds.length;
  return [...network.privateSubnetIds].sort().join() !== [...subnetIds].sort().join();
}

/**
 * Instance types of the node group itself; undefined for a single type, which goes into the launch template. There it can be
 * changed, and EKS replaces node by node. The types of the node group cannot: changing them replaces the group.
 */
export function groupInstanceTypes({ instanceTypes }: NodeGroupConfig): string[] | undefined {
  return instanceTypes.length === 1 ? undefined : [...instanceTypes];
}
