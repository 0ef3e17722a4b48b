// Service by service what the provider calls for the resources that this program declares, by how AWS can scope it.
// A role's policies have 10,240 characters in all, so where a wildcard takes in what is listed and nothing of weight, it is used.

/** Lists and descriptions that know no resource, or whose resource has no name before it is looked up. */
export const LOOK_ACTIONS = [
  "autoscaling:Describe*",
  "cloudwatch:DescribeAlarms",
  "ec2:DescribeAddresses*",
  "ec2:DescribeAvailabilityZones",
  "ec2:DescribeFlowLogs",
  "ec2:DescribeInstanceTypes",
  "ec2:DescribeInternetGateways",
  "ec2:DescribeLaunchTemplate*",
  "ec2:DescribeNatGateways",
  "ec2:DescribeNetworkAcls",
  "ec2:DescribeNetworkInterfaces",
  "ec2:DescribePrefixLists",
  "ec2:DescribeRouteTables",
  "ec2:DescribeSecurityGroup*",
  "ec2:DescribeSubnets",
  "ec2:DescribeTags",
  "ec2:DescribeVpc*",
  "ecr:GetAuthorizationToken",
  "eks:DescribeAddonVersions",
  "eks:DescribeClusterVersions",
  "elasticloadbalancing:Describe*",
  "kms:DescribeKey",
  "kms:GetKeyPolicy",
  "kms:GetKeyRotationStatus",
  "kms:ListAliases",
  "kms:ListResourceTags",
  "logs:DescribeLogGroups",
  "logs:ListTagsForResource",
  "sns:GetSubscriptionAttributes",
];

/** What makes a new resource that can bear tags. */
export const MAKE_ACTIONS = [
  "ec2:AllocateAddress",
  "ec2:CreateFlowLogs",
  "ec2:CreateInternetGateway",
  "ec2:CreateLaunchTemplate",
  "ec2:CreateNatGateway",
  "ec2:CreateRouteTable",
  "ec2:CreateSecurityGroup",
  "ec2:CreateSubnet",
  "ec2:CreateVpcEndpoint",
  "elasticloadbalancing:CreateLoadBalancer",
  "elasticloadbalancing:CreateTargetGroup",
];

/** What these make in EC2. A VPC is not among them: it holds the cluster, and goes with it. */
export const MADE_IN_EC2 = [
  "elastic-ip",
  "internet-gateway",
  "launch-template",
  "natgateway",
  "route-table",
  "security-group",
  "subnet",
  "vpc-endpoint",
  "vpc-flow-log",
];

/** Rules of a security group. */
export const RULE_ACTIONS = ["ec2:AuthorizeSecurityGroup*", "ec2:ModifySecurityGroupRules", "ec2:RevokeSecurityGroup*"];

/** What changes or deletes a resource with the environment's tags, or makes another one in or of it. */
export const CHANGE_ACTIONS = [
  "ec2:AssociateRouteTable",
  "ec2:AttachInternetGateway",
  "ec2:CreateFlowLogs",
  "ec2:CreateLaunchTemplateVersion",
  "ec2:CreateNatGateway",
  "ec2:CreateRoute",
  "ec2:CreateRouteTable",
  "ec2:CreateSubnet",
  "ec2:CreateTags",
  "ec2:CreateVpcEndpoint",
  "ec2:DeleteFlowLogs",
  "ec2:DeleteInternetGateway",
  "ec2:DeleteLaunchTemplate",
  "ec2:DeleteNatGateway",
  "ec2:DeleteRoute",
  "ec2:DeleteRouteTable",
  "ec2:DeleteSecurityGroup",
  "ec2:DeleteSubnet",
  "ec2:DeleteTags",
  "ec2:DeleteVpcEndpoints",
  "ec2:DetachInternetGateway",
  "ec2:DisassociateRouteTable",
  "ec2:ModifyLaunchTemplate",
  "ec2:ModifySubnetAttribute",
  "ec2:ModifyVpcAttribute",
  "ec2:ModifyVpcEndpoint",
  "ec2:ReleaseAddress",
  "ec2:ReplaceRoute",
  "ec2:ReplaceRouteTableAssociation",
  "ec2:RunInstances",
  "elasticloadbalancing:AddTags",
  "elasticloadbalancing:CreateListener",
  "elasticloadbalancing:DeleteListener",
  "elasticloadbalancing:DeleteLoadBalancer",
  "elasticloadbalancing:DeleteTargetGroup",
  "elasticloadbalancing:ModifyListener*",
  "elasticloadbalancing:ModifyLoadBalancerAttributes",
  "elasticloadbalancing:ModifyTargetGroup*",
  "elasticloadbalancing:RemoveTags",
  "elasticloadbalancing:SetSecurityGroups",
  "elasticloadbalancing:SetSubnets",
  ...RULE_ACTIONS,
];

