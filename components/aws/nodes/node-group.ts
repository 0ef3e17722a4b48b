import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { NetworkConfig, NodeGroupConfig } from "../../../config/index.ts";
import { groupInstanceTypes, groupSize, type RunningNodes } from "./group-size.ts";
import type { InstanceFacts } from "./instance-types.ts";
import { nodeConfig } from "./node-config.ts";

const POLICIES = "arn:aws:iam::aws:policy";
/** Of the AL2023 image. */
const ROOT_DEVICE = "/dev/xvda";
/** EKS drains a node for 15 minutes at most; the new one starts before that. */
const UPDATE_MINUTES_PER_NODE = 20;
const LEAST_UPDATE_MINUTES = 60;

/** What nodes need of a cluster; any component or imported cluster that has these will do. */
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
  /** Where the config wants the subnets: others make a new group. */
  network: NetworkConfig;
  config: NodeGroupConfig;
  /** AL2023 image of the nodes, for their architecture and the cluster's Kubernetes version. */
  imageId: pulumi.Input<string>;
  /**
   * Whether nodes move to another image when there is one: at a change of the Kubernetes version they should, or they stay
   * on the old one. Where `config.amiRelease` is set they always do.
   * @default false - what AWS recommends changes every few weeks, and no deploy of a service is to roll the nodes
   */
  renewImage?: boolean;
  /** Of `config.instanceTypes`, in their order and of one architecture. */
  instances: readonly InstanceFacts[];
  /**
   * Tags of instances, disks and interfaces; a change rolls the nodes. The provider's default tags do not reach them.
   * @default none
   */
  tags?: Record<string, string>;
  /**
   * The group as it is now.
   * @default - none is there; a change of min above the number of nodes is then refused by EKS, and one of max sets that
   * number back to what it was when it was last written
   */
  running?: RunningNodes | undefined;
}

/** A managed node group of AL2023 nodes with a pod limit of our own. */
export class NodeGroup extends pulumi.ComponentResource {
  readonly group: aws.eks.NodeGroup;
  /** Auto Scaling group behind the node group: what alarms, scaling policies and the load balancer act on. */
  readonly autoScalingGroupName: pulumi.Output<string>;

  constructor(name: string, args: NodeGroupArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:aws:NodeGroup", name, {}, opts);
    // Another architecture is another template and another group: the image, which else is kept, must change with it.
    const generation = `${name}-${args.instances[0]?.architecture}`;

    const role = this.createRole(name);
    const permissions = this.permit(name, role);
    const template = this.createLaunchTemplate(generation, name, args);
    this.group = this.createGroup(generation, args, role, template, [...permissions, ...dependenciesOf(opts)]);

    this.autoScalingGroupName = this.group.resources.apply(autoScalingGroupOf);
    this.registerOutputs({ autoScalingGroupName: this.autoScalingGroupName });
  }

  private createRole(name: string): aws.iam.Role {
    return new aws.iam.Role(
      `${name}-node`,
      {
        assumeRolePolicy: pulumi.jsonStringify({
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" }],
        }),
      },
      { parent: this },
    );
  }

  /** What a node itself does; the CNI's rights are those of its own pods, by Pod Identity. */
  private permit(name: string, role: aws.iam.Role): pulumi.Resource[] {
    const attach = (purpose: string, policy: string) =>
      new aws.iam.RolePolicyAttachment(
        `${name}-node-${purpose}`,
        { role: role.name, policyArn: `${POLICIES}/${policy}` },
        { parent: this },
      );
    return [
      attach("cluster", "AmazonEKSWorkerNodeMinimalPolicy"),
      attach("images", "AmazonEC2ContainerRegistryPullOnly"),
      attach("systems-manager", "AmazonSSMManagedInstanceCore"),
      // Not in the minimal policy, and no node joins without it: it asks EC2 for its own name, and for its type where the
      // image is older than that. Source: https://github.com/awslabs/amazon-eks-ami/blob/main/nodeadm/internal/api/status.go
      new aws.iam.RolePolicy(
        `${name}-node-self`,
        {
          role: role.name,
          policy: pulumi.jsonStringify({
            Version: "2012-10-17",
            Statement: [
              { Effect: "Allow", Action: ["ec2:DescribeInstances", "ec2:DescribeInstanceTypes"], Resource: "*" },
            ],
          }),
        },
        { parent: this },
      ),
    ];
  }

