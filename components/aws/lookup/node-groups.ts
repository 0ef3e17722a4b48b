import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { Fault } from "../../../config/index.ts";
import type { CurrentNodeGroup } from "../nodes/scaling-config.ts";

const CREATE_FAILED = "CREATE_FAILED";

export interface NodeGroups {
  /** While one group replaces another, the one with more nodes. Undefined if there is none, or no cluster yet. */
  current: CurrentNodeGroup | undefined;
  /** Names of the groups that EKS failed to create. */
  failed: string[];
}

/**
 * The node groups of this program as AWS has them now.
 *
 * @param name of the component that declares them, see node-group.ts.
 * @throws the provider's error if AWS cannot be reached.
 */
export async function lookUpNodeGroups(
  name: string,
  clusterName: string,
  provider: pulumi.ProviderResource,
): Promise<NodeGroups> {
  const names = await nodeGroupNames(clusterName, provider);
  const declaredHere = names.filter((group) => group.startsWith(`${name}-`));
  const groups = await Promise.all(
    declaredHere.map((nodeGroupName) => aws.eks.getNodeGroup({ clusterName, nodeGroupName }, { provider })),
  );
  const failed = groups.filter(({ status }) => status === CREATE_FAILED);
  const running = await Promise.all(
    groups.filter((group) => !failed.includes(group)).map((group) => currentNodeGroup(group, provider)),
  );
  return {
    current: running.filter((group) => group !== undefined).sort((a, b) => b.desired - a.desired)[0],
    failed: failed.map(({ nodeGroupName }) => nodeGroupName),
  };
}

/**
 * Refuses an update while a node group in CREATE_FAILED exists. EKS never retries it, and Pulumi has it in its state as created:
 * the next update would build on it and delete the group that it was to replace.
 */
export function failedNodeGroupFaults(clusterName: string, failed: readonly string[]): Fault[] {
  return failed.map((group) => {
    const options = `--cluster-name ${clusterName} --nodegroup-name ${group}`;
    const message =
      `EKS failed to create the node group ${group} and does not retry. See why: aws eks describe-nodegroup ${options} --query ` +
      `nodegroup.health. Fix that, delete the group (aws eks delete-nodegroup ${options}; aws eks wait nodegroup-deleted ` +
      `${options}), run pulumi refresh, and update again`;
    return { path: ["cluster", "nodeGroup"], message, hideValue: true };
  });
}

async function nodeGroupNames(clusterName: string, provider: pulumi.ProviderResource): Promise<string[]> {
  try {
    return (await aws.eks.getNodeGroups({ clusterName }, { provider })).names;
  } catch (error) {
    if (/ResourceNotFoundException|No cluster found/.test(String(error))) return [];
    throw error;
  }
}

async function currentNodeGroup(
  group: aws.eks.GetNodeGroupResult,
  provider: pulumi.ProviderResource,
): Promise<CurrentNodeGroup | undefined> {
  const name = group.resources[0]?.autoscalingGroups[0]?.name;
  // EKS lists none while it creates or deletes the node group.
  if (name === undefined) return undefined;
  // From the Auto Scaling group itself, because EKS's copy of its sizes may be out of date.
  const { minSize, maxSize, desiredCapacity } = await aws.autoscaling.getGroup({ name }, { provider });
  return {
    min: minSize,
    max: maxSize,
    desired: desiredCapacity,
    instanceTypes: group.instanceTypes ?? [],
    capacity: group.capacityType === "SPOT" ? "spot" : "on-demand",
    subnetIds: group.subnetIds,
  };
}
