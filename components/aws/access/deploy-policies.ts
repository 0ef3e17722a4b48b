import {
  CREATE_ACTIONS,
  CREATED_EC2_TYPES,
  PUSH_IMAGE_ACTIONS,
  READ_ACTIONS,
  READ_ALERTS_ACTIONS,
  READ_CLUSTER_ACTIONS,
  READ_IMAGES_ACTIONS,
  READ_ROLES_ACTIONS,
  SECURITY_GROUP_RULE_ACTIONS,
  UPDATE_ACTIONS,
  UPDATE_ALERTS_ACTIONS,
  UPDATE_AUTO_SCALING_ACTIONS,
  UPDATE_CLUSTER_ACTIONS,
  UPDATE_REPOSITORY_ACTIONS,
} from "./deploy-actions.ts";
import { GITHUB_OIDC_ISSUER } from "./github-oidc.ts";
import { allow, type PolicyDocument, type PolicyStatement, policyDocument } from "./iam-policy.ts";

/** The resources that the policies are limited to. */
export interface PreviewPermissions {
  /** Tags `project` and `environment` of every resource, by the provider's default tags. */
  project: string;
  stack: string;
  accountId: string;
  region: string;
  clusterName: string;
  /** ECR repository of the images, and the account it is in. */
  repository: { name: string; accountId: string };
  /** Bucket of the artifacts. @default none */
  bucketArn?: string;
}

export interface DeployPermissions extends PreviewPermissions {
  /** push: the environment builds and pushes images. tag: it only moves the tags that mark which images it runs. */
  images: "push" | "tag";
  /** Whether the environment declares the repository. */
  ownsRepository: boolean;
  /** ARNs of the roles that services' pods get. @default none */
  serviceRoles?: readonly string[];
}

/** IAM path of the roles that CI assumes. The roles that they may pass have another path. */
export const DELIVERY_PATH = "/slipway-delivery/";

/** IAM path of the roles of a cluster's services: a policy that names it matches no role of another cluster. */
export function serviceRolePath(clusterName: string): string {
  return `/slipway-services/${clusterName}/`;
}

/** Roles that an update passes to AWS services, by the part of their name after the cluster's, and those services. */
const PASSED_ROLES = ["cloudwatch", "cluster-autoscaler", "ebs-csi", "flow-logs", "node", "vpc-cni"];
const PASSED_TO_SERVICES = [
  "ec2.amazonaws.com",
  "eks.amazonaws.com",
  "pods.eks.amazonaws.com",
  "vpc-flow-logs.amazonaws.com",
];
/** Alarms and topics, by the part of their name after the cluster's. */
const ALARMS = [
  "cpu-high",
  "cpu-low",
  // One pattern for lb-errors, lb-health, lb-outage and lb-target, because policies must be short. It is shorter than the end of
  // any other alarm's name, so for `shop` it matches no alarm of a cluster `shop-lb`.
  "lb-??????",
  // Likewise for kube-crash, kube-nodes and kube-queue.
  "kube-?????",
];
const TOPICS = ["alerts"];
/** Resource types of a RunInstances request. AMIs belong to no account. */
const RUN_INSTANCES_TYPES = ["image", "instance", "network-interface", "security-group", "subnet", "volume"];
/** The suffix of Pulumi's auto-naming. Exactly its length, or a policy for `shop` would match resources of `shop-prod`. */
const AUTO_NAME_SUFFIX = "-???????";

/** Settings of the bucket. Its objects have other ARNs. */
const READ_BUCKET_ACTIONS = ["s3:GetBucket*", "s3:Get*Configuration", "s3:ListBucket", "s3:ListTagsForResource"];

/**
 * Policy of the role that previews. Anybody who can push a branch and open a pull request can use it (pull requests from forks
 * get no token from GitHub). It reads which resources exist and their settings, never what they hold: no object, log line,
 * image layer or parameter of the account. Its right to the stack's state is in a policy of its own: state-policies.ts.
 */
export function previewPolicy(permissions: PreviewPermissions): PolicyDocument {
  return policyDocument(readStatements(permissions, {}));
}

/**
 * Policy of the role that deploys: it changes what this program declares. The actions, resources and conditions that AWS knows:
 * https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 *
 * Why the role cannot make itself, or anything else, an administrator:
 * - It writes nothing in IAM: no role, no policy, no trust policy. That is stricter than a permissions boundary. An
 *   administrator runs the updates that change roles, the first one included, which creates this role.
 * - It passes only the roles of the environment's nodes, pods and flow logs, only to the services that use them, and it cannot
 *   create a role with such a name. None of these roles writes in IAM, unless an administrator lets a service do so by
 *   serviceAccount.roleArn.
 * - It starts instances only from the environment's launch templates, and so with the same roles.
 * - It cannot take over resources by tagging them: it tags what it has just created and what the environment already owns.
 * - It changes no key policy and assumes no role.
 * In the cluster it is an administrator, so it can act as the environment's pods and nodes, and as nobody else.
 *
 * An administrator creates and deletes what holds data: VPC, cluster, KMS key, bucket, repository, logs and their retention.
 * So stolen CI credentials cannot delete what `protect` protects from mistakes. One exception: the repository's owner sets
 * which images expire, because that changes with every new service.
 */
