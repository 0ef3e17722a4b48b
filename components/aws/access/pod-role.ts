import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

export interface PodRoleArgs {
  clusterArn: pulumi.Input<string>;
  /** Of the service account. */
  namespace: string;
  serviceAccount: string;
}

/**
 * Role that the pods of one service account take by EKS Pod Identity, and no other pod can take.
 * Source: https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html
 */
export function podRole(
  name: string,
  { clusterArn, namespace, serviceAccount }: PodRoleArgs,
  opts: pulumi.CustomResourceOptions,
): aws.iam.Role {
  return new aws.iam.Role(
    name,
    {
      assumeRolePolicy: pulumi.jsonStringify({
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Principal: { Service: "pods.eks.amazonaws.com" },
            Action: ["sts:AssumeRole", "sts:TagSession"],
            Condition: {
              StringEquals: {
                "aws:RequestTag/eks-cluster-arn": clusterArn,
                "aws:RequestTag/kubernetes-namespace": namespace,
                "aws:RequestTag/kubernetes-service-account": serviceAccount,
              },
            },
          },
        ],
      }),
    },
    opts,
  );
}
