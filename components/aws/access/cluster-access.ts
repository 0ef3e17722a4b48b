import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

/** https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html */
const CLUSTER_ADMIN_POLICY = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy";

export interface ClusterAccessArgs {
  clusterName: pulumi.Input<string>;
  /** ARNs of the IAM roles and users that administer the cluster. */
  admins: readonly string[];
  /**
   * Role that deploys. It administers the cluster, because the charts create cluster-wide objects (CRDs, ClusterRoles, an
   * APIService) and Kubernetes lets nobody grant permissions that they do not have themselves.
   *
   * @default none
   */
  deployRoleArn?: pulumi.Input<string>;
  /**
   * Role that previews. Pull requests run as it, so it can list which kinds of objects exist and read none, least of all
   * Secrets. That is enough: of a Helm release a preview compares what the chart renders, and where the server refuses a dry run
   * the Kubernetes provider computes the diff itself.
   * Source: https://github.com/pulumi/pulumi-kubernetes/blob/master/provider/pkg/provider/provider.go and helm_release.go
   *
   * @default none
   */
  previewRoleArn?: pulumi.Input<string>;
}

/** Access entries of a cluster that has no other authentication. Its creator has no access without an entry either. */
export class ClusterAccess extends pulumi.ComponentResource {
  /**
   * The cluster's name, resolved once all entries exist: what uses it is created after them and deleted before them. EKS takes
   * some seconds to apply an entry, so the first request may still be refused.
   */
  readonly clusterName: pulumi.Output<string>;

  constructor(name: string, args: ClusterAccessArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:aws:ClusterAccess", name, {}, opts);
    const { clusterName, admins, deployRoleArn, previewRoleArn } = args;

    const access: { clusterName: pulumi.Output<string> }[] = [...new Set(admins)].map((arn) =>
      this.createAdmin(`${name}-${withoutColons(arn)}`, clusterName, arn),
    );
    if (deployRoleArn) access.push(this.createAdmin(`${name}-deploy`, clusterName, deployRoleArn));
    if (previewRoleArn) access.push(this.createEntry(`${name}-preview`, clusterName, previewRoleArn));

    // The names, which a preview knows, not the ids, which it does not: with an unknown kubeconfig, every added admin would
    // show as a replacement of everything in the cluster.
    const names = pulumi.all(access.map((resource) => resource.clusterName));
    this.clusterName = pulumi.all([clusterName, names]).apply(([cluster]) => cluster);
    this.registerOutputs({ clusterName: this.clusterName });
  }

  // Never with deleteBeforeReplace: that would delete everything in the cluster first.
  private createEntry(
    name: string,
    clusterName: pulumi.Input<string>,
    principalArn: pulumi.Input<string>,
  ): aws.eks.AccessEntry {
    return new aws.eks.AccessEntry(name, { clusterName, principalArn, type: "STANDARD" }, { parent: this });
  }

  private createAdmin(
    name: string,
    clusterName: pulumi.Input<string>,
    principalArn: pulumi.Input<string>,
  ): aws.eks.AccessPolicyAssociation {
    const entry = this.createEntry(name, clusterName, principalArn);
    return new aws.eks.AccessPolicyAssociation(
      name,
      {
        clusterName,
        principalArn: entry.principalArn,
        policyArn: CLUSTER_ADMIN_POLICY,
        accessScope: { type: "cluster" },
      },
      { parent: this },
    );
  }
}

/** The part of an ARN that differs between principals. Colons separate the parts of a URN. */
function withoutColons(arn: string): string {
  return arn.split(":").slice(4).join("/");
}