  /** What it may hold: https://docs.aws.amazon.com/eks/latest/userguide/launch-templates.html */
  private createLaunchTemplate(
    generation: string,
    name: string,
    { cluster, config, imageId, renewImage = false, tags = {} }: NodeGroupArgs,
  ): aws.ec2.LaunchTemplate {
    const { instanceTypes, maxPods, diskGiB, amiRelease } = config;
    const { endpoint, certificateAuthority, serviceCidr, securityGroupId } = cluster;
    const userData = pulumi
      .output({ name: cluster.name, endpoint, certificateAuthority, serviceCidr })
      .apply((connection) => Buffer.from(nodeConfig({ cluster: connection, maxPods })).toString("base64"));
    const tagged = { ...tags, Name: name };
    return new aws.ec2.LaunchTemplate(
      generation,
      {
        imageId,
        ...(groupInstanceTypes(config) === undefined && { instanceType: instanceTypes[0] }),
        userData,
        vpcSecurityGroupIds: [securityGroupId],
        // A hop limit of 1 keeps pods away from the node's credentials.
        metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
        // CPU every minute, and not every five: the scaling alarms look at minutes.
        monitoring: { enabled: true },
        blockDeviceMappings: [
          {
            deviceName: ROOT_DEVICE,
            ebs: { volumeType: "gp3", volumeSize: diskGiB, encrypted: "true", deleteOnTermination: "true" },
          },
        ],
        tagSpecifications: ["instance", "volume", "network-interface"].map((resourceType) => ({
          resourceType,
          tags: tagged,
        })),
      },
      { parent: this, ignoreChanges: renewImage || amiRelease !== undefined ? [] : ["imageId"] },
    );
  }

  private createGroup(
    generation: string,
    { cluster, subnetIds, network, config, running }: NodeGroupArgs,
    role: aws.iam.Role,
    template: aws.ec2.LaunchTemplate,
    dependsOn: pulumi.Input<pulumi.Resource>[],
  ): aws.eks.NodeGroup {
    const { size, ours } = groupSize({ ...config, network }, running);
    const instanceTypes = groupInstanceTypes(config);
    const minutes = Math.max(LEAST_UPDATE_MINUTES, UPDATE_MINUTES_PER_NODE * config.max);
    return new aws.eks.NodeGroup(
      generation,
      {
        clusterName: cluster.name,
        nodeRoleArn: role.arn,
        subnetIds,
        ...(instanceTypes && { instanceTypes }),
        capacityType: config.capacity === "spot" ? "SPOT" : "ON_DEMAND",
        launchTemplate: { id: template.id, version: template.latestVersion.apply(String) },
        scalingConfig: size,
        updateConfig: { maxUnavailable: 1 },
        // EC2 sees no fault in a node whose kubelet is dead; EKS does, and replaces it.
        nodeRepairConfig: { enabled: true },
      },
      {
        parent: this,
        dependsOn,
        ignoreChanges: ours ? [] : ["scalingConfig.desiredSize"],
        customTimeouts: { update: `${minutes}m` },
      },
    );
  }
}

/** Said of the group itself too, so that a destroy ends the nodes before what they stand on. */
function dependenciesOf(opts?: pulumi.ComponentResourceOptions): pulumi.Input<pulumi.Resource>[] {
  const { dependsOn = [] } = opts ?? {};
  return Array.isArray(dependsOn) ? dependsOn : [dependsOn as pulumi.Input<pulumi.Resource>];
}

function autoScalingGroupOf(resources: { autoscalingGroups: { name: string }[] }[]): string {
  const name = resources[0]?.autoscalingGroups[0]?.name;
  if (name === undefined) {
    throw new Error("EKS tells of no Auto Scaling group behind the node group. Look at its health in the EKS console.");
  }
  return name;
}
