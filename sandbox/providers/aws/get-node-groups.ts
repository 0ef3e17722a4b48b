import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from "@aws-sdk/client-auto-scaling";
import { DescribeNodegroupCommand, EKSClient, ListNodegroupsCommand } from "@aws-sdk/client-eks";
import { text } from "./props.ts";
import type { AwsFunction } from "./resource.ts";

/** `aws.eks.getNodeGroups`: names of a cluster's node groups. */
export const getNodeGroups: AwsFunction = {
  arguments: { clusterName: { required: true } },
  async invoke(args, aws) {
    const clusterName = text(args, "clusterName");
    const { nodegroups = [] } = await aws.client(EKSClient).send(new ListNodegroupsCommand({ clusterName }));
    return { id: clusterName, clusterName, names: nodegroups };
  },
};

/** `aws.eks.getNodeGroup`. */
export const getNodeGroup: AwsFunction = {
  arguments: { clusterName: { required: true }, nodeGroupName: { required: true } },
  async invoke(args, aws) {
    const [clusterName, nodegroupName] = [text(args, "clusterName"), text(args, "nodeGroupName")];
    const { nodegroup } = await aws
      .client(EKSClient)
      .send(new DescribeNodegroupCommand({ clusterName, nodegroupName }));
    if (!nodegroup) throw new Error(`empty answer for the node group ${clusterName}:${nodegroupName}`);
    return {
      ...args,
      id: `${clusterName}:${nodegroupName}`,
      amiType: nodegroup.amiType,
      arn: nodegroup.nodegroupArn,
      capacityType: nodegroup.capacityType,
      diskSize: nodegroup.diskSize ?? 0,
      instanceTypes: nodegroup.instanceTypes ?? [],
      labels: nodegroup.labels ?? {},
      nodeRoleArn: nodegroup.nodeRole,
      releaseVersion: nodegroup.releaseVersion,
      resources: [
        {
          autoscalingGroups: (nodegroup.resources?.autoScalingGroups ?? []).map(({ name }) => ({ name })),
          remoteAccessSecurityGroupId: nodegroup.resources?.remoteAccessSecurityGroup ?? "",
        },
      ],
      status: nodegroup.status,
      subnetIds: nodegroup.subnets ?? [],
      tags: nodegroup.tags ?? {},
      version: nodegroup.version,
    };
  },
};

/** `aws.autoscaling.getGroup`: an Auto Scaling group's sizes and instances' settings. */
export const getAutoScalingGroup: AwsFunction = {
  arguments: { name: { required: true } },
  async invoke(args, aws) {
    const name = text(args, "name") ?? "";
    const { AutoScalingGroups = [] } = await aws
      .client(AutoScalingClient)
      .send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] }));
    const [group] = AutoScalingGroups;
    if (!group) throw new Error(`no Auto Scaling group is named ${name}`);
    return {
      ...args,
      id: name,
      arn: group.AutoScalingGroupARN,
      availabilityZones: group.AvailabilityZones ?? [],
      defaultCooldown: group.DefaultCooldown,
      desiredCapacity: group.DesiredCapacity,
      healthCheckType: group.HealthCheckType,
      maxSize: group.MaxSize,
      minSize: group.MinSize,
      targetGroupArns: group.TargetGroupARNs ?? [],
      vpcZoneIdentifier: group.VPCZoneIdentifier,
    };
  },
};
