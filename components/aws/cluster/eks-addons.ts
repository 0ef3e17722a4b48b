import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { EksClusterConfig } from "../../../config/index.ts";
import { podRole } from "../access/pod-role.ts";
import { createAddon } from "./eks-addon.ts";

/** Namespace of the EKS add-ons. */
const NAMESPACE = "kube-system";
const COREDNS_REPLICAS = 2;
/**
 * Volume attachments of a node that pods cannot use: one is the root volume, and on many instance types network interfaces share
 * the limit. With prefix delegation, 110 pods need two more interfaces at most, even on a t3.small.
 */
const RESERVED_VOLUME_ATTACHMENTS = 3;

export interface EksAddonsArgs {
  cluster: { name: pulumi.Input<string>; arn: pulumi.Input<string> };
  /** @default - EKS's default version on the day an add-on is created, kept until a version is set */
  versions?: EksClusterConfig["addonVersions"];
  /** Whether Container Insights is installed: see container-insights.ts. @default false */
  containerInsights?: boolean;
}

/**
 * EKS add-ons that a node needs to become ready: pod addresses, Services and pod credentials. Create them before the nodes and
 * delete them after: only the CNI releases the network interfaces that it attaches to nodes.
 *
 * The pod roles of all EKS add-ons are here. EKS applies a pod identity association some seconds late, and a pod that starts
 * before never gets credentials (https://github.com/aws/containers-roadmap/issues/2507). No pod starts before the nodes.
 */
export class NetworkAddons extends pulumi.ComponentResource {
  constructor(
    name: string,
    { cluster, versions, containerInsights = false }: EksAddonsArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("slipway:aws:NetworkAddons", name, {}, opts);

    const agent = this.createPodIdentityAgent(name, cluster, versions);
    this.createKubeProxy(name, cluster, versions);
    const cniPermissions = this.createPodPermissions(`${name}-vpc-cni`, cluster, {
      serviceAccount: "aws-node",
      policyArn: "arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy",
    });
    if (containerInsights) {
      this.createPodPermissions(`${name}-cloudwatch`, cluster, {
        namespace: "amazon-cloudwatch",
        serviceAccount: "cloudwatch-agent",
        policyArn: "arn:aws:iam::aws:policy/CloudWatchAgentServerPolicy",
      });
    }
    this.createPodPermissions(`${name}-ebs-csi`, cluster, {
      serviceAccount: "ebs-csi-controller-sa",
      policyArn: "arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy",
    });
    this.createVpcCni(name, cluster, versions, [...cniPermissions, agent]);

    this.registerOutputs({});
  }

  private createPodIdentityAgent(
    name: string,
    cluster: EksAddonsArgs["cluster"],
    versions: EksAddonsArgs["versions"],
  ): aws.eks.Addon {
    return createAddon(
      `${name}-pod-identity-agent`,
      { clusterName: cluster.name, addonName: "eks-pod-identity-agent", addonVersion: versions?.podIdentityAgent },
      { parent: this },
    );
  }

  private createKubeProxy(
    name: string,
    cluster: EksAddonsArgs["cluster"],
    versions: EksAddonsArgs["versions"],
  ): aws.eks.Addon {
    return createAddon(
      `${name}-kube-proxy`,
      { clusterName: cluster.name, addonName: "kube-proxy", addonVersion: versions?.kubeProxy },
      { parent: this },
    );
  }

  private createVpcCni(
    name: string,
    cluster: EksAddonsArgs["cluster"],
    versions: EksAddonsArgs["versions"],
    dependsOn: pulumi.Resource[],
  ): aws.eks.Addon {
    return createAddon(
      `${name}-vpc-cni`,
      {
        clusterName: cluster.name,
        addonName: "vpc-cni",
        addonVersion: versions?.vpcCni,
        // Source: https://docs.aws.amazon.com/eks/latest/userguide/cni-increase-ip-addresses.html and cni-network-policy.html
        configurationValues: JSON.stringify({
          enableNetworkPolicy: "true",
          env: { ENABLE_PREFIX_DELEGATION: "true", WARM_PREFIX_TARGET: "1" },
        }),
      },
      { parent: this, dependsOn },
    );
  }

  private createPodPermissions(
    name: string,
    cluster: EksAddonsArgs["cluster"],
    {
      namespace = NAMESPACE,
      serviceAccount,
      policyArn,
    }: { namespace?: string; serviceAccount: string; policyArn: string },
  ): pulumi.Resource[] {
    const account = { namespace, serviceAccount };
    const role = podRole(name, { clusterArn: cluster.arn, ...account }, { parent: this });
    return [
      new aws.iam.RolePolicyAttachment(name, { role: role.name, policyArn }, { parent: this }),
      new aws.eks.PodIdentityAssociation(
        name,
        { clusterName: cluster.name, ...account, roleArn: role.arn },
        { parent: this },
      ),
    ];
  }
}

/**
 * EKS add-ons that run as ordinary pods and so need nodes: the cluster's DNS and the driver of EBS volumes. Delete them after
 * everything that has a volume, because the driver deletes the volumes.
 */
export class WorkloadAddons extends pulumi.ComponentResource {
  constructor(name: string, { cluster, versions }: EksAddonsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:aws:WorkloadAddons", name, {}, opts);

    this.createCoreDns(name, cluster, versions);
    this.createEbsCsiDriver(name, cluster, versions);

    this.registerOutputs({});
  }

  private createCoreDns(
    name: string,
    cluster: EksAddonsArgs["cluster"],
    versions: EksAddonsArgs["versions"],
  ): aws.eks.Addon {
    return createAddon(
      `${name}-coredns`,
      {
        clusterName: cluster.name,
        addonName: "coredns",
        addonVersion: versions?.coredns,
        configurationValues: JSON.stringify({
          replicaCount: COREDNS_REPLICAS,
          topologySpreadConstraints: ["kubernetes.io/hostname", "topology.kubernetes.io/zone"].map(preferSpreadOver),
        }),
      },
      { parent: this },
    );
  }

  private createEbsCsiDriver(
    name: string,
    cluster: EksAddonsArgs["cluster"],
    versions: EksAddonsArgs["versions"],
  ): aws.eks.Addon {
    return createAddon(
      `${name}-ebs-csi`,
      {
        clusterName: cluster.name,
        addonName: "aws-ebs-csi-driver",
        addonVersion: versions?.ebsCsi,
        // Pods cannot reach the instance metadata (see node-group.ts), and the driver would wait for it at each start. From
        // Kubernetes it learns everything but the number of volume attachments in use.
        // Source: https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/docs/install.md#metadata
        configurationValues: JSON.stringify({
          node: { metadataSources: "kubernetes", reservedVolumeAttachments: RESERVED_VOLUME_ATTACHMENTS },
        }),
      },
      { parent: this },
    );
  }
}

/** Preferred, not required: on a cluster with a single node the add-on would never become active. */
function preferSpreadOver(topologyKey: string): object {
  return {
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: "ScheduleAnyway",
    labelSelector: { matchLabels: { "k8s-app": "kube-dns" } },
  };
}
