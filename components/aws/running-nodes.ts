import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { RunningNodes } from "./group-size.ts";

/**
 * Looks up a node group of this program as it is now; the one with most nodes while one replaces another.
 *
 * @param name of the component that declares it, see node-group.ts.
 * @returns undefined if there is none, or no cluster yet.
 * @throws the provider's error if AWS cannot be asked.
 */
export async function readRunningNodes(
  name: string,
  clusterName: string,
  provider: pulumi.ProviderResource,
): Promise<RunningNodes | undefined> {
  const names = await groupNames(clusterName, provider);
  const ours = names.filter((group) => group.startsWith(`${name}-`));
  const groups = await Promise.all(ours.map((group) => readGroup(clusterName, group, provider)));
  return groups.filter((group) => group !== undefined).sort((a, b) => b.desired - a.desired)[0];
}

async function groupNames(clusterName: string, provider: pulumi.ProviderResource): Promise<string[]> {
  try {
    return (await aws.eks.getNodeGroups({ clusterName }, { provider })).names;
  } catch (error) {
    if (/ResourceNotFoundException|No cluster found/.test(String(error))) return [];
    throw error;
  }
}

async function readGroup(
  clusterName: string,
  nodeGroupName: string,
  provider: pulumi.ProviderResource,
): Promise<RunningNodes | undefined> {
  const group = await aws.eks.getNodeGroup({ clusterName, nodeGroupName }, { provider });
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
  };
}
