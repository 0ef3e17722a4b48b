import type { PolicyDocument } from "../access/iam-policy.ts";

const TAG = "k8s.io/cluster-autoscaler";

/**
 * What the cluster-autoscaler may do: change the size of the Auto Scaling groups that EKS tagged for this cluster, and terminate
 * their instances. Upstream's list also covers launch configurations and groups that choose instance types by attributes. EKS
 * creates neither, so those actions are left out.
 * Source: https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/cloudprovider/aws/README.md#iam-policy
 *
 * @param clusterArn of the EKS cluster.
 */
export function autoscalerPolicy(clusterArn: string): PolicyDocument {
  const [, partition = "", , region = "", accountId = "", resource = ""] = clusterArn.split(":");
  const clusterName = resource.replace("cluster/", "");
  const place = `${region}:${accountId}`;
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "Look",
        Effect: "Allow",
        // None of these actions supports resource-level permissions.
        Action: [
          "autoscaling:DescribeAutoScalingGroups",
          "autoscaling:DescribeScalingActivities",
          "ec2:DescribeInstanceTypes",
          "ec2:DescribeLaunchTemplateVersions",
        ],
        Resource: "*",
        Condition: { StringEquals: { "aws:RequestedRegion": region } },
      },
      {
        Sid: "LookAtNodeGroups",
        Effect: "Allow",
        Action: ["eks:DescribeNodegroup"],
        Resource: `arn:${partition}:eks:${place}:nodegroup/${clusterName}/*`,
      },
      {
        Sid: "Scale",
        Effect: "Allow",
        Action: ["autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"],
        Resource: `arn:${partition}:autoscaling:${place}:autoScalingGroup:*`,
        Condition: {
          StringEquals: {
            [`aws:ResourceTag/${TAG}/enabled`]: "true",
            [`aws:ResourceTag/${TAG}/${clusterName}`]: "owned",
          },
        },
      },
    ],
  };
}
