import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { assumeRolePolicy } from "./assume-role-policy.ts";

export interface PodRoleArgs {
  clusterArn: pulumi.Input<string>;
  /** Namespace of the service account. */
  namespace: string;
  serviceAccount: string;
  /** IAM path of the role. @default "/" */
  path?: string;
}

/**
 * Role that only the pods of one service account can assume, by EKS Pod Identity.
 * Source: https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html
 */
export function podRole(
  name: string,
  { clusterArn, namespace, serviceAccount, path }: PodRoleArgs,
  opts: pulumi.CustomResourceOptions,
): aws.iam.Role {
  return new aws.iam.Role(
    name,
    {
      ...(path !== undefined && { path }),
      assumeRolePolicy: assumeRolePolicy({
        principal: { Service: "pods.eks.amazonaws.com" },
        action: ["sts:AssumeRole", "sts:TagSession"],
        condition: {
          StringEquals: {
            "aws:RequestTag/eks-cluster-arn": clusterArn,
            "aws:RequestTag/kubernetes-namespace": namespace,
            "aws:RequestTag/kubernetes-service-account": serviceAccount,
          },
        },
      }),
    },
    opts,
  );
}
