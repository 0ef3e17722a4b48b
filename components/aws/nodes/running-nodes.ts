import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { Fault } from "../../../config/index.ts";
import type { RunningNodes } from "./group-size.ts";

const CREATE_FAILED = "CREATE_FAILED";

export interface NodeGroups {
  /** The one with most nodes while one replaces another; undefined if there is none, or no cluster yet. */
  running: RunningNodes | undefined;
  /** Names of those that EKS could not make. */
  failed: string[];
}

/**
 * Looks up the node groups of this program as they are now.
 *
 * @param name of the component that declares them, see node-group.ts.
 * @throws the provider's error if AWS cannot be asked.
 */
export async function readNodeGroups(
  name: string,
  clusterName: string,
  provider: pulumi.ProviderResource,
): Promise<NodeGroups> {
  const names = await groupNames(clusterName, provider);
  const ours = names.filter((group) => group.startsWith(`${name}-`));
  const groups = await Promise.all(
    ours.map((nodeGroupName) => aws.eks.getNodeGroup({ clusterName, nodeGroupName }, { provider })),
  );
  const failed = groups.filter(({ status }) => status === CREATE_FAILED);
  const running = await Promise.all(
    groups.filter((group) => !failed.includes(group)).map((group) => sizesOf(group, provider)),
  );
  return {
    running: running.filter((group) => group !== undefined).sort((a, b) => b.desired - a.desired)[0],
    failed: failed.map(({ nodeGroupName }) => nodeGroupName),
  };
}

/**
 * Why nothing may go on with a group that could not be made. EKS never takes it up again, and Pulumi counts as made whatever
 * has a name: the next update would build on it, and take away the group that it was to replace.
 */
export function failedGroupFaults(clusterName: string, failed: readonly string[]): Fault[] {
  return failed.map((group) => {
    const named = `--cluster-name ${clusterName} --nodegroup-name ${group}`;
    const message =
      `the node group ${group} could not be made, and stays so. See why: aws eks describe-nodegroup ${named} --query ` +
      `nodegroup.health. Mend that, delete it (aws eks delete-nodegroup ${named}; aws eks wait nodegroup-deleted ${named}), ` +
      "run pulumi refresh, and then this again";
    return { path: ["cluster", "nodeGroup"], message };
  });
}

async function groupNames(clusterName: string, provider: pulumi.ProviderResource): Promise<string[]> {
  try {
    return (await aws.eks.getNodeGroups({ clusterName }, { provider })).names;
  } catch (error) {
    if (/ResourceNotFoundException|No cluster found/.test(String(error))) return [];
    throw error;
  }
}

async function sizesOf(
  group: aws.eks.GetNodeGroupResult,
  provider: pulumi.ProviderResource,
): Promise<RunningNodes | undefined> {
  const name = group.resources[0]?.autoscalingGroups[0]?.name;
  // None while it is being made or taken away.
  if (name === undefined) return undefined;
  // Asked itself: what EKS tells of it may be out of date.
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
