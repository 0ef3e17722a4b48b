import {
  ALERT_ACTIONS,
  CHANGE_ACTIONS,
  CLUSTER_ACTIONS,
  LOOK_ACTIONS,
  LOOK_AT_ALERTS_ACTIONS,
  LOOK_AT_CLUSTER_ACTIONS,
  LOOK_AT_IMAGES_ACTIONS,
  LOOK_AT_ROLES_ACTIONS,
  MADE_IN_EC2,
  MAKE_ACTIONS,
  PUSH_ACTIONS,
  REPOSITORY_ACTIONS,
  RULE_ACTIONS,
  SCALING_ACTIONS,
} from "./deploy-actions.ts";

export interface PolicyDocument {
  Version: "2012-10-17";
  Statement: Statement[];
}

export interface Statement {
  Sid: string;
  Effect: "Allow";
  Action: string[];
  Resource: string | string[];
  Condition?: Record<string, Record<string, string | string[]>>;
}

/** What the policies are scoped by. */
export interface DeployScope {
  /** Tags `project` and `environment` of every resource, by the provider's default tags. */
  project: string;
  stack: string;
  accountId: string;
  region: string;
  clusterName: string;
  /** ECR repository of the images, and the account it is in. */
  repository: { name: string; accountId: string };
  /** @default none */
  bucketArn?: string;
}

export interface DeployRights extends DeployScope {
  /** push: the environment builds images. mark: it only says which ones it runs, by a tag. */
  images: "push" | "mark";
  /** Whether the environment declares the repository. */
  ownsRepository: boolean;
}

/** Path of the roles that CI takes. What they may pass on lies outside it. */
export const DELIVERY_PATH = "/slipway-delivery/";

/** Roles that an update passes on, by how their names go on after the cluster's, and the services that take them. */
const PASSED_ROLES = ["cluster-autoscaler", "ebs-csi", "flow-logs", "node", "vpc-cni"];
const ROLE_TAKERS = ["ec2.amazonaws.com", "eks.amazonaws.com", "pods.eks.amazonaws.com", "vpc-flow-logs.amazonaws.com"];
/** Alarms and topics, likewise. */
const ALARMS = ["cpu-high", "cpu-low"];
const TOPICS = ["alerts"];
/** What a machine is made of. AMIs are of no account. */
const LAUNCHED_FROM = ["image", "instance", "network-interface", "security-group", "subnet", "volume"];
/** How Pulumi ends a name that it gives. No more and no less: what is of `shop-prod` must not pass for what is of `shop`. */
const AUTONAMED = "-???????";

/** Of a bucket only: what is in it has ARNs of another form. */
const BUCKET_SETTINGS = ["s3:GetBucket*", "s3:Get*Configuration", "s3:ListBucket", "s3:ListTagsForResource"];

/**
 * For previews, which anybody can run who can push a branch and open a pull request of it (those of forks get no token from
 * GitHub): what is there and how it is set, not what it holds. No object, log line, image layer, parameter of one's own or
 * decryption.
 */
export function previewPolicy(scope: DeployScope): PolicyDocument {
  return { Version: "2012-10-17", Statement: looks(scope, {}) };
}

/**
 * For deploys: what it takes to change what this program declares. Which actions, resources and conditions AWS knows:
 * https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 *
 * Why the deploy role cannot make itself, or anything else, an administrator:
 * - It writes nothing in IAM: no role, no policy, no trust. That is stricter than a permissions boundary, and no role can
 *   be made without it by mistake. An update that changes roles is run by an administrator, as is the first one, which
 *   makes this role.
 * - It passes on only the roles of the environment's nodes, pods and flow logs, only to the services that take them, and it
 *   can make none of such a name. None of them writes in IAM.
 * - It starts machines from the environment's own launch templates only, and so with the same roles.
 * - It cannot tag its way into what others own: it tags what it has just made and what is the environment's already.
 * - It changes no key's policy, and assumes no role.
 * In the cluster it is an administrator, so it can act as the environment's pods and nodes, but as nobody else.
 *
 * What holds data is made and deleted by an administrator: VPC, cluster, key, bucket, repository, logs and how long they are
 * kept. So what `protect` keeps from a slip is kept from CI's credentials in the wrong hands as well. One thing is not: the
 * repository's owner says which images expire, for that changes with every service that is added.
 */
