import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { AwsPermissions, ServiceRole } from "../../cluster/connection.ts";
import { policyJson } from "./iam-policy.ts";
import { podRole } from "./pod-role.ts";

export interface ServiceRoleArgs {
  /** Name of the service, and of its service account. */
  service: string;
  /** A role that exists. @default - one is created with `allow` */
  roleArn?: string | undefined;
  /** What a role that is created may do. @default - nothing */
  allow?: AwsPermissions | undefined;
}

export interface ServiceRoleCluster {
  name: pulumi.Input<string>;
  arn: pulumi.Input<string>;
  /** Namespace of the services. */
  namespace: string;
  /** Of the roles that are created: see serviceRolePath. */
  path: string;
}

/**
 * Gives an IAM role to the pods of a service, by EKS Pod Identity. Only pods that are made afterwards get it. It needs neither the
 * service account nor its namespace to exist.
 */
export function serviceRole(
  name: string,
  { service, roleArn, allow = [] }: ServiceRoleArgs,
  { name: clusterName, arn: clusterArn, namespace, path }: ServiceRoleCluster,
  opts: pulumi.CustomResourceOptions,
): ServiceRole {
  const account = { namespace, serviceAccount: service };
  const associate = (roleArn: pulumi.Input<string>, dependsOn: pulumi.Resource[]) =>
    new aws.eks.PodIdentityAssociation(name, { clusterName, ...account, roleArn }, { ...opts, dependsOn });
  if (roleArn !== undefined) return { roleArn, ready: associate(roleArn, []) };

  const role = podRole(name, { clusterArn, ...account, path }, opts);
  const policy = new aws.iam.RolePolicy(
    name,
    {
      role: role.name,
      policy: policyJson(
        ...allow.map(({ actions, resources }) => ({ Effect: "Allow", Action: actions, Resource: resources })),
      ),
    },
    opts,
  );
  return { roleArn: role.arn, ready: associate(role.arn, [policy]) };
}
