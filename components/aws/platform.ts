import * as pulumi from "@pulumi/pulumi";
import type { EksEnvironment } from "../../config/index.ts";
import { serviceRolePath } from "./access/deploy-policies.ts";
import { DeployRoles } from "./access/deploy-roles.ts";
import { Alerts } from "./alerts/alerts.ts";
import { ClusterAlarms } from "./alerts/cluster-alarms.ts";
import { LoadBalancerAlarms } from "./alerts/load-balancer-alarms.ts";
import { ArtifactsBucket } from "./artifacts-bucket.ts";
import { EksCluster } from "./cluster/cluster.ts";
import { ContainerInsights } from "./cluster/container-insights.ts";
import { NetworkAddons, WorkloadAddons } from "./cluster/eks-addons.ts";
import { EnvironmentKey } from "./kms-key.ts";
import type { AwsAccount } from "./lookup/account.ts";
import { LoadBalancer } from "./network/load-balancer.ts";
import { Network } from "./network/network.ts";
import { Autoscaling } from "./nodes/autoscaling.ts";
import { NodeGroup } from "./nodes/node-group.ts";
import { defaultTags } from "./provider.ts";
import { ImageRepository } from "./registry/image-repository.ts";

/** Port on every node at which the load balancer reaches the ingress controller. */
export const INGRESS_NODE_PORT = 30080;

export interface PlatformArgs {
  environment: EksEnvironment;
  account: AwsAccount;
  /** Availability zones of the VPC that the stack creates, in the order of their subnets' ranges. */
  zones: string[];
  /** Whether nodes move to the image that AWS recommends now: see NodeGroup. */
  updateImage: boolean;
}

/** All AWS resources of an environment: network, cluster, nodes, image repository, access and alerts. */
export class Platform extends pulumi.ComponentResource {
  readonly cluster: EksCluster;
  /** What pods need before they can run: nodes, and the add-ons for DNS and volumes. */
  readonly workloadsReady: pulumi.Resource[];
  /** Undefined if another stack owns it. */
  readonly repository: ImageRepository | undefined;
  readonly vpcCidr: pulumi.Output<string>;
  /** The stack's output `platform`. */
  readonly outputs: Record<string, pulumi.Input<unknown>>;

  private readonly clusterName: string;
  private readonly protection: "data" | "none";

  constructor(name: string, args: PlatformArgs, opts: pulumi.ComponentResourceOptions) {
    super("slipway:aws:Platform", name, {}, opts);
    this.clusterName = args.environment.cluster.name;
    this.protection = args.environment.protect;

    const kmsKey = this.createKmsKey(args);
    const network = this.createNetwork(args, kmsKey);
    const bucket = this.createArtifactsBucket(args, kmsKey);
    const roles = this.createDeployRoles(args, bucket);
    this.repository = this.createImageRepository(args, kmsKey);
    this.cluster = this.createCluster(args, network, kmsKey, roles);
    const nodes = this.createNodes(args, network);
    this.createContainerInsights(args, kmsKey, nodes.group);
    const loadBalancer = this.createLoadBalancer(args, network, nodes.group);
    this.createAlarms(args, kmsKey, nodes.group, loadBalancer);

    this.workloadsReady = [nodes.group, nodes.workloadAddons];
    this.vpcCidr = network.cidr;
    this.outputs = {
      clusterName: this.cluster.name,
      // Resolved after the node group. If the nodes' upgrade fails, the output keeps the old version and the next update retries it.
      kubernetesVersion: pulumi
        .all([this.cluster.cluster.version, nodes.group.group.arn])
        .apply(([version]) => version),
      artifactsBucket: bucket.bucketName,
      ...(args.zones.length > 0 && { zones: args.zones }),
      ...(loadBalancer && { loadBalancer: loadBalancer.dnsName }),
      ...(roles && { deployRole: roles.deployRoleArn }),
      ...(roles?.previewRoleArn && { previewRole: roles.previewRoleArn }),
    };
    this.registerOutputs({});
  }

  private createKmsKey({ environment }: PlatformArgs): EnvironmentKey {
    const { accountId, region } = environment.aws;
    return new EnvironmentKey(this.clusterName, { accountId, region, protect: this.protection }, { parent: this });
  }

  private createNetwork({ environment, zones }: PlatformArgs, kmsKey: EnvironmentKey): Network {
    return new Network(
      this.clusterName,
      {
        clusterName: this.clusterName,
        availabilityZones: zones,
        config: environment.cluster.network,
        kmsKeyArn: kmsKey.arn,
      },
      { parent: this },
    );
  }

  private createArtifactsBucket({ environment }: PlatformArgs, kmsKey: EnvironmentKey): ArtifactsBucket {
    return new ArtifactsBucket(
      this.clusterName,
      { kmsKeyArn: kmsKey.arn, config: environment.artifacts, protect: this.protection },
      { parent: this },
    );
  }