export function deployPolicy(rights: DeployRights): PolicyDocument {
  const more = {
    cluster: CLUSTER_ACTIONS,
    alerts: ALERT_ACTIONS,
    images: [
      "ecr:PutImage",
      ...(rights.images === "push" ? PUSH_ACTIONS : []),
      ...(rights.ownsRepository ? REPOSITORY_ACTIONS : []),
    ],
  };
  return {
    Version: "2012-10-17",
    Statement: [...looks(rights, more), ...makes(rights), ...changes(rights), ...nodes(rights), ...uploads(rights)],
  };
}

/** What is there and how it is set; where the resources have names that are known, with what more may be done to them. */
function looks(scope: DeployScope, more: { cluster?: string[]; alerts?: string[]; images?: string[] }): Statement[] {
  const { accountId, region, clusterName, bucketArn } = scope;
  const { cluster = [], alerts = [], images = [] } = more;
  const role = `arn:aws:iam::${accountId}:role`;
  return [
    allow("Look", LOOK_ACTIONS, "*", inRegion(region)),
    allow("Cluster", [...LOOK_AT_CLUSTER_ACTIONS, ...cluster], clusterArns(scope)),
    allow("Alerts", [...LOOK_AT_ALERTS_ACTIONS, ...alerts], alertArns(scope)),
    allow("Images", [...LOOK_AT_IMAGES_ACTIONS, ...images], repositoryArn(scope)),
    // The last is EKS's own, which it wants to be seen by whoever makes a node group.
    allow("LookAtRoles", LOOK_AT_ROLES_ACTIONS, [
      `${role}/${clusterName}-*`,
      `${role}${DELIVERY_PATH}*`,
      `${role}/aws-service-role/eks-nodegroup.amazonaws.com/*`,
    ]),
    allow("ListLogins", ["iam:ListOpenIDConnectProviders"], "*"),
    allow(
      "LookAtLogin",
      ["iam:GetOpenIDConnectProvider"],
      `arn:aws:iam::${accountId}:oidc-provider/token.actions.githubusercontent.com`,
    ),
    allow("LookUpNodeImages", ["ssm:GetParameter"], `arn:aws:ssm:${region}::parameter/aws/service/eks/*`),
    ...(bucketArn ? [allow("LookAtBucket", BUCKET_SETTINGS, bucketArn)] : []),
  ];
}

/** New resources bear the environment's tags from the start, or are not made. */
function makes(rights: DeployRights): Statement[] {
  const { region } = rights;
  const StringEquals = { ...tags("aws:RequestTag", rights), "aws:RequestedRegion": region };
  return [
    allow("Make", MAKE_ACTIONS, [...ec2Arns(MADE_IN_EC2), "arn:aws:elasticloadbalancing:*"], { StringEquals }),
    // On what this very request makes, and on nothing else.
    allow("TagMade", ["ec2:CreateTags"], "*", { StringEquals, Null: { "ec2:CreateAction": "false" } }),
    allow("TagMadeBalancer", ["elasticloadbalancing:AddTags"], "*", {
      StringEquals,
      Null: { "elasticloadbalancing:CreateAction": "false" },
    }),
    // In a VPC that was there already, too. The group itself falls under the first statement.
    allow("MakeInVpc", ["ec2:CreateSecurityGroup"], ec2Arns(["vpc"]), inRegion(region)),
    // Of groups that one of the others allows to change.
    allow("MakeRules", RULE_ACTIONS, ec2Arns(["security-group-rule"]), inRegion(region)),
  ];
}

