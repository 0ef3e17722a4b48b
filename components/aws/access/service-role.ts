import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";

export interface ServiceRoleArgs {
  /** Name of the service, and of its service account. */
  service: string;
  roleArn: string;
}

export interface ServiceRoleCluster {
  name: pulumi.Input<string>;
  /** Namespace of the services. */
  namespace: string;
}

/**
 * Gives an IAM role to the pods of a service, by EKS Pod Identity. Only pods that are made afterwards get it. It needs neither the
 * service account nor its namespace to exist.
 */
export function serviceRole(
  name: string,
  { service, roleArn }: ServiceRoleArgs,
  { name: clusterName, namespace }: ServiceRoleCluster,
  opts: pulumi.CustomResourceOptions,
): aws.eks.PodIdentityAssociation {
  return new aws.eks.PodIdentityAssociation(name, { clusterName, namespace, serviceAccount: service, roleArn }, opts);
}
