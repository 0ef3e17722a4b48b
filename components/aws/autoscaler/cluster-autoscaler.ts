import * as aws from "@pulumi/aws";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { autoscalerTag } from "../../../config/index.ts";
import { ADDON_TIMEOUT_SECONDS } from "../../addons/index.ts";
import { podRole } from "../access/pod-role.ts";
import { autoscalerPolicy } from "./policy.ts";
import { AUTOSCALER_SERVICE_ACCOUNT, autoscalerValues } from "./values.ts";

/** Which versions of Kubernetes it is for: https://github.com/kubernetes/autoscaler/tree/master/cluster-autoscaler#releases */
const CHART = { repository: "https://kubernetes.github.io/autoscaler", name: "cluster-autoscaler", version: "9.59.0" };
/** Name of the Helm release, and the namespace it is in. */
const RELEASE = "cluster-autoscaler";
const NAMESPACE = "kube-system";

export interface ClusterAutoscalerArgs {
  cluster: { name: pulumi.Input<string>; arn: pulumi.Input<string> };
  /** Of Kubernetes, such as `1.36`. */
  version: string;
  /** What resources in the cluster are declared with. */
  options: Pick<pulumi.CustomResourceOptions, "provider" | "deletedWith">;
}

/**
 * The Kubernetes cluster-autoscaler: it adds a node when pods find no room, and drains and takes away one that is not needed.
 * The groups that it sizes it finds by the tags that EKS gives them
 * (https://docs.aws.amazon.com/eks/latest/userguide/managed-node-groups.html). A group over several zones, as the node group is,
 * grows in whichever zone Auto Scaling takes: a pod whose volume is in one zone may have to wait for another node.
 */
export class ClusterAutoscaler extends pulumi.ComponentResource {
  /** @throws RangeError if no release of it is known for the version of Kubernetes. */
  constructor(name: string, args: ClusterAutoscalerArgs, opts?: pulumi.ComponentResourceOptions) {
    const tag = tagFor(args.version);
    super("slipway:aws:ClusterAutoscaler", name, {}, opts);
    const permissions = this.permit(`${name}-cluster-autoscaler`, args);
    this.createRelease(`${name}-cluster-autoscaler`, args, tag, permissions);
    this.registerOutputs({});
  }

  /** Needs the cluster and no nodes, so on a new one it is long there when the first pod comes. */
  private permit(name: string, { cluster }: ClusterAutoscalerArgs): pulumi.Resource[] {
    const place = { namespace: NAMESPACE, serviceAccount: AUTOSCALER_SERVICE_ACCOUNT };
    const role = podRole(name, { clusterArn: cluster.arn, ...place }, { parent: this });
    const policy = new aws.iam.RolePolicy(
      name,
      { role: role.name, policy: pulumi.jsonStringify(pulumi.output(cluster.arn).apply(autoscalerPolicy)) },
      { parent: this },
    );
    const association = new aws.eks.PodIdentityAssociation(
      name,
      { clusterName: cluster.name, ...place, roleArn: role.arn },
      { parent: this },
    );
    return [policy, association];
  }

  private createRelease(
    name: string,
    { cluster, options }: ClusterAutoscalerArgs,
    tag: string,
    dependsOn: pulumi.Resource[],
  ): void {
    const values = pulumi
      .all([cluster.name, cluster.arn])
      .apply(([clusterName, arn]) => autoscalerValues({ clusterName, region: arn.split(":")[3] ?? "", tag }));
    new kubernetes.helm.v3.Release(
      name,
      {
        name: RELEASE,
        namespace: NAMESPACE,
        chart: CHART.name,
        repositoryOpts: { repo: CHART.repository },
        version: CHART.version,
        values,
        atomic: true,
        timeout: ADDON_TIMEOUT_SECONDS,
      },
      { ...options, parent: this, dependsOn },
    );
  }
}

function tagFor(version: string): string {
  const tag = autoscalerTag(version);
  // The config's rules refuse such a version.
  if (tag === undefined) throw new RangeError(`No cluster-autoscaler is known for Kubernetes ${version}.`);
  return tag;
}
