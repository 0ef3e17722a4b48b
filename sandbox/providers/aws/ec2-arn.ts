import type { AwsContext } from "./resource.ts";

/**
 * The ARN of something in EC2.
 *
 * @param type as ARNs write it: `vpc`, `elastic-ip`.
 * @param owner account that has it. @default the provider's account
 */
export function ec2Arn(aws: AwsContext, type: string, id: string, owner: string = aws.accountId): string {
  return `arn:${aws.partition}:ec2:${aws.region}:${owner}:${type}/${id}`;
}
