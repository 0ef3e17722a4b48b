import * as pulumi from "@pulumi/pulumi";
import type { EksEnvironment } from "../../config/index.ts";
import { DeployRoles } from "./access/deploy-role.ts";
import { Alerts } from "./alerts/alerts.ts";
import { ArtifactsBucket } from "./artifacts-bucket.ts";
import { EksCluster } from "./cluster/cluster.ts";
import { NetworkAddons, WorkloadAddons } from "./cluster/core-addons.ts";
import { EnvironmentKey } from "./cluster/key.ts";
import type { AccountFacts } from "./lookup/lookup.ts";
import { LoadBalancer } from "./network/load-balancer.ts";
import { Network } from "./network/network.ts";
import { Autoscaling } from "./nodes/autoscaling.ts";
import { NodeGroup } from "./nodes/node-group.ts";
import { defaultTags } from "./provider.ts";
import { ImageRepository } from "./registry/repository.ts";

/** Port on every node at which the load balancer reaches the ingress controller. */
export const INGRESS_NODE_PORT = 30080;

export interface PlatformArgs {
  environment: EksEnvironment;
  facts: AccountFacts;
  /** Whether nodes move to the image that AWS recommends now: see NodeGroup. */
  renewImage: boolean;
}

/** All that an environment has in AWS: network, cluster, nodes, and what watches over them. */
export class Platform extends pulumi.ComponentResource {
  readonly cluster: EksCluster;
  /** What pods need before they can run: nodes, and the add-ons that give them names and volumes. */
  readonly workloadsReady: pulumi.Resource[];
  /** Undefined where another stack owns it. */
  readonly repository: ImageRepository | undefined;
  readonly vpcCidr: pulumi.Output<string>;
  /** For the stack's outputs. */
  readonly outputs: Record<string, pulumi.Input<unknown>>;

  constructor(name: string, args: PlatformArgs, opts: pulumi.ComponentResourceOptions) {
    super("slipway:aws:Platform", name, {}, opts);
    const { environment, facts, renewImage } = args;
    const { cluster: config, protect } = environment;
    const { accountId, region } = environment.aws;
    const clusterName = config.name;
    const inside = { parent: this };

    const key = new EnvironmentKey(clusterName, { accountId, region, protect }, inside);
    const network = new Network(
      clusterName,
      { clusterName, zones: facts.zones, config: config.network, logGroupKeyArn: key.arn },
      inside,
    );
    const bucket = new ArtifactsBucket(
      clusterName,
      { keyArn: key.arn, config: environment.artifacts, protect },
      inside,
    );
    const roles = this.createDeployRoles(args, clusterName, bucket);
    this.repository = this.createRepository(args, key);

    const cluster = new EksCluster(
      clusterName,
      {
        clusterName,
        config,
        network: { subnetIds: network.controlPlaneSubnetIds },
        keyArn: key.arn,
        protect,
        ...(roles && { deployRoleArn: roles.deployRoleArn, previewRoleArn: roles.previewRoleArn }),
      },
      inside,
    );
    const versions = config.addonVersions;
    const networkAddons = new NetworkAddons(clusterName, { cluster, versions }, inside);
    const nodes = new NodeGroup(
      clusterName,
      {
        cluster,
        subnetIds: network.nodeSubnetIds,
        network: config.network,
        config: config.nodeGroup,
        imageId: facts.imageId,
        renewImage,
        instances: facts.instances,
        tags: defaultTags(environment),
        running: facts.runningNodes,
      },
      { ...inside, dependsOn: networkAddons },
    );
    const workloadAddons = new WorkloadAddons(clusterName, { cluster, versions }, { ...inside, dependsOn: nodes });
    const balancer = this.createLoadBalancer(args, clusterName, network, cluster, nodes);
    this.watchNodes(args, clusterName, key, nodes);

    this.cluster = cluster;
    this.workloadsReady = [nodes, workloadAddons];
    this.vpcCidr = network.cidr;
    this.outputs = {
      clusterName: cluster.name,
      // Known once the nodes have followed: until then they are still to be moved (see renewImage).
      kubernetesVersion: pulumi.all([cluster.cluster.version, nodes.group.arn]).apply(([version]) => version),
      artifactsBucket: bucket.bucketName,
      ...(balancer && { loadBalancer: balancer.dnsName }),
      ...(roles && { deployRole: roles.deployRoleArn, previewRole: roles.previewRoleArn }),
    };
    this.registerOutputs({});
  }

  /** The one repository of all environments belongs to one stack; the others only refer to it. */
  private createRepository({ environment }: PlatformArgs, key: EnvironmentKey): ImageRepository | undefined {
    const { registry, name, knownServices, protect } = environment;
    if (registry.owner !== name) return undefined;
    return new ImageRepository(
      registry.repository,
      { config: registry, services: knownServices, keyArn: key.arn, protect },
      { parent: this },
    );
  }

  private createDeployRoles(
    { environment }: PlatformArgs,
    clusterName: string,
    bucket: ArtifactsBucket,
  ): DeployRoles | undefined {
    if (environment.delivery === undefined) return undefined;
    const { accountId, region } = environment.aws;
    return new DeployRoles(
      clusterName,
      {
        config: environment.delivery,
        stack: environment.name,
        accountId,
        region,
        clusterName,
        repository: environment.registry.repository,
        registryAccountId: environment.registry.accountId,
        ownsRepository: environment.registry.owner === environment.name,
        builds: environment.images.build,
        bucketArn: bucket.bucketArn,
      },
      { parent: this },
    );
  }

  private createLoadBalancer(
    { environment }: PlatformArgs,
    clusterName: string,
    network: Network,
    cluster: EksCluster,
    nodes: NodeGroup,
  ): LoadBalancer | undefined {
    if (!environment.addons.traefik.enabled) return undefined;
    return new LoadBalancer(
      clusterName,
      {
        network,
        config: environment.loadBalancer,
        nodePort: INGRESS_NODE_PORT,
        nodeSecurityGroupId: cluster.securityGroupId,
        autoScalingGroupName: nodes.autoScalingGroupName,
        protect: environment.protect,
      },
      { parent: this },
    );
  }

  private watchNodes({ environment }: PlatformArgs, clusterName: string, key: EnvironmentKey, nodes: NodeGroup): void {
    const { autoScalingGroupName } = nodes;
    const { email } = environment.alerts;
    const alerts = new Alerts(clusterName, { keyArn: key.arn, email, autoScalingGroupName }, { parent: this });
    new Autoscaling(
      clusterName,
      { autoScalingGroupName, config: environment.cluster.nodeGroup, topicArn: alerts.topicArn },
      { parent: this },
    );
  }
}
