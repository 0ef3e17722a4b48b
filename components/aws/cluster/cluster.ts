import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type EksClusterConfig, SERVICE_CIDR } from "../../../config/index.ts";
import { ClusterAccess } from "../access/access.ts";
import { kubeconfigOf } from "./kubeconfig.ts";

const LOG_TYPES = ["api", "audit", "authenticator", "controllerManager", "scheduler"];

export interface EksClusterArgs {
  /** Physical name; teams look the cluster up by it. */
  clusterName: string;
  config: EksClusterConfig;
  network: {
    /** Where the control plane puts its interfaces: two zones at least. */
    subnetIds: pulumi.Input<pulumi.Input<string>[]>;
  };
  /** KMS key that encrypts Secrets and the control plane's logs. Its policy lets CloudWatch Logs of the region use it. */
  keyArn: pulumi.Input<string>;
  /** @default - no role deploys but the admins */
  deployRoleArn?: pulumi.Input<string>;
  /** @default - no role previews but those that deploy */
  previewRoleArn?: pulumi.Input<string>;
  /** data: neither an update nor a person at the console deletes the cluster or its logs. */
  protect: "data" | "none";
}

/** A cluster on EKS: control plane, its role and logs, and who has access. */
export class EksCluster extends pulumi.ComponentResource {
  readonly cluster: aws.eks.Cluster;
  readonly name: pulumi.Output<string>;
  readonly arn: pulumi.Output<string>;
  /** URL of the API. No two clusters share one, not even of the same name. */
  readonly endpoint: pulumi.Output<string>;
  /** Base64 PEM. */
  readonly certificateAuthority: pulumi.Output<string>;
  readonly serviceCidr: pulumi.Output<string>;
  /** Security group that EKS makes for the control plane's interfaces and the nodes. */
  readonly securityGroupId: pulumi.Output<string>;
  /**
   * For the `aws` command's credentials. There as soon as everybody has his access, so what is made with it is taken away
   * while he still has it.
   */
  readonly kubeconfig: pulumi.Output<string>;

  constructor(name: string, args: EksClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:aws:EksCluster", name, {}, opts);
    const { clusterName, config, deployRoleArn, previewRoleArn } = args;

    const role = this.createRole(name);
    const permissions = this.permit(name, role, args.keyArn);
    const logs = this.createLogGroup(name, args);
    const cluster = this.createCluster(name, args, role, [...permissions, logs]);
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
        assumeRolePolicy: pulumi.jsonStringify({
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", Principal: { Service: "eks.amazonaws.com" }, Action: "sts:AssumeRole" }],
        }),
      },
      { parent: this },
    );
  }

  /** https://docs.aws.amazon.com/eks/latest/userguide/cluster-iam-role.html; the key: the prerequisites of an update there. */
  private permit(name: string, role: aws.iam.Role, keyArn: pulumi.Input<string>): pulumi.Resource[] {
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
          policy: pulumi.jsonStringify({
            Version: "2012-10-17",
            Statement: [
              {
                Effect: "Allow",
                Action: ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:ListGrants"],
                Resource: keyArn,
              },
            ],
          }),
        },
        { parent: this },
      ),
    ];
  }

  /** Made before the cluster: EKS would make it itself otherwise, unencrypted and kept for ever. */
  private createLogGroup(
    name: string,
    { clusterName, config, keyArn, protect }: EksClusterArgs,
  ): aws.cloudwatch.LogGroup {
    return new aws.cloudwatch.LogGroup(
      `${name}-control-plane`,
      {
        name: `/aws/eks/${clusterName}/cluster`,
        retentionInDays: config.logRetentionDays,
        kmsKeyId: keyArn,
      },
      { parent: this, protect: protect === "data" },
    );
  }

  private createCluster(
    name: string,
    { clusterName, config, network, keyArn, protect }: EksClusterArgs,
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
          // Left out, or EKS would refuse it: an endpoint that is not public has no ranges.
          ...(publicCidrs.length > 0 && { publicAccessCidrs: publicCidrs }),
        },
        kubernetesNetworkConfig: { serviceIpv4Cidr: SERVICE_CIDR },
        accessConfig: { authenticationMode: "API", bootstrapClusterCreatorAdminPermissions: false },
        // The add-ons are EKS's own, declared in core-addons.ts.
        bootstrapSelfManagedAddons: false,
        encryptionConfig: { provider: { keyArn }, resources: ["secrets"] },
        enabledClusterLogTypes: LOG_TYPES,
        upgradePolicy: { supportType: "STANDARD" },
        deletionProtection: protect === "data",
      },
      {
        parent: this,
        protect: protect === "data",
        // Without its permissions the control plane could not take away what it has made.
        dependsOn,
        // Both matter at creation only, and EKS does not tell them: an imported cluster would be replaced.
        ignoreChanges: ["accessConfig.bootstrapClusterCreatorAdminPermissions", "bootstrapSelfManagedAddons"],
      },
    );
  }
}
