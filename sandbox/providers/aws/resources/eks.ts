import * as eks from "@aws-sdk/client-eks";
import { declared } from "../declared-resource.ts";
import { valueAt } from "../mapping.ts";
import { type AwsResource, fixed, type Props } from "../resource.ts";
import { eksService } from "../services.ts";
import { cluster } from "./eks-cluster.ts";
import { eksStates, settleUpdate } from "./eks-waits.ts";

const MINUTE = 60;

const addonIdentity = ({ clusterName, addonName }: Props) => ({ clusterName, addonName });

const addon = declared(eksService, {
  tagged: true,
  identity: (_, props) => addonIdentity(props),
  inputs: {
    addonName: fixed,
    addonVersion: { computed: true },
    clusterName: fixed,
    configurationValues: { computed: true, keepEmpty: true },
    resolveConflictsOnCreate: { allowed: ["NONE", "OVERWRITE"], api: "resolveConflicts", returned: false },
    resolveConflictsOnUpdate: { allowed: ["NONE", "OVERWRITE", "PRESERVE"], sent: "never", returned: false },
  },
  outputs: { arn: "addonArn" },
  create: eks.CreateAddonCommand,
  id: ({ clusterName, addonName }) => `${clusterName}:${addonName}`,
  read: { command: eks.DescribeAddonCommand, found: "addon" },
  update: [
    {
      on: ["addonVersion", "configurationValues"],
      command: eks.UpdateAddonCommand,
      as: { resolveConflictsOnUpdate: "resolveConflicts" },
    },
  ],
  settle: (answer, change) => {
    const { clusterName, addonName } = addonIdentity(change.props);
    return settleUpdate(answer, change, { name: clusterName, addonName }, 20 * MINUTE);
  },
  delete: eks.DeleteAddonCommand,
  // Degraded counts as on its way: coredns is, as long as there is no node.
  states: { ...eksStates("add-on", "DEGRADED"), seconds: { create: 20 * MINUTE, delete: 40 * MINUTE } },
});

const nodeGroupIdentity = ({ clusterName, nodeGroupName }: Props) => ({ clusterName, nodegroupName: nodeGroupName });

/** Of a launch template. */
const nodeGroup = declared(eksService, {
  tagged: true,
  autoname: "nodeGroupName",
  autonameLimit: 63,
  identity: (_, props) => nodeGroupIdentity(props),
  inputs: {
    capacityType: { computed: true, allowed: Object.values(eks.CapacityTypes), forcesNew: true },
    clusterName: fixed,
    instanceTypes: { forcesNew: true, computed: true },
    launchTemplate: { required: true, fields: { id: fixed, version: { required: true } } },
    nodeGroupName: { forcesNew: true, computed: true, api: "nodegroupName" },
    nodeRepairConfig: { computed: true, fields: { enabled: { default: false } } },
    nodeRoleArn: { ...fixed, api: "nodeRole" },
    scalingConfig: {
      required: true,
      fields: { desiredSize: { required: true }, maxSize: { required: true }, minSize: { required: true } },
    },
    subnetIds: { ...fixed, set: true, api: "subnets" },
    updateConfig: { computed: true, fields: { maxUnavailable: { required: true } } },
  },
  outputs: {
    arn: "nodegroupArn",
    resources: (found) => {
      const names = valueAt(found, "resources.autoScalingGroups[].name") as string[];
      return [{ autoscalingGroups: names.map((name) => ({ name })) }];
    },
  },
  create: eks.CreateNodegroupCommand,
  id: ({ clusterName, nodeGroupName }) => `${clusterName}:${nodeGroupName}`,
  read: { command: eks.DescribeNodegroupCommand, found: "nodegroup" },
  update: [
    { on: ["launchTemplate"], command: eks.UpdateNodegroupVersionCommand },
    { on: ["nodeRepairConfig", "scalingConfig", "updateConfig"], command: eks.UpdateNodegroupConfigCommand },
  ],
  settle: (answer, change) => {
    const { clusterName, nodegroupName } = nodeGroupIdentity(change.props);
    return settleUpdate(answer, change, { name: clusterName, nodegroupName }, 60 * MINUTE);
  },
  delete: eks.DeleteNodegroupCommand,
  states: { ...eksStates("node group"), seconds: { create: 60 * MINUTE, delete: 60 * MINUTE } },
});

const accessEntry = declared(eksService, {
  tagged: true,
  identity: (_, { clusterName, principalArn }) => ({ clusterName, principalArn }),
  inputs: { clusterName: fixed, principalArn: fixed, type: { default: "STANDARD", forcesNew: true } },
  outputs: { accessEntryArn: "accessEntryArn" },
  create: eks.CreateAccessEntryCommand,
  id: ({ clusterName, principalArn }) => `${clusterName}:${principalArn}`,
  read: { command: eks.DescribeAccessEntryCommand, found: "accessEntry" },
  delete: eks.DeleteAccessEntryCommand,
});

/** For the whole cluster. */
const accessPolicyAssociation = declared(eksService, {
  identity: (_, { clusterName, principalArn, policyArn }) => ({ clusterName, principalArn, policyArn }),
  inputs: {
    accessScope: { ...fixed, fields: { type: { required: true, allowed: ["cluster"] } } },
    clusterName: { ...fixed, returned: false },
    policyArn: fixed,
    principalArn: { ...fixed, returned: false },
  },
  create: eks.AssociateAccessPolicyCommand,
  id: ({ clusterName, principalArn, policyArn }) => [clusterName, principalArn, policyArn].join("#"),
  read: {
    command: eks.ListAssociatedAccessPoliciesCommand,
    found: "associatedAccessPolicies",
    match: (item, _, { policyArn }) => item.policyArn === policyArn,
  },
  delete: eks.DisassociateAccessPolicyCommand,
});

const podIdentityAssociation = declared(eksService, {
  tagged: true,
  identity: (associationId, { clusterName }) => ({ associationId, clusterName }),
  inputs: { clusterName: fixed, namespace: fixed, roleArn: { required: true }, serviceAccount: fixed },
  outputs: { associationArn: "associationArn" },
  create: eks.CreatePodIdentityAssociationCommand,
  id: "association.associationId",
  read: { command: eks.DescribePodIdentityAssociationCommand, found: "association" },
  update: [eks.UpdatePodIdentityAssociationCommand],
  delete: eks.DeletePodIdentityAssociationCommand,
});

export const eksResources: Record<string, AwsResource> = {
  "aws:eks/cluster:Cluster": cluster,
  "aws:eks/addon:Addon": addon,
  "aws:eks/nodeGroup:NodeGroup": nodeGroup,
  "aws:eks/accessEntry:AccessEntry": accessEntry,
  "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": accessPolicyAssociation,
  "aws:eks/podIdentityAssociation:PodIdentityAssociation": podIdentityAssociation,
};
