import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { NetworkConfig, NodeGroupConfig } from "../../../config/index.ts";
import { assumeRolePolicy } from "../access/assume-role-policy.ts";
import { policyJson } from "../access/iam-policy.ts";
import type { InstanceType } from "./instance-type.ts";
import { nodeConfig } from "./node-config.ts";
import { type CurrentNodeGroup, groupInstanceTypes, scalingConfig } from "./scaling-config.ts";

/** Root device of the AL2023 image. */
const ROOT_DEVICE = "/dev/xvda";
/** EKS drains a node for up to 15 minutes, after its replacement has started. */
const UPDATE_MINUTES_PER_NODE = 20;
const MIN_UPDATE_MINUTES = 60;

/** What nodes need of a cluster; any component or imported cluster with these properties will do. */
export interface NodeGroupCluster {
  name: pulumi.Output<string>;
  /** URL of the API. */
  endpoint: pulumi.Output<string>;
  /** Base64 PEM, as EKS returns it. */
  certificateAuthority: pulumi.Output<string>;
  serviceCidr: pulumi.Output<string>;
  /** Security group that lets nodes and control plane reach each other. */
  securityGroupId: pulumi.Output<string>;
}

export interface NodeGroupArgs {
  cluster: NodeGroupCluster;
  subnetIds: pulumi.Input<pulumi.Input<string>[]>;
  /** Network in the config; other subnets replace the group. */
  network: NetworkConfig;
  config: NodeGroupConfig;
  /** AL2023 image of the nodes, for their architecture and the cluster's Kubernetes version. */
  imageId: pulumi.Input<string>;
  /**
   * Whether nodes move to `imageId` if they have another image. Needed when the Kubernetes version changes, because the image
   * contains the kubelet. With `config.amiRelease` they always move.
   *
   * @default false - the image that AWS recommends changes every few weeks, and deploying a service must not replace nodes
   */
  updateImage?: boolean;
  /** Of all `config.instanceTypes`. */
  architecture: InstanceType["architecture"];
  /**
   * Tags of instances, disks and network interfaces, which the provider's default tags do not reach. A change replaces the nodes.
   *
   * @default none
   */
  tags?: Record<string, string>;
  /**
   * The group as AWS has it now.
   *
   * @default - no group: EKS then refuses a min above the number of nodes, and a change of max resets that number to the one
   * declared last
   */
  current?: CurrentNodeGroup | undefined;
}

/** A managed node group of AL2023 nodes with our own limit of pods. */
export class NodeGroup extends pulumi.ComponentResource {
  readonly group: aws.eks.NodeGroup;
  /** Auto Scaling group of the node group: what alarms, scaling policies and the load balancer act on. */
  readonly autoScalingGroupName: pulumi.Output<string>;

  constructor(name: string, args: NodeGroupArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:aws:NodeGroup", name, {}, opts);
    // Another architecture needs another image, which ignoreChanges would keep: so it gets a new template and a new group.
    const architectureName = `${name}-${args.architecture}`;

    const role = this.createRole(name);
    const rolePolicies = this.attachPolicies(name, role);
    const template = this.createLaunchTemplate(architectureName, name, args);
    this.group = this.createGroup(architectureName, args, role, template, [...rolePolicies, ...dependenciesOf(opts)]);

    this.autoScalingGroupName = this.group.resources.apply(autoScalingGroupNameOf);
    this.registerOutputs({ autoScalingGroupName: this.autoScalingGroupName });
  }

  private createRole(name: string): aws.iam.Role {
    return new aws.iam.Role(
      `${name}-node`,
      { assumeRolePolicy: assumeRolePolicy({ principal: { Service: "ec2.amazonaws.com" } }) },
      { parent: this },
    );
  }

  /** What the node itself does. The CNI has a role of its own, by EKS Pod Identity. */
  private attachPolicies(name: string, role: aws.iam.Role): pulumi.Resource[] {
    const attach = (purpose: string, policy: string) =>
      new aws.iam.RolePolicyAttachment(
        `${name}-node-${purpose}`,
        { role: role.name, policyArn: `arn:aws:iam::aws:policy/${policy}` },
        { parent: this },
      );
    return [
      attach("cluster", "AmazonEKSWorkerNodeMinimalPolicy"),
      attach("images", "AmazonEC2ContainerRegistryPullOnly"),
      attach("systems-manager", "AmazonSSMManagedInstanceCore"),
      // Missing in the minimal policy, and without it no node joins: a node asks EC2 for its own name, and for its type if that
      // is newer than the image. Source: https://github.com/awslabs/amazon-eks-ami/blob/main/nodeadm/internal/api/status.go
      new aws.iam.RolePolicy(
        `${name}-node-self`,
        {
          role: role.name,
          policy: policyJson({
            Effect: "Allow",
            Action: ["ec2:DescribeInstances", "ec2:DescribeInstanceTypes"],
            Resource: "*",
          }),
        },
        { parent: this },
      ),
    ];
  }

