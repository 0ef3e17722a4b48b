import {
  AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  UpdateAutoScalingGroupCommand,
} from "@aws-sdk/client-auto-scaling";
import {
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  DeleteLaunchTemplateCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PropertyMap } from "../../providers/protocol/value.ts";
import { createNetwork, deleteNetwork, type EksNetwork, roleFor } from "./eks-network.ts";
import { deleteAll, EmulatedResource, emulated, unique } from "./emulated-resource.ts";

const ec2 = emulated.client(EC2Client);
const clusterName = unique("test");
let network: EksNetwork;
let clusterRole = "";
let cluster: EmulatedResource;

beforeAll(async () => {
  network = await createNetwork();
  clusterRole = await roleFor("eks.amazonaws.com");
  cluster = await EmulatedResource.create("aws:eks/cluster:Cluster", {
    name: clusterName,
    roleArn: clusterRole,
    version: "1.35",
    accessConfig: { authenticationMode: "API", bootstrapClusterCreatorAdminPermissions: false },
    encryptionConfig: { provider: { keyArn: "arn:aws:kms:ap-northeast-2:1:key/1" }, resources: ["secrets"] },
    kubernetesNetworkConfig: { serviceIpv4Cidr: "172.20.0.0/16" },
    upgradePolicy: { supportType: "STANDARD" },
    vpcConfig: { subnetIds: network.subnetIds },
  });
});

afterAll(async () => {
  await deleteAll();
  await deleteNetwork(network);
});

describe("a node group", () => {
  let LaunchTemplateId = "";
  let given: PropertyMap;
  let group: EmulatedResource;
  const launchTemplate = (version: string): PropertyMap => ({ id: LaunchTemplateId, version });

  beforeAll(async () => {
    const LaunchTemplateName = unique("test");
    const LaunchTemplateData = { ImageId: "ami-0123456789abcdef0", InstanceType: "t3.medium" } as const;
    const made = await ec2.send(new CreateLaunchTemplateCommand({ LaunchTemplateName, LaunchTemplateData }));
    LaunchTemplateId = made.LaunchTemplate?.LaunchTemplateId ?? "";
    const next = { ...LaunchTemplateData, ImageId: "ami-0123456789abcdef1" };
    await ec2.send(new CreateLaunchTemplateVersionCommand({ LaunchTemplateId, LaunchTemplateData: next }));
    given = {
      clusterName,
      nodeRoleArn: await roleFor("ec2.amazonaws.com"),
      subnetIds: network.subnetIds,
      capacityType: "ON_DEMAND",
      launchTemplate: launchTemplate("1"),
      nodeRepairConfig: { enabled: true },
      scalingConfig: { minSize: 2, maxSize: 4, desiredSize: 2 },
      updateConfig: { maxUnavailable: 1 },
      tags: { a: "1" },
    };
    group = await EmulatedResource.create("aws:eks/nodeGroup:NodeGroup", given);
  });

  afterAll(async () => {
    await group.delete();
    await ec2.send(new DeleteLaunchTemplateCommand({ LaunchTemplateId }));
  });

  const autoScalingGroup = async () => {
    const [{ autoscalingGroups }] = group.state.resources as [{ autoscalingGroups: { name: string }[] }];
    const AutoScalingGroupNames = autoscalingGroups.map(({ name }) => name);
    const request = new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames });
    return (await emulated.client(AutoScalingClient).send(request)).AutoScalingGroups?.[0];
  };

  test("has an Auto Scaling group, and keeps its cluster from being deleted", async () => {
    expect(group.id).toBe(`${clusterName}:${group.state.nodeGroupName}`);
    expect(await autoScalingGroup()).toMatchObject({ MinSize: 2, MaxSize: 4, DesiredCapacity: 2 });
    await expect(cluster.delete()).rejects.toThrow(/nodegroups attached/);
  });

  test("is changed in place", async () => {
    given = {
      ...given,
      launchTemplate: launchTemplate("2"),
      scalingConfig: { minSize: 2, maxSize: 6, desiredSize: 3 },
      nodeRepairConfig: { enabled: false },
      updateConfig: { maxUnavailable: 2 },
      tags: { b: "2" },
    };
    await group.update(given);
    expect(await autoScalingGroup()).toMatchObject({ MinSize: 2, MaxSize: 6, DesiredCapacity: 3 });
  });

  test("shows nodes that were added elsewhere", async () => {
    const AutoScalingGroupName = (await autoScalingGroup())?.AutoScalingGroupName;
    const request = new UpdateAutoScalingGroupCommand({ AutoScalingGroupName, DesiredCapacity: 5 });
    await emulated.client(AutoScalingClient).send(request);
    await group.refresh();
    expect(await group.diff(given)).toEqual(["update scalingConfig.desiredSize"]);
  });

  test("needs a new one for other subnets, another role or template", async () => {
    const plan = (over: PropertyMap) => group.diff({ ...given, ...over });
    expect(await plan({ subnetIds: network.subnetIds.slice(1) })).toContain("delete subnetIds[0]!");
    expect(await plan({ nodeRoleArn: clusterRole })).toContain("update nodeRoleArn!");
    expect(await plan({ launchTemplate: { id: "lt-0other", version: "2" } })).toContain("update launchTemplate.id!");
  });
});
