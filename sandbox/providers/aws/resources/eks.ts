import {
  AssociateAccessPolicyCommand,
  CapacityTypes,
  CreateAccessEntryCommand,
  CreateAddonCommand,
  CreateNodegroupCommand,
  CreatePodIdentityAssociationCommand,
  DeleteAccessEntryCommand,
  DeleteAddonCommand,
  DeleteNodegroupCommand,
  DeletePodIdentityAssociationCommand,
  DescribeAccessEntryCommand,
  DescribeAddonCommand,
  DescribeNodegroupCommand,
  DescribePodIdentityAssociationCommand,
  DisassociateAccessPolicyCommand,
  ListAssociatedAccessPoliciesCommand,
  UpdateAddonCommand,
  UpdateNodegroupConfigCommand,
  UpdateNodegroupVersionCommand,
  UpdatePodIdentityAssociationCommand,
} from "@aws-sdk/client-eks";
import { declared } from "../declared-resource.ts";
import { at } from "../mapping.ts";
import type { AwsResource, Props } from "../resource.ts";
import { eks } from "../services.ts";
import { cluster } from "./eks-cluster.ts";
import { eksStates, NOT_FOUND, settleUpdate } from "./eks-waits.ts";

const fixed = { required: true, forcesNew: true } as const;
const MINUTE = 60;

const addonIdentity = ({ clusterName, addonName }: Props) => ({ clusterName, addonName });

const addon = declared({
  service: eks,
  tagged: "",
  identity: (_, props) => addonIdentity(props),
  gone: [NOT_FOUND],
  inputs: {
    addonName: fixed,
    addonVersion: { computed: true },
    clusterName: fixed,
    configurationValues: { computed: true, keepEmpty: true },
    resolveConflictsOnCreate: { allowed: ["NONE", "OVERWRITE"], api: "resolveConflicts", told: false },
    resolveConflictsOnUpdate: { allowed: ["NONE", "OVERWRITE", "PRESERVE"], sent: "never", told: false },
  },
  outputs: { arn: "addonArn" },
  create: { command: CreateAddonCommand },
  id: ({ clusterName, addonName }) => `${clusterName}:${addonName}`,
  read: { command: DescribeAddonCommand, found: "addon" },
  update: [
    {
      on: ["addonVersion", "configurationValues"],
      command: UpdateAddonCommand,
      as: { resolveConflictsOnUpdate: "resolveConflicts" },
    },
  ],
  settle: (answer, change) => {
    const { clusterName, addonName } = addonIdentity(change.props);
    return settleUpdate(answer, change, { name: clusterName, addonName }, 20 * MINUTE);
  },
  delete: { command: DeleteAddonCommand },
  // Degraded counts as on its way: coredns is, as long as there is no node.
  states: { ...eksStates("add-on", "DEGRADED"), seconds: { create: 20 * MINUTE, delete: 40 * MINUTE } },
});

const nodeGroupIdentity = ({ clusterName, nodeGroupName }: Props) => ({ clusterName, nodegroupName: nodeGroupName });

/** Of a launch template. */
const nodeGroup = declared({
  service: eks,
  tagged: "",
  autoname: "nodeGroupName",
  autonameLimit: 63,
  identity: (_, props) => nodeGroupIdentity(props),
  gone: [NOT_FOUND],
  inputs: {
    capacityType: { computed: true, allowed: Object.values(CapacityTypes), forcesNew: true },
    clusterName: fixed,
    instanceTypes: { computed: true, forcesNew: true },
    launchTemplate: { required: true, fields: { id: fixed, version: { required: true } } },
    nodeGroupName: { computed: true, forcesNew: true, api: "nodegroupName" },
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
      const names = at(found, "resources.autoScalingGroups[].name") as string[];
      return [{ autoscalingGroups: names.map((name) => ({ name })) }];
    },
  },
  create: { command: CreateNodegroupCommand },
  id: ({ clusterName, nodeGroupName }) => `${clusterName}:${nodeGroupName}`,
  read: { command: DescribeNodegroupCommand, found: "nodegroup" },
  update: [
    { on: ["launchTemplate"], command: UpdateNodegroupVersionCommand },
    { on: ["nodeRepairConfig", "scalingConfig", "updateConfig"], command: UpdateNodegroupConfigCommand },
  ],
  settle: (answer, change) => {
    const { clusterName, nodegroupName } = nodeGroupIdentity(change.props);
    return settleUpdate(answer, change, { name: clusterName, nodegroupName }, 60 * MINUTE);
  },
  delete: { command: DeleteNodegroupCommand },
  states: { ...eksStates("node group"), seconds: { create: 60 * MINUTE, delete: 60 * MINUTE } },
});

const accessEntry = declared({
  service: eks,
  tagged: "",
  identity: (_, { clusterName, principalArn }) => ({ clusterName, principalArn }),
  gone: [NOT_FOUND],
  inputs: { clusterName: fixed, principalArn: fixed, type: { default: "STANDARD", forcesNew: true } },
  outputs: { accessEntryArn: "accessEntryArn" },
  create: { command: CreateAccessEntryCommand },
  id: ({ clusterName, principalArn }) => `${clusterName}:${principalArn}`,
  read: { command: DescribeAccessEntryCommand, found: "accessEntry" },
  delete: { command: DeleteAccessEntryCommand },
});

/** For the whole cluster. */
const accessPolicyAssociation = declared({
  service: eks,
  identity: (_, { clusterName, principalArn, policyArn }) => ({ clusterName, principalArn, policyArn }),
  gone: [NOT_FOUND],
  inputs: {
    accessScope: { ...fixed, fields: { type: { required: true, allowed: ["cluster"] } } },
    clusterName: { ...fixed, told: false },
    policyArn: fixed,
    principalArn: { ...fixed, told: false },
  },
  create: { command: AssociateAccessPolicyCommand },
  id: ({ clusterName, principalArn, policyArn }) => [clusterName, principalArn, policyArn].join("#"),
  read: {
    command: ListAssociatedAccessPoliciesCommand,
    found: "associatedAccessPolicies",
    match: (item, _, { policyArn }) => item.policyArn === policyArn,
  },
  delete: { command: DisassociateAccessPolicyCommand },
});

const podIdentityAssociation = declared({
  service: eks,
  tagged: "",
  identity: (associationId, { clusterName }) => ({ associationId, clusterName }),
  gone: [NOT_FOUND],
  inputs: { clusterName: fixed, namespace: fixed, roleArn: { required: true }, serviceAccount: fixed },
  outputs: { associationArn: "associationArn" },
  create: { command: CreatePodIdentityAssociationCommand },
  id: "association.associationId",
  read: { command: DescribePodIdentityAssociationCommand, found: "association" },
  update: [{ command: UpdatePodIdentityAssociationCommand }],
  delete: { command: DeletePodIdentityAssociationCommand },
});

export const eksResources: Record<string, AwsResource> = {
  "aws:eks/cluster:Cluster": cluster,
  "aws:eks/addon:Addon": addon,
  "aws:eks/nodeGroup:NodeGroup": nodeGroup,
  "aws:eks/accessEntry:AccessEntry": accessEntry,
  "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": accessPolicyAssociation,
  "aws:eks/podIdentityAssociation:PodIdentityAssociation": podIdentityAssociation,
};
