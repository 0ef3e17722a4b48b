import { accessEntry, accessPolicyAssociation, podIdentityAssociation } from "./eks-access.ts";
import { addon } from "./eks-addons.ts";
import { cluster } from "./eks-cluster.ts";
import { nodeGroup } from "./eks-node-group.ts";
import type { AwsResource } from "./resource.ts";

export const eksResources: Record<string, AwsResource> = {
  "aws:eks/cluster:Cluster": cluster,
  "aws:eks/addon:Addon": addon,
  "aws:eks/accessEntry:AccessEntry": accessEntry,
  "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": accessPolicyAssociation,
  "aws:eks/podIdentityAssociation:PodIdentityAssociation": podIdentityAssociation,
  "aws:eks/nodeGroup:NodeGroup": nodeGroup,
};