export function deployPolicy(permissions: DeployPermissions): PolicyDocument {
  const [inline, managed] = [inlineDeployPolicy(permissions), managedDeployPolicy(permissions)];
  return policyDocument([...inline.Statement, ...managed.Statement]);
}

/**
 * The part that creates resources and starts nodes, as a managed policy: all inline policies of a role share 10,240 characters.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
export function managedDeployPolicy(permissions: DeployPermissions): PolicyDocument {
  return policyDocument([
    ...createStatements(permissions),
    ...nodeGroupStatements(permissions),
    ...uploadStatements(permissions),
  ]);
}

/** The rest of {@link deployPolicy}. */
export function inlineDeployPolicy(permissions: DeployPermissions): PolicyDocument {
  const { images, ownsRepository } = permissions;
  const writes = {
    cluster: UPDATE_CLUSTER_ACTIONS,
    alerts: UPDATE_ALERTS_ACTIONS,
    images: [
      "ecr:PutImage",
      ...(images === "push" ? PUSH_IMAGE_ACTIONS : []),
      ...(ownsRepository ? UPDATE_REPOSITORY_ACTIONS : []),
    ],
  };
  return policyDocument([
    ...readStatements(permissions, writes),
    ...updateStatements(permissions),
    ...serviceRoleStatements(permissions),
  ]);
}

/** @param writes actions on resources whose names are known; the policy is shorter with them in the same statements. */
function readStatements(
  permissions: PreviewPermissions,
  writes: { cluster?: string[]; alerts?: string[]; images?: string[] },
): PolicyStatement[] {
  const { accountId, region, clusterName, bucketArn } = permissions;
  const { cluster = [], alerts = [], images = [] } = writes;
  const roleArn = `arn:aws:iam::${accountId}:role`;
  return [
    allow("Look", READ_ACTIONS, "*", inRegion(region)),
    allow("Cluster", [...READ_CLUSTER_ACTIONS, ...cluster], clusterArns(permissions)),
    allow("Alerts", [...READ_ALERTS_ACTIONS, ...alerts], alertArns(permissions)),
    allow("Images", [...READ_IMAGES_ACTIONS, ...images], repositoryArn(permissions)),
    allow("LookAtRoles", READ_ROLES_ACTIONS, [
      `${roleArn}/${clusterName}-*`,
      `${roleArn}${DELIVERY_PATH}*`,
      `${roleArn}${serviceRolePath(clusterName)}*`,
      // EKS requires that whoever creates a node group can read its service-linked role.
      `${roleArn}/aws-service-role/eks-nodegroup.amazonaws.com/*`,
    ]),
    // A refresh reads the managed policies of the roles.
    allow(
      "LookAtManagedPolicies",
      ["iam:GetPolicy", "iam:GetPolicyVersion", "iam:ListPolicyVersions"],
      `arn:aws:iam::${accountId}:policy${DELIVERY_PATH}*`,
    ),
    allow("ListLogins", ["iam:ListOpenIDConnectProviders"], "*"),
    allow(
      "LookAtLogin",
      ["iam:GetOpenIDConnectProvider"],
      `arn:aws:iam::${accountId}:oidc-provider/${GITHUB_OIDC_ISSUER}`,
    ),
    allow("LookUpNodeImages", ["ssm:GetParameter"], `arn:aws:ssm:${region}::parameter/aws/service/eks/*`),
    ...(bucketArn ? [allow("LookAtBucket", READ_BUCKET_ACTIONS, bucketArn)] : []),
  ];
}

/** New resources must have the environment's tags from the start. */
function createStatements(permissions: DeployPermissions): PolicyStatement[] {
  const { region } = permissions;
  const StringEquals = { ...tags("aws:RequestTag", permissions), "aws:RequestedRegion": region };
  return [
    allow("Make", CREATE_ACTIONS, [...ec2Arns(CREATED_EC2_TYPES), "arn:aws:elasticloadbalancing:*"], { StringEquals }),
    // Only on what the same request creates.
    allow("TagMade", ["ec2:CreateTags"], "*", { StringEquals, Null: { "ec2:CreateAction": "false" } }),
    allow("TagMadeBalancer", ["elasticloadbalancing:AddTags"], "*", {
      StringEquals,
      Null: { "elasticloadbalancing:CreateAction": "false" },
    }),
    // The VPC may be one that the stack does not own, so without its tags. The statement Make covers the group itself.
    allow("MakeInVpc", ["ec2:CreateSecurityGroup"], ec2Arns(["vpc"]), inRegion(region)),
    // The rule only: the other statements say in which groups.
    allow("MakeRules", SECURITY_GROUP_RULE_ACTIONS, ec2Arns(["security-group-rule"]), inRegion(region)),
  ];
}

