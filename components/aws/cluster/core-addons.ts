import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { EksClusterConfig } from "../../../config/index.ts";
import { podRole } from "../access/pod-role.ts";

/** Namespace of all of them. */
const NAMESPACE = "kube-system";
const COREDNS_REPLICAS = 2;
/**
 * Places for volumes that a node has and pods have not: one for its root volume, and two for further interfaces, which on
 * many types take places of volumes. By prefix delegation 110 pods take no more, not even on a t3.small.
 */
const PLACES_NOT_FOR_PODS = 3;

export interface CoreAddonsArgs {
  cluster: { name: pulumi.Input<string>; arn: pulumi.Input<string> };
  /** @default - EKS's default of the day each is made, kept until a version is set */
  versions?: EksClusterConfig["addonVersions"];
}

/**
 * What a node needs before it is one: addresses for pods, the way to Services, and credentials for pods. Nodes are to be
 * made after it and taken away before it: it alone gives back the interfaces that it has attached to them.
 *
 * The roles of add-ons' pods are here, whichever pods they are for. EKS knows of an association some seconds late, and a pod
 * that comes sooner never has credentials (https://github.com/aws/containers-roadmap/issues/2507): no pod comes before nodes.
 */
export class NetworkAddons extends pulumi.ComponentResource {
  constructor(name: string, { cluster, versions }: CoreAddonsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:aws:NetworkAddons", name, {}, opts);
    const clusterName = cluster.name;

    const agent = addon(
      `${name}-pod-identity-agent`,
      { clusterName, addonName: "eks-pod-identity-agent", addonVersion: versions?.podIdentityAgent },
      { parent: this },
    );
    addon(
      `${name}-kube-proxy`,
      { clusterName, addonName: "kube-proxy", addonVersion: versions?.kubeProxy },
      { parent: this },
    );
    const cni = this.permit(`${name}-vpc-cni`, cluster, {
      serviceAccount: "aws-node",
      policyArn: "arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy",
    });
    this.permit(`${name}-ebs-csi`, cluster, {
      serviceAccount: "ebs-csi-controller-sa",
      policyArn: "arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy",
    });
    addon(
      `${name}-vpc-cni`,
      {
        clusterName,
        addonName: "vpc-cni",
        addonVersion: versions?.vpcCni,
        // Source: https://docs.aws.amazon.com/eks/latest/userguide/cni-increase-ip-addresses.html and cni-network-policy.html
        configurationValues: JSON.stringify({
          enableNetworkPolicy: "true",
          env: { ENABLE_PREFIX_DELEGATION: "true", WARM_PREFIX_TARGET: "1" },
        }),
      },
      { parent: this, dependsOn: [...cni, agent] },
    );
    this.registerOutputs({});
  }

  private permit(
    name: string,
    cluster: CoreAddonsArgs["cluster"],
    { serviceAccount, policyArn }: { serviceAccount: string; policyArn: string },
  ): pulumi.Resource[] {
    const place = { namespace: NAMESPACE, serviceAccount };
    const role = podRole(name, { clusterArn: cluster.arn, ...place }, { parent: this });
    return [
      new aws.iam.RolePolicyAttachment(name, { role: role.name, policyArn }, { parent: this }),
      new aws.eks.PodIdentityAssociation(
        name,
        { clusterName: cluster.name, ...place, roleArn: role.arn },
        { parent: this },
      ),
    ];
  }
}

/**
 * What runs as pods and so needs nodes: the cluster's DNS and the driver of EBS volumes. It is to be taken away after
 * everything that has a volume, for the driver is what deletes volumes.
 */
export class WorkloadAddons extends pulumi.ComponentResource {
  constructor(name: string, { cluster, versions }: CoreAddonsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:aws:WorkloadAddons", name, {}, opts);
    const clusterName = cluster.name;

    addon(
      `${name}-coredns`,
      {
        clusterName,
        addonName: "coredns",
        addonVersion: versions?.coredns,
        configurationValues: JSON.stringify({
          replicaCount: COREDNS_REPLICAS,
          topologySpreadConstraints: ["kubernetes.io/hostname", "topology.kubernetes.io/zone"].map(spreadOver),
        }),
      },
      { parent: this },
    );
    addon(
      `${name}-ebs-csi`,
      {
        clusterName,
        addonName: "aws-ebs-csi-driver",
        addonVersion: versions?.ebsCsi,
        // The nodes' metadata is closed to pods (see node-group.ts). The driver would find that out by waiting at each start, and
        // go on with what Kubernetes knows of its node, which is all but how many places for volumes are taken.
        // Source: https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/docs/install.md#metadata
        configurationValues: JSON.stringify({
          node: { metadataSources: "kubernetes", reservedVolumeAttachments: PLACES_NOT_FOR_PODS },
        }),
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}

function addon(name: string, args: aws.eks.AddonArgs, opts: pulumi.CustomResourceOptions): aws.eks.Addon {
  return new aws.eks.Addon(
    name,
    { ...args, resolveConflictsOnCreate: "OVERWRITE", resolveConflictsOnUpdate: "OVERWRITE" },
    // Unpinned, the version is not this program's business: an upgrade made elsewhere is not taken back.
    { ...opts, ignoreChanges: args.addonVersion === undefined ? ["addonVersion"] : [] },
  );
}

/** Preferred, not required: an add-on of a cluster with a single node would never become active. */
function spreadOver(topologyKey: string): object {
  return {
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: "ScheduleAnyway",
    labelSelector: { matchLabels: { "k8s-app": "kube-dns" } },
  };
}
