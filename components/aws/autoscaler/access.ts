import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { SYSTEM_NAMESPACE } from "../../addons/addon.ts";
import { clusterAutoscaler } from "../../addons/cluster-autoscaler.ts";
import { podRole } from "../access/pod-role.ts";
import { autoscalerPolicy } from "./policy.ts";

export interface ClusterAutoscalerAccessArgs {
  cluster: { name: pulumi.Input<string>; arn: pulumi.Input<string> };
}

/**
 * What the add-on cluster-autoscaler may do in AWS: a role that only its pods can assume. It needs the cluster but no nodes, so
 * on a new cluster it is in place long before the first pod starts.
 */
export class ClusterAutoscalerAccess extends pulumi.ComponentResource {
  /** Options of the add-on's release: it starts once its pods have the role. */
  readonly releaseOptions: { dependsOn: pulumi.Resource[]; aliases: pulumi.Alias[] };

  constructor(name: string, { cluster }: ClusterAutoscalerAccessArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:aws:ClusterAutoscaler", name, {}, opts);
    const child = `${name}-cluster-autoscaler`;
    // The chart's service account has the name of the release.
    const account = { namespace: SYSTEM_NAMESPACE, serviceAccount: clusterAutoscaler.name };
    const role = podRole(child, { clusterArn: cluster.arn, ...account }, { parent: this });
    const policy = new aws.iam.RolePolicy(
      child,
      { role: role.name, policy: pulumi.jsonStringify(pulumi.output(cluster.arn).apply(autoscalerPolicy)) },
      { parent: this },
    );
    const association = new aws.eks.PodIdentityAssociation(
      child,
      { clusterName: cluster.name, ...account, roleArn: role.arn },
      { parent: this },
    );
    this.releaseOptions = {
      dependsOn: [policy, association],
      // Earlier versions declared the release here. Without the alias Helm would be asked to install it a second time.
      aliases: [{ name: child, parent: this }],
    };
    this.registerOutputs({});
  }
}