function changes(rights: DeployRights): Statement[] {
  const { region, clusterName } = rights;
  return [
    allow("Change", CHANGE_ACTIONS, "*", {
      StringEquals: { ...tags("aws:ResourceTag", rights), "aws:RequestedRegion": region },
    }),
    // EKS makes these two, with tags of its own.
    allow("ChangeClusterGroup", RULE_ACTIONS, ec2Arns(["security-group"]), {
      StringEquals: { "aws:ResourceTag/aws:eks:cluster-name": clusterName, "aws:RequestedRegion": region },
    }),
    allow("ChangeScaling", SCALING_ACTIONS, "*", {
      StringEquals: { "aws:ResourceTag/eks:cluster-name": clusterName, "aws:RequestedRegion": region },
    }),
    // Knows no resource.
    allow("EndSubscriptions", ["sns:Unsubscribe"], "*", inRegion(region)),
  ];
}

/** EKS tries the launch template with the rights of whoever makes the node group, by a RunInstances that starts nothing. */
function nodes({ accountId, region, clusterName }: DeployRights): Statement[] {
  const role = `arn:aws:iam::${accountId}:role/${clusterName}`;
  return [
    allow("TryLaunchTemplate", ["ec2:RunInstances"], ec2Arns(LAUNCHED_FROM), {
      // Which template: the environment's, by the statement Change.
      ArnLike: { "ec2:LaunchTemplate": `arn:aws:ec2:${region}:${accountId}:launch-template/*` },
    }),
    allow("TagLaunched", ["ec2:CreateTags"], "*", {
      StringEquals: { "ec2:CreateAction": "RunInstances", "aws:RequestedRegion": region },
    }),
    allow(
      "PassRoles",
      ["iam:PassRole"],
      PASSED_ROLES.map((purpose) => `${role}-${purpose}${AUTONAMED}`),
      { StringEquals: { "iam:PassedToService": ROLE_TAKERS } },
    ),
  ];
}

function uploads(rights: DeployRights): Statement[] {
  const { accountId, region, bucketArn } = rights;
  if (bucketArn === undefined) return [];
  return [
    allow("Upload", ["s3:AbortMultipartUpload", "s3:PutObject"], `${bucketArn}/*`),
    // An upload in parts is put together by decrypting them: https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
    allow("UploadEncrypted", ["kms:Decrypt", "kms:GenerateDataKey"], `arn:aws:kms:${region}:${accountId}:key/*`, {
      StringEquals: { ...tags("aws:ResourceTag", rights), "kms:ViaService": `s3.${region}.amazonaws.com` },
    }),
  ];
}

function allow(
  Sid: string,
  Action: string[],
  Resource: string | string[],
  Condition?: Statement["Condition"],
): Statement {
  return { Sid, Effect: "Allow", Action, Resource, ...(Condition && { Condition }) };
}

function inRegion(region: string): Statement["Condition"] {
  return { StringEquals: { "aws:RequestedRegion": region } };
}

/** Of any region and account: the conditions name the region, and a role has no rights in other accounts. */
function ec2Arns(types: readonly string[]): string[] {
  return types.map((type) => `arn:aws:ec2:*:*:${type}/*`);
}

function tags(key: "aws:RequestTag" | "aws:ResourceTag", { project, stack }: DeployScope): Record<string, string> {
  return { [`${key}/project`]: project, [`${key}/environment`]: stack };
}

function clusterArns({ accountId, region, clusterName }: DeployScope): string[] {
  const eks = `arn:aws:eks:${region}:${accountId}`;
  const parts = ["nodegroup", "addon", "access-entry", "podidentityassociation"];
  return [`${eks}:cluster/${clusterName}`, ...parts.map((part) => `${eks}:${part}/${clusterName}/*`)];
}

function alertArns({ accountId, region, clusterName }: DeployScope): string[] {
  const place = `${region}:${accountId}`;
  return [
    ...ALARMS.map((alarm) => `arn:aws:cloudwatch:${place}:alarm:${clusterName}-${alarm}${AUTONAMED}`),
    ...TOPICS.map((topic) => `arn:aws:sns:${place}:${clusterName}-${topic}${AUTONAMED}`),
  ];
}

function repositoryArn({ region, repository }: DeployScope): string {
  return `arn:aws:ecr:${region}:${repository.accountId}:repository/${repository.name}`;
}
