import { gatewayResources } from "./ec2-gateways.ts";
import { networkResources } from "./ec2-network.ts";
import { routeResources } from "./ec2-routes.ts";
import { flowLogResources } from "./flow-log.ts";
import { launchTemplateResources } from "./launch-template.ts";
import type { AwsResource } from "./resource.ts";
import { securityGroupResources } from "./security-group.ts";
import { securityGroupRuleResources } from "./security-group-rule.ts";
import { vpcEndpointResources } from "./vpc-endpoint.ts";

/** The types of EC2, those of its VPCs among them. */
export const ec2Resources: Record<string, AwsResource> = {
  ...networkResources,
  ...gatewayResources,
  ...routeResources,
  ...vpcEndpointResources,
  ...flowLogResources,
  ...securityGroupResources,
  ...securityGroupRuleResources,
  ...launchTemplateResources,
};
