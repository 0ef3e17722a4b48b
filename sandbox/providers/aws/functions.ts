import { getAuthorizationToken } from "./get-authorization-token.ts";
import { getAvailabilityZones } from "./get-availability-zones.ts";
import { getCallerIdentity } from "./get-caller-identity.ts";
import { getClusterVersions } from "./get-cluster-versions.ts";
import { getInstanceType } from "./get-instance-type.ts";
import { getAutoScalingGroup, getNodeGroup, getNodeGroups } from "./get-node-groups.ts";
import { getOpenIdConnectProvider } from "./get-open-id-connect-provider.ts";
import { getParameter } from "./get-parameter.ts";
import { getSessionContext } from "./get-session-context.ts";
import { getVpc } from "./get-vpc.ts";
import type { AwsFunction } from "./resource.ts";

/** The functions that are served, by the token that the SDK calls them by. */
export const functions: Record<string, AwsFunction> = {
  "aws:index/getCallerIdentity:getCallerIdentity": getCallerIdentity,
  "aws:index/getAvailabilityZones:getAvailabilityZones": getAvailabilityZones,
  "aws:ecr/getAuthorizationToken:getAuthorizationToken": getAuthorizationToken,
  "aws:ec2/getInstanceType:getInstanceType": getInstanceType,
  "aws:ec2/getVpc:getVpc": getVpc,
  "aws:ssm/getParameter:getParameter": getParameter,
  "aws:eks/getClusterVersions:getClusterVersions": getClusterVersions,
  "aws:eks/getNodeGroups:getNodeGroups": getNodeGroups,
  "aws:eks/getNodeGroup:getNodeGroup": getNodeGroup,
  "aws:autoscaling/getGroup:getGroup": getAutoScalingGroup,
  "aws:iam/getSessionContext:getSessionContext": getSessionContext,
  "aws:iam/getOpenIdConnectProvider:getOpenIdConnectProvider": getOpenIdConnectProvider,
};