export const LOOK_AT_CLUSTER_ACTIONS = ["eks:Describe*", "eks:List*"];

/** The cluster, its nodes, add-ons, roles of pods, and who has access. Not: to make or delete the cluster. */
export const CLUSTER_ACTIONS = [
  "eks:*AccessEntry",
  "eks:*AccessPolicy",
  "eks:*Addon",
  "eks:*Nodegroup",
  "eks:*PodIdentityAssociation",
  "eks:TagResource",
  "eks:UntagResource",
  "eks:UpdateCluster*",
  "eks:UpdateNodegroup*",
];

/** What acts on the Auto Scaling group behind the nodes. */
export const SCALING_ACTIONS = [
  "autoscaling:AttachLoadBalancerTargetGroups",
  "autoscaling:DeleteNotificationConfiguration",
  "autoscaling:DeletePolicy",
  "autoscaling:DetachLoadBalancerTargetGroups",
  "autoscaling:PutNotificationConfiguration",
  "autoscaling:PutScalingPolicy",
];

/** Alarms and the topic, which are named after the cluster. */
export const ALERT_ACTIONS = [
  "cloudwatch:DeleteAlarms",
  "cloudwatch:PutMetricAlarm",
  "cloudwatch:TagResource",
  "cloudwatch:UntagResource",
  "sns:CreateTopic",
  "sns:DeleteTopic",
  "sns:SetTopicAttributes",
  "sns:Subscribe",
  "sns:TagResource",
  "sns:UntagResource",
];

/** How they are set. */
export const LOOK_AT_ALERTS_ACTIONS = [
  "cloudwatch:ListTagsForResource",
  "sns:GetTopicAttributes",
  "sns:ListSubscriptionsByTopic",
  "sns:ListTagsForResource",
];

/** The repository of the images, as far as its owner declares it. Not: to delete it, its images, or to let tags move. */
export const REPOSITORY_ACTIONS = [
  "ecr:DeleteLifecyclePolicy",
  "ecr:DeleteRepositoryPolicy",
  "ecr:PutImageScanningConfiguration",
  "ecr:PutLifecyclePolicy",
  "ecr:SetRepositoryPolicy",
  "ecr:TagResource",
  "ecr:UntagResource",
];

/** https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html, less what marks an image. */
export const PUSH_ACTIONS = [
  "ecr:BatchCheckLayerAvailability",
  "ecr:CompleteLayerUpload",
  "ecr:GetDownloadUrlForLayer",
  "ecr:InitiateLayerUpload",
  "ecr:UploadLayerPart",
];

export const LOOK_AT_IMAGES_ACTIONS = [
  "ecr:BatchGetImage",
  "ecr:DescribeImages",
  "ecr:DescribeRepositories",
  "ecr:GetLifecyclePolicy",
  "ecr:GetRepositoryPolicy",
  "ecr:ListTagsForResource",
];

export const LOOK_AT_ROLES_ACTIONS = [
  "iam:GetRole",
  "iam:GetRolePolicy",
  "iam:ListAttachedRolePolicies",
  "iam:ListRolePolicies",
  "iam:ListRoleTags",
];
