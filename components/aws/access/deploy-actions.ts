// IAM actions that the AWS provider calls for the resources of this program, grouped by how AWS can scope them.
// All policies of a role share 10,240 characters, so a wildcard stands for a group where it adds no permission that matters.

/** Lists and descriptions that AWS cannot scope to a resource, or whose resource is only known after the call. */
export const READ_ACTIONS = [
  "autoscaling:Describe*",
  "cloudwatch:DescribeAlarms",
  "ec2:DescribeAddresses*",
  "ec2:DescribeAvailabilityZones",
  "ec2:DescribeFlowLogs",
  "ec2:DescribeInstanceType*",
  "ec2:DescribeLaunchTemplate*",
  "ec2:Describe*Gateways",
  "ec2:DescribeNetworkAcls",
  "ec2:DescribeNetworkInterfaces",
  "ec2:DescribePrefixLists",
  "ec2:DescribeRouteTables",
  "ec2:DescribeSecurityGroup*",
  "ec2:DescribeSubnets",
  "ec2:DescribeTags",
  "ec2:DescribeVpc*",
  "ecr:GetAuthorizationToken",
  "eks:Describe*Versions",
  "elasticloadbalancing:Describe*",
  "kms:DescribeKey",
  "kms:GetKey*",
  "kms:ListAliases",
  "kms:ListResourceTags",
  "logs:DescribeLogGroups",
  "logs:ListTagsForResource",
  "sns:GetSubscriptionAttributes",
];

/** Create a resource that takes tags. */
export const CREATE_ACTIONS = [
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

/** EC2 resource types that {@link CREATE_ACTIONS} create. Not the VPC, which an administrator creates with the cluster. */
export const CREATED_EC2_TYPES = [
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

export const SECURITY_GROUP_RULE_ACTIONS = [
  "ec2:AuthorizeSecurityGroup*",
  "ec2:ModifySecurityGroupRules",
  "ec2:RevokeSecurityGroup*",
];

/** Change or delete a resource that has the environment's tags, or create another one in it. */
export const UPDATE_ACTIONS = [
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
  ...SECURITY_GROUP_RULE_ACTIONS,
];

export const READ_CLUSTER_ACTIONS = ["eks:Describe*", "eks:List*"];

/** The cluster, its node groups, add-ons, pod identities and access entries. Not creating or deleting the cluster. */
export const UPDATE_CLUSTER_ACTIONS = [
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

/** Act on the Auto Scaling group of the nodes. */
export const UPDATE_AUTO_SCALING_ACTIONS = [
  "autoscaling:AttachLoadBalancerTargetGroups",
  "autoscaling:DeleteNotificationConfiguration",
  "autoscaling:DeletePolicy",
  "autoscaling:DetachLoadBalancerTargetGroups",
  "autoscaling:PutNotificationConfiguration",
  "autoscaling:PutScalingPolicy",
];

/** The alarms and the topic, whose names start with the cluster's. */
export const UPDATE_ALERTS_ACTIONS = [
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

export const READ_ALERTS_ACTIONS = [
  "cloudwatch:ListTagsForResource",
  "sns:GetTopicAttributes",
  "sns:ListSubscriptionsByTopic",
  "sns:ListTagsForResource",
];

/** Settings of the image repository. Not deleting it or its images, and not making its tags mutable. */
export const UPDATE_REPOSITORY_ACTIONS = [
  "ecr:DeleteLifecyclePolicy",
  "ecr:DeleteRepositoryPolicy",
  "ecr:PutImageScanningConfiguration",
  "ecr:PutLifecyclePolicy",
  "ecr:SetRepositoryPolicy",
  "ecr:TagResource",
  "ecr:UntagResource",
];

/** https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html, without `ecr:PutImage`, which every environment has. */
export const PUSH_IMAGE_ACTIONS = [
  "ecr:BatchCheckLayerAvailability",
  "ecr:CompleteLayerUpload",
  "ecr:GetDownloadUrlForLayer",
  "ecr:InitiateLayerUpload",
  "ecr:UploadLayerPart",
];

export const READ_IMAGES_ACTIONS = [
  "ecr:BatchGetImage",
  "ecr:DescribeImages",
  "ecr:DescribeRepositories",
  "ecr:GetLifecyclePolicy",
  "ecr:GetRepositoryPolicy",
  "ecr:ListTagsForResource",
];

export const READ_ROLES_ACTIONS = [
  "iam:GetRole",
  "iam:GetRolePolicy",
  "iam:ListAttachedRolePolicies",
  "iam:ListRolePolicies",
  "iam:ListRoleTags",
];
