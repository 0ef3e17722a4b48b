import { autoscalingResources } from "./autoscaling.ts";
import { cloudwatchResources } from "./cloudwatch.ts";
import { gatewayResources } from "./ec2-gateways.ts";
import { networkResources } from "./ec2-network.ts";
import { routeResources } from "./ec2-routes.ts";
import { ecrResources } from "./ecr.ts";
import { accessEntry, accessPolicyAssociation, podIdentityAssociation } from "./eks-access.ts";
import { addon } from "./eks-addon.ts";
import { cluster } from "./eks-cluster.ts";
import { nodeGroup } from "./eks-node-group.ts";
import { listenerResources } from "./elb-listener.ts";
import { loadBalancerResources } from "./elb-load-balancer.ts";
import { iamResources } from "./iam.ts";
import { kmsResources } from "./kms.ts";
import { launchTemplateResources } from "./launch-template.ts";
import type { AwsResource } from "./resource.ts";
import { s3Resources } from "./s3.ts";
import { securityGroupResources } from "./security-group.ts";
import { snsResources } from "./sns.ts";

/** All resource types that are served, by token. */
export const resources: Record<string, AwsResource> = {
  ...networkResources,
  ...gatewayResources,
  ...routeResources,
  ...securityGroupResources,
  ...launchTemplateResources,
  ...loadBalancerResources,
  ...listenerResources,
  ...autoscalingResources,
  ...iamResources,
  ...kmsResources,
  ...ecrResources,
  "aws:eks/cluster:Cluster": cluster,
  "aws:eks/addon:Addon": addon,
  "aws:eks/accessEntry:AccessEntry": accessEntry,
  "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": accessPolicyAssociation,
  "aws:eks/podIdentityAssociation:PodIdentityAssociation": podIdentityAssociation,
  "aws:eks/nodeGroup:NodeGroup": nodeGroup,
  ...cloudwatchResources,
  ...snsResources,
  ...s3Resources,
};
