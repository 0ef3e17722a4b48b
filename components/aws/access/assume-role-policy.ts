import type * as pulumi from "@pulumi/pulumi";
import { policyJson } from "./iam-policy.ts";

export interface AssumeRolePolicyArgs {
  /** Who may assume the role: an AWS service such as ec2.amazonaws.com, or an OIDC provider by its ARN. */
  principal: { Service: string } | { Federated: pulumi.Input<string> };
  /** @default "sts:AssumeRole" */
  action?: string | string[];
  /** @default - none: the principal may assume the role for anybody */
  condition?: Record<string, Record<string, pulumi.Input<string>>>;
}

/** Trust policy of an IAM role: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html */
export function assumeRolePolicy({
  principal,
  action = "sts:AssumeRole",
  condition,
}: AssumeRolePolicyArgs): pulumi.Output<string> {
  return policyJson({
    Effect: "Allow",
    Principal: principal,
    Action: action,
    ...(condition && { Condition: condition }),
  });
}