  private createDeployRoles({ environment }: PlatformArgs, bucket: ArtifactsBucket): DeployRoles | undefined {
    const { delivery, aws, registry, images, name, services } = environment;
    if (delivery === undefined) return undefined;
    return new DeployRoles(
      this.clusterName,
      {
        config: delivery,
        stack: name,
        accountId: aws.accountId,
        region: aws.region,
        clusterName: this.clusterName,
        repository: registry.repository,
        registryAccountId: registry.accountId,
        ownsRepository: registry.owner === name,
        builds: images.build,
        serviceRoles: [
          ...services.flatMap(({ chartFields }) => chartFields.serviceAccount?.roleArn ?? []),
          ...(services.some((service) => service.aws !== undefined)
            ? [`arn:aws:iam::${aws.accountId}:role${serviceRolePath(this.clusterName)}*`]
            : []),
        ],
        bucketArn: bucket.bucketArn,
      },
      { parent: this },
    );
  }

  /** One stack owns the repository of all environments; the others refer to it by name. */
  private createImageRepository({ environment }: PlatformArgs, kmsKey: EnvironmentKey): ImageRepository | undefined {
    const { registry, name, knownServices } = environment;
    if (registry.owner !== name) return undefined;
    return new ImageRepository(
      registry.repository,
      { config: registry, services: knownServices, kmsKeyArn: kmsKey.arn, protect: this.protection },
      { parent: this },
    );
  }

  private createCluster(
    { environment }: PlatformArgs,
    network: Network,
    kmsKey: EnvironmentKey,
    roles: DeployRoles | undefined,
  ): EksCluster {
    return new EksCluster(
      this.clusterName,
      {
        clusterName: this.clusterName,
        config: environment.cluster,
        network: { subnetIds: network.controlPlaneSubnetIds },
        kmsKeyArn: kmsKey.arn,
        protect: this.protection,
        ...(roles && { deployRoleArn: roles.deployRoleArn }),
        ...(roles?.previewRoleArn && { previewRoleArn: roles.previewRoleArn }),
      },
      { parent: this },
    );
  }

  /** The node group between the EKS add-ons that it needs and those that need it. */
  private createNodes(
    { environment, account, updateImage }: PlatformArgs,
    network: Network,
  ): { group: NodeGroup; workloadAddons: WorkloadAddons } {
    const { cluster, clusterName } = this;
    const { addonVersions: versions, network: networkConfig, nodeGroup } = environment.cluster;
    const containerInsights = environment.cluster.containerInsights !== undefined;
    const networkAddons = new NetworkAddons(clusterName, { cluster, versions, containerInsights }, { parent: this });
    const group = new NodeGroup(
      clusterName,
      {
        cluster,
        subnetIds: network.nodeSubnetIds,
        network: networkConfig,
        config: nodeGroup,
        imageId: account.imageId,
        updateImage,
        architecture: account.instanceTypes[0]?.architecture ?? "x86_64",
        tags: defaultTags(environment),
        current: account.nodeGroup,
      },
      { parent: this, dependsOn: networkAddons },
    );
    const workloadAddons = new WorkloadAddons(clusterName, { cluster, versions }, { parent: this, dependsOn: group });
    return { group, workloadAddons };
  }

  /** Nothing waits for it: a service runs without it. */
  private createContainerInsights({ environment }: PlatformArgs, kmsKey: EnvironmentKey, nodes: NodeGroup): void {
    const { containerInsights, addonVersions } = environment.cluster;
    if (containerInsights === undefined) return;
    new ContainerInsights(
      this.clusterName,
      {
        clusterName: this.clusterName,
        config: containerInsights,
        version: addonVersions.cloudWatchObservability,
        kmsKeyArn: kmsKey.arn,
        protect: this.protection,
      },
      { parent: this, dependsOn: [this.cluster, nodes] },
    );
  }

  private createLoadBalancer(
    { environment }: PlatformArgs,
    network: Network,
    nodes: NodeGroup,
  ): LoadBalancer | undefined {
    if (!environment.addons.traefik.enabled) return undefined;
    return new LoadBalancer(
      this.clusterName,
      {
        network,
        config: environment.loadBalancer,
        nodePort: INGRESS_NODE_PORT,
        nodeSecurityGroupId: this.cluster.securityGroupId,
        autoScalingGroupName: nodes.autoScalingGroupName,
        protect: this.protection,
      },
      { parent: this },
    );
  }

  private createAlarms(
    { environment }: PlatformArgs,
    kmsKey: EnvironmentKey,
    nodes: NodeGroup,
    loadBalancer: LoadBalancer | undefined,
  ): void {
    const { autoScalingGroupName } = nodes;
    const { email } = environment.alerts;
    const alerts = new Alerts(
      this.clusterName,
      { kmsKeyArn: kmsKey.arn, email, autoScalingGroupName },
      { parent: this },
    );
    new Autoscaling(
      this.clusterName,
      { autoScalingGroupName, config: environment.cluster.nodeGroup, topicArn: alerts.topicArn },
      { parent: this },
    );
    new ClusterAlarms(
      this.clusterName,
      {
        clusterName: this.cluster.name,
        config: environment.alerts,
        containerInsights: environment.cluster.containerInsights !== undefined,
        topicArn: alerts.topicArn,
      },
      { parent: this },
    );
    if (loadBalancer === undefined) return;
    new LoadBalancerAlarms(
      this.clusterName,
      { dimensions: loadBalancer.metricDimensions, config: environment.alerts, topicArn: alerts.topicArn },
      { parent: this },
    );
  }
}