function updateStatements(permissions: DeployPermissions): PolicyStatement[] {
  const { region, clusterName } = permissions;
  return [
    allow("Change", UPDATE_ACTIONS, "*", {
      StringEquals: { ...tags("aws:ResourceTag", permissions), "aws:RequestedRegion": region },
    }),
    // EKS creates the cluster's security group and the Auto Scaling group, with its own tags.
    allow("ChangeClusterGroup", SECURITY_GROUP_RULE_ACTIONS, ec2Arns(["security-group"]), {
      StringEquals: { "aws:ResourceTag/aws:eks:cluster-name": clusterName, "aws:RequestedRegion": region },
    }),
    allow("ChangeScaling", UPDATE_AUTO_SCALING_ACTIONS, "*", {
      StringEquals: { "aws:ResourceTag/eks:cluster-name": clusterName, "aws:RequestedRegion": region },
    }),
    // AWS cannot limit it to a resource.
    allow("EndSubscriptions", ["sns:Unsubscribe"], "*", inRegion(region)),
  ];
}

/** EKS checks the launch template by a RunInstances dry run with the permissions of whoever creates the node group. */
function nodeGroupStatements({ accountId, region, clusterName }: DeployPermissions): PolicyStatement[] {
  const roleArn = `arn:aws:iam::${accountId}:role/${clusterName}`;
  return [
    allow("TryLaunchTemplate", ["ec2:RunInstances"], ec2Arns(RUN_INSTANCES_TYPES), {
      // From any launch template; the statement Change limits the templates themselves to the environment's.
      ArnLike: { "ec2:LaunchTemplate": `arn:aws:ec2:${region}:${accountId}:launch-template/*` },
    }),
    allow("TagLaunched", ["ec2:CreateTags"], "*", {
      StringEquals: { "ec2:CreateAction": "RunInstances", "aws:RequestedRegion": region },
    }),
    allow(
      "PassRoles",
      ["iam:PassRole"],
      PASSED_ROLES.map((purpose) => `${roleArn}-${purpose}${AUTO_NAME_SUFFIX}`),
      { StringEquals: { "iam:PassedToService": PASSED_TO_SERVICES } },
    ),
  ];
}

/** Associating a role with pods takes both: https://docs.aws.amazon.com/eks/latest/userguide/pod-id-association.html */
function serviceRoleStatements({ serviceRoles = [] }: DeployPermissions): PolicyStatement[] {
  if (serviceRoles.length === 0) return [];
  const roles = [...new Set(serviceRoles)].sort();
  return [
    allow("LookAtServiceRoles", ["iam:GetRole"], roles),
    allow("PassServiceRoles", ["iam:PassRole"], roles, {
      StringEquals: { "iam:PassedToService": "pods.eks.amazonaws.com" },
    }),
  ];
}

function uploadStatements(permissions: DeployPermissions): PolicyStatement[] {
  const { accountId, region, bucketArn } = permissions;
  if (bucketArn === undefined) return [];
  return [
    allow("Upload", ["s3:AbortMultipartUpload", "s3:PutObject"], `${bucketArn}/*`),
    // S3 decrypts the parts of a multipart upload to join them: https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
    allow("UploadEncrypted", ["kms:Decrypt", "kms:GenerateDataKey"], `arn:aws:kms:${region}:${accountId}:key/*`, {
      StringEquals: { ...tags("aws:ResourceTag", permissions), "kms:ViaService": `s3.${region}.amazonaws.com` },
    }),
  ];
}

function inRegion(region: string): PolicyStatement["Condition"] {
  return { StringEquals: { "aws:RequestedRegion": region } };
}

/** In any region and account: conditions limit the region, and a role has no permissions in other accounts. */
function ec2Arns(types: readonly string[]): string[] {
  return types.map((type) => `arn:aws:ec2:*:*:${type}/*`);
}

function tags(
  key: "aws:RequestTag" | "aws:ResourceTag",
  { project, stack }: PreviewPermissions,
): Record<string, string> {
  return { [`${key}/project`]: project, [`${key}/environment`]: stack };
}

function clusterArns({ accountId, region, clusterName }: PreviewPermissions): string[] {
  const eks = `arn:aws:eks:${region}:${accountId}`;
  const types = ["nodegroup", "addon", "access-entry", "podidentityassociation"];
  return [`${eks}:cluster/${clusterName}`, ...types.map((type) => `${eks}:${type}/${clusterName}/*`)];
}

function alertArns({ accountId, region, clusterName }: PreviewPermissions): string[] {
  return [
    ...ALARMS.map(
      (alarm) => `arn:aws:cloudwatch:${region}:${accountId}:alarm:${clusterName}-${alarm}${AUTO_NAME_SUFFIX}`,
    ),
    ...TOPICS.map((topic) => `arn:aws:sns:${region}:${accountId}:${clusterName}-${topic}${AUTO_NAME_SUFFIX}`),
  ];
}

function repositoryArn({ region, repository }: PreviewPermissions): string {
  return `arn:aws:ecr:${region}:${repository.accountId}:repository/${repository.name}`;
}
