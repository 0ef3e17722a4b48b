import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Fault } from "../../../config/index.ts";

/** https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html */
const CLUSTER_ADMIN_POLICY = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy";

/** Principals that can have an access entry: https://docs.aws.amazon.com/eks/latest/userguide/creating-access-entries.html */
const PRINCIPAL = /^arn:aws[a-z-]*:iam::[0-9]{12}:(role|user)\/(?!aws-service-role\/)/;

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

/** What is wrong with `cluster.admins`: what EKS would refuse once the cluster has been made. */
export function adminFaults(admins: readonly string[]): Fault[] {
  return admins.flatMap((arn, index) => {
    const path = ["cluster", "admins", index];
    if (!PRINCIPAL.test(arn)) {
      const role = /^arn:(aws[a-z-]*):sts::([0-9]{12}):assumed-role\/([^/]+)\//.exec(arn);
      const hint = role
        ? `This one is of a role assumed: take the role itself, arn:${role[1]}:iam::${role[2]}:role/${role[3]}, with its path if it has one`
        : "Take a role's";
      return [{ path, message: `not the ARN of an IAM role or user that can be given access. ${hint}` }];
    }
    return admins.indexOf(arn) === index ? [] : [{ path, message: "given twice. Remove one" }];
  });
}

export interface Caller {
  /** Role (or user) that runs the update; where a role is assumed, the role itself. */
  callerRoleArn: string;
  admins: readonly string[];
  /** @default - only the admins have access */
  deployRoleArn?: string;
}

/** A caller without an access entry could create the cluster, and then nothing in it. */
export function lockoutFault({ callerRoleArn, admins, deployRoleArn }: Caller): Fault | undefined {
  if (admins.includes(callerRoleArn) || callerRoleArn === deployRoleArn) return undefined;
  const others = deployRoleArn ? `one of them or ${deployRoleArn}` : "one of them";
  const wayOut = PRINCIPAL.test(callerRoleArn)
    ? `would lock itself out of the cluster. Add it, or run the update as ${others}`
    : `cannot be given access to a cluster. Run the update as ${others}`;
  return {
    path: ["cluster", "admins"],
    message: `${callerRoleArn}, which runs this update, is not among them and ${wayOut}`,
  };
}

/** The part of an ARN that differs between principals. Colons separate the parts of a URN. */
function withoutColons(arn: string): string {
  return arn.split(":").slice(4).join("/");
}