  /** What a managed node group's template may contain: https://docs.aws.amazon.com/eks/latest/userguide/launch-templates.html */
  private createLaunchTemplate(
    architectureName: string,
    name: string,
    { cluster, config, imageId, updateImage = false, tags = {} }: NodeGroupArgs,
  ): aws.ec2.LaunchTemplate {
    const { instanceTypes, maxPods, diskGiB, amiRelease } = config;
    const { endpoint, certificateAuthority, serviceCidr, securityGroupId } = cluster;
    const userData = pulumi
      .output({ name: cluster.name, endpoint, certificateAuthority, serviceCidr })
      .apply((resolved) => Buffer.from(nodeConfig({ cluster: resolved, maxPods })).toString("base64"));
    return new aws.ec2.LaunchTemplate(
      architectureName,
      {
        imageId,
        ...(groupInstanceTypes(config) === undefined && { instanceType: instanceTypes[0] }),
        userData,
        vpcSecurityGroupIds: [securityGroupId],
        // A hop limit of 1 keeps pods away from the node's credentials.
        metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
        // CPU every minute instead of every five: the scaling alarms evaluate minutes.
        monitoring: { enabled: true },
        blockDeviceMappings: [
          {
            deviceName: ROOT_DEVICE,
            ebs: { volumeType: "gp3", volumeSize: diskGiB, encrypted: "true", deleteOnTermination: "true" },
          },
        ],
        tagSpecifications: ["instance", "volume", "network-interface"].map((resourceType) => ({
          resourceType,
          tags: { ...tags, Name: name },
        })),
      },
      { parent: this, ignoreChanges: updateImage || amiRelease !== undefined ? [] : ["imageId"] },
    );
  }

  private createGroup(
    architectureName: string,
    { cluster, subnetIds, network, config, current }: NodeGroupArgs,
    role: aws.iam.Role,
    template: aws.ec2.LaunchTemplate,
    dependsOn: pulumi.Input<pulumi.Resource>[],
  ): aws.eks.NodeGroup {
    const { size, writeDesired } = scalingConfig({ ...config, network }, current);
    const instanceTypes = groupInstanceTypes(config);
    const updateMinutes = Math.max(MIN_UPDATE_MINUTES, UPDATE_MINUTES_PER_NODE * config.max);
    return new aws.eks.NodeGroup(
      architectureName,
      {
        clusterName: cluster.name,
        nodeRoleArn: role.arn,
        subnetIds,
        ...(instanceTypes && { instanceTypes }),
        capacityType: config.capacity === "spot" ? "SPOT" : "ON_DEMAND",
        launchTemplate: { id: template.id, version: template.latestVersion.apply(String) },
        scalingConfig: size,
        updateConfig: { maxUnavailable: 1 },
        // Replaces nodes whose kubelet is dead; to EC2 they look healthy.
        nodeRepairConfig: { enabled: true },
      },
      {
        parent: this,
        dependsOn,
        ignoreChanges: writeDesired ? [] : ["scalingConfig.desiredSize"],
        customTimeouts: { update: `${updateMinutes}m` },
      },
    );
  }
}

/** Repeated on the group itself, so that a destroy deletes the nodes before the network add-ons. */
function dependenciesOf(opts?: pulumi.ComponentResourceOptions): pulumi.Input<pulumi.Resource>[] {
  const { dependsOn = [] } = opts ?? {};
  return Array.isArray(dependsOn) ? dependsOn : [dependsOn as pulumi.Input<pulumi.Resource>];
}

function autoScalingGroupNameOf(resources: { autoscalingGroups: { name: string }[] }[]): string {
  const name = resources[0]?.autoscalingGroups[0]?.name;
  if (name === undefined) {
    throw new Error(
      "EKS reports no Auto Scaling group for the node group. Look at the group's health in the EKS console.",
    );
  }
  return name;
}
