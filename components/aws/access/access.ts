import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type Fault, PRINCIPAL_ARN } from "../../../config/index.ts";

/** Everything: https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html */
const CLUSTER_ADMIN = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy";

export interface ClusterAccessArgs {
  clusterName: pulumi.Input<string>;
  /** ARNs of the IAM roles and users that administer the cluster. */
  admins: readonly string[];
  /**
   * Role that deploys. It administers the cluster: the charts make what is the cluster's (CRDs, ClusterRoles, an
   * APIService), and Kubernetes lets nobody grant what he does not hold himself.
   *
   * @default none
   */
  deployRoleArn?: pulumi.Input<string>;
  /**
   * Role that previews. Pull requests run as it, so it may come in and see which kinds of objects there are, and read none,
   * least of all Secrets. That is enough: of a Helm release a preview compares what the charts render, and where the server
   * lets it not try a change, the Kubernetes provider works the change out by itself.
   * Source: https://github.com/pulumi/pulumi-kubernetes/blob/master/provider/pkg/provider/provider.go and helm_release.go
   *
   * @default none
   */
  previewRoleArn?: pulumi.Input<string>;
}

/** Who may do what in a cluster that knows access entries only. Whoever made it has no access but by an entry. */
export class ClusterAccess extends pulumi.ComponentResource {
  /**
   * The cluster's name, there as soon as everybody has his access. What is built on it is made after the entries and taken
   * away before them. EKS takes some seconds more to heed an entry: the first request may still be refused.
   */
  readonly clusterName: pulumi.Output<string>;

  constructor(name: string, args: ClusterAccessArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:aws:ClusterAccess", name, {}, opts);
    const { clusterName, admins, deployRoleArn, previewRoleArn } = args;

    const admitted: { clusterName: pulumi.Output<string> }[] = [...new Set(admins)].map((arn) =>
      this.letAdminister(`${name}-${withoutColons(arn)}`, clusterName, arn),
    );
    if (deployRoleArn) admitted.push(this.letAdminister(`${name}-deploy`, clusterName, deployRoleArn));
    if (previewRoleArn) admitted.push(this.letIn(`${name}-preview`, clusterName, previewRoleArn));

    // An output that a preview knows, unlike an id: were the kubeconfig unknown in previews, every admin that is added
    // would show as a replacement of all that is in the cluster.
    const names = pulumi.all(admitted.map((access) => access.clusterName));
    this.clusterName = pulumi.all([clusterName, names]).apply(([cluster]) => cluster);
    this.registerOutputs({ clusterName: this.clusterName });
  }

  // Neither may be deleted before it is replaced: that would take all that is in the cluster with it.
  private letIn(
    name: string,
    clusterName: pulumi.Input<string>,
    principalArn: pulumi.Input<string>,
  ): aws.eks.AccessEntry {
    return new aws.eks.AccessEntry(name, { clusterName, principalArn, type: "STANDARD" }, { parent: this });
  }

  private letAdminister(
    name: string,
    clusterName: pulumi.Input<string>,
    principalArn: pulumi.Input<string>,
  ): aws.eks.AccessPolicyAssociation {
    const entry = this.letIn(name, clusterName, principalArn);
    return new aws.eks.AccessPolicyAssociation(
      name,
      {
        clusterName,
        principalArn: entry.principalArn,
        policyArn: CLUSTER_ADMIN,
        accessScope: { type: "cluster" },
      },
      { parent: this },
    );
  }
}

export interface Caller {
  /** Role (or user) that runs the update; where a role is assumed, the role itself. */
  callerRoleArn: string;
  admins: readonly string[];
  /** @default - nobody but the admins has access */
  deployRoleArn?: string;
}

/** What is wrong if whoever runs the update is not among those with access: he could not go on to what is in the cluster. */
export function lockoutFault({ callerRoleArn, admins, deployRoleArn }: Caller): Fault | undefined {
  if (admins.includes(callerRoleArn) || callerRoleArn === deployRoleArn) return undefined;
  const others = deployRoleArn ? `one of them or ${deployRoleArn}` : "one of them";
  const way = PRINCIPAL_ARN.test(callerRoleArn)
    ? `would lock itself out of the cluster. Add it, or run the update as ${others}`
    : `can be given no access to a cluster. Run the update as ${others}`;
  return {
    path: ["cluster", "admins"],
    message: `${callerRoleArn}, which runs this update, is not among them and ${way}`,
  };
}

/** The part of an ARN that tells principals apart. Colons are what URNs are put together with. */
function withoutColons(arn: string): string {
  return arn.split(":").slice(4).join("/");
}
