import type { AwsResource } from "./resource.ts";
import { autoScalingResources } from "./resources/auto-scaling.ts";
import { cloudWatchResources } from "./resources/cloudwatch.ts";
import { ecrResources } from "./resources/ecr.ts";
import { eksResources } from "./resources/eks.ts";
import { iamResources } from "./resources/iam.ts";
import { kmsResources } from "./resources/kms.ts";
import { launchTemplateResources } from "./resources/launch-template.ts";
import { loadBalancingResources } from "./resources/load-balancing.ts";
import { networkResources } from "./resources/network.ts";
import { routeResources } from "./resources/routes.ts";
import { s3Resources } from "./resources/s3.ts";
import { securityGroupResources } from "./resources/security-groups.ts";
import { snsResources } from "./resources/sns.ts";

/** All resource types that are served, by token. */
export const resources: Record<string, AwsResource> = {
  ...networkResources,
  ...routeResources,
  ...securityGroupResources,
  ...launchTemplateResources,
  ...loadBalancingResources,
  ...autoScalingResources,
  ...iamResources,
  ...kmsResources,
  ...ecrResources,
  ...eksResources,
  ...cloudWatchResources,
  ...snsResources,
  ...s3Resources,
};
