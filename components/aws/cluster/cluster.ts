import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type EksClusterConfig, SERVICE_CIDR } from "../../../config/index.ts";
import { assumeRolePolicy } from "../access/assume-role-policy.ts";
import { ClusterAccess } from "../access/cluster-access.ts";
import { policyJson } from "../access/iam-policy.ts";
import { kubeconfigOf } from "./kubeconfig.ts";

export interface EksClusterArgs {
  /** Physical name, by which people and tools find the cluster. */
  clusterName: string;
  config: EksClusterConfig;
  network: {
    /** Subnets of the control plane's network interfaces, in two zones at least. */
    subnetIds: pulumi.Input<pulumi.Input<string>[]>;
  };
  /** KMS key of Secrets and the control plane's logs. Its policy must let CloudWatch Logs of the region use it. */
  kmsKeyArn: pulumi.Input<string>;
  /** @default - only the admins deploy */
  deployRoleArn?: pulumi.Input<string>;
  /** @default - only those who deploy can preview */
  previewRoleArn?: pulumi.Input<string>;
  /** data: nobody deletes the cluster or its logs, by an update or in the console. */
  protect: "data" | "none";
}

/** An EKS cluster: control plane, its role and logs, and its access entries. */
export class EksCluster extends pulumi.ComponentResource {
  readonly cluster: aws.eks.Cluster;
  readonly name: pulumi.Output<string>;
  readonly arn: pulumi.Output<string>;
  /** URL of the API. Unique to each cluster: one recreated under the same name has another URL. */
  readonly endpoint: pulumi.Output<string>;
  /** Base64 PEM. */
  readonly certificateAuthority: pulumi.Output<string>;
  readonly serviceCidr: pulumi.Output<string>;
  /** Security group that EKS creates for the control plane's network interfaces and the nodes. */
  readonly securityGroupId: pulumi.Output<string>;
  /**
   * Kubeconfig for whoever has AWS credentials. Resolved once all access entries exist, so that what is created with it is
   * deleted before them.
   */
  readonly kubeconfig: pulumi.Output<string>;

  constructor(name: string, args: EksClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:aws:EksCluster", name, {}, opts);
    const { clusterName, config, deployRoleArn, previewRoleArn } = args;

    const role = this.createRole(name);
    const rolePolicies = this.attachPolicies(name, role, args.kmsKeyArn);
    const logGroup = this.createLogGroup(name, args);
    const cluster = this.createCluster(name, args, role, [...rolePolicies, logGroup]);
    const access = new ClusterAccess(
      name,
      { clusterName: cluster.name, admins: config.admins, deployRoleArn, previewRoleArn },
      { parent: this },
    );

    this.cluster = cluster;
    this.name = cluster.name;
    this.arn = cluster.arn;
    this.endpoint = cluster.endpoint;
    this.certificateAuthority = cluster.certificateAuthority.data;
    this.serviceCidr = cluster.kubernetesNetworkConfig.serviceIpv4Cidr;
    this.securityGroupId = cluster.vpcConfig.clusterSecurityGroupId;
    this.kubeconfig = pulumi
      .all([access.clusterName, this.endpoint, this.certificateAuthority, cluster.region])
      .apply(([name, endpoint, certificateAuthority, region]) =>
        kubeconfigOf({ name, endpoint, certificateAuthority, region }),
      );
    this.registerOutputs({ name: clusterName, endpoint: this.endpoint, kubeconfig: this.kubeconfig });
  }

  private createRole(name: string): aws.iam.Role {
    return new aws.iam.Role(
      `${name}-control-plane`,
      {
        assumeRolePolicy: assumeRolePolicy({ principal: { Service: "eks.amazonaws.com" } }),
      },
      { parent: this },
    );
  }

  /** https://docs.aws.amazon.com/eks/latest/userguide/cluster-iam-role.html; for the KMS key, the prerequisites of an update there. */
  private attachPolicies(name: string, role: aws.iam.Role, kmsKeyArn: pulumi.Input<string>): pulumi.Resource[] {
    return [
      new aws.iam.RolePolicyAttachment(
        `${name}-control-plane`,
        { role: role.name, policyArn: "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy" },
        { parent: this },
      ),
      new aws.iam.RolePolicy(
        `${name}-control-plane-secrets`,
        {
          role: role.name,
          policy: policyJson({
            Effect: "Allow",
            Action: ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:ListGrants"],
            Resource: kmsKeyArn,
          }),
        },
        { parent: this },
      ),
    ];
  }

  /** Created before the cluster. Otherwise EKS creates it, unencrypted and without expiry. */
  private createLogGroup(
    name: string,
    { clusterName, config, kmsKeyArn, protect }: EksClusterArgs,
  ): aws.cloudwatch.LogGroup {
    return new aws.cloudwatch.LogGroup(
      `${name}-control-plane`,
      {
        name: `/aws/eks/${clusterName}/cluster`,
        retentionInDays: config.logRetentionDays,
        kmsKeyId: kmsKeyArn,
      },
      { parent: this, protect: protect === "data" },
    );
  }

  private createCluster(
    name: string,
    { clusterName, config, network, kmsKeyArn, protect }: EksClusterArgs,
    role: aws.iam.Role,
    dependsOn: pulumi.Resource[],
  ): aws.eks.Cluster {
    const { publicCidrs } = config.api;
    return new aws.eks.Cluster(
      name,
      {
        name: clusterName,
        version: config.version,
        roleArn: role.arn,
        vpcConfig: {
          subnetIds: network.subnetIds,
          endpointPrivateAccess: true,
          endpointPublicAccess: publicCidrs.length > 0,
          // EKS refuses ranges for an endpoint that is not public.
          ...(publicCidrs.length > 0 && { publicAccessCidrs: publicCidrs }),
        },
        kubernetesNetworkConfig: { serviceIpv4Cidr: SERVICE_CIDR },
        accessConfig: { authenticationMode: "API", bootstrapClusterCreatorAdminPermissions: false },
        // EKS add-ons replace them: see eks-addons.ts.
        bootstrapSelfManagedAddons: false,
        encryptionConfig: { provider: { keyArn: kmsKeyArn }, resources: ["secrets"] },
        enabledClusterLogTypes: config.logTypes,
        upgradePolicy: { supportType: "STANDARD" },
        deletionProtection: protect === "data",
      },
      {
        parent: this,
        protect: protect === "data",
        // Deleted before its permissions, which it needs to delete what it has created.
        dependsOn,
        // Both count at creation only, and EKS does not return them: an imported cluster would be replaced.
        ignoreChanges: ["accessConfig.bootstrapClusterCreatorAdminPermissions", "bootstrapSelfManagedAddons"],
      },
    );
  }
}
