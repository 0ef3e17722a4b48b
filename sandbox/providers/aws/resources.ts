import { autoscalingResources } from "./autoscaling.ts";
import { cloudwatchResources } from "./cloudwatch.ts";
import { ec2Resources } from "./ec2.ts";
import { ecrResources } from "./ecr.ts";
import { eksResources } from "./eks.ts";
import { elbResources } from "./elb.ts";
import { iamResources } from "./iam.ts";
import { kmsResources } from "./kms.ts";
import type { AwsResource } from "./resource.ts";
import { s3Resources } from "./s3.ts";
import { snsResources } from "./sns.ts";

/** All resource types that are served, by token. */
export const resources: Record<string, AwsResource> = {
  ...ec2Resources,
  ...elbResources,
  ...autoscalingResources,
  ...iamResources,
  ...kmsResources,
  ...ecrResources,
  ...eksResources,
  ...cloudwatchResources,
  ...snsResources,
  ...s3Resources,
};
