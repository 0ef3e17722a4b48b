import {
  AssociateAccessPolicyCommand,
  CreateAccessEntryCommand,
  CreatePodIdentityAssociationCommand,
  DeleteAccessEntryCommand,
  DeletePodIdentityAssociationCommand,
  DescribeAccessEntryCommand,
  DescribePodIdentityAssociationCommand,
  DisassociateAccessPolicyCommand,
  ListAssociatedAccessPoliciesCommand,
  UpdatePodIdentityAssociationCommand,
} from "@aws-sdk/client-eks";
import { eks, eksTags, NOT_FOUND, splitId } from "./eks.ts";
import { unlessGone } from "./errors.ts";
import { requiredText, text, textMap } from "./props.ts";
import type { AwsResource } from "./resource.ts";

/** `aws:eks/accessEntry:AccessEntry`. */
export const accessEntry: AwsResource = {
  inputs: {
    clusterName: { required: true, forcesNew: true },
    principalArn: { required: true, forcesNew: true },
    type: { default: "STANDARD", forcesNew: true },
  },
  tags: eksTags,

  async create(props, aws) {
    const clusterName = requiredText(props, "clusterName");
    const principalArn = requiredText(props, "principalArn");
    const request = { clusterName, principalArn, type: text(props, "type"), tags: textMap(props, "tagsAll") };
    await eks(aws).send(new CreateAccessEntryCommand(request));
    return `${clusterName}:${principalArn}`;
  },

  async read(id, _known, aws) {
    const [clusterName, principalArn] = splitId(id, ":", 2);
    const request = new DescribeAccessEntryCommand({ clusterName, principalArn });
    const found = (await unlessGone(eks(aws).send(request), NOT_FOUND))?.accessEntry;
    return (
      found && { accessEntryArn: found.accessEntryArn, clusterName, principalArn, tags: found.tags, type: found.type }
    );
  },

  async delete(id, _props, aws) {
    const [clusterName, principalArn] = splitId(id, ":", 2);
    const request = new DeleteAccessEntryCommand({ clusterName, principalArn });
    await unlessGone(eks(aws).send(request), NOT_FOUND);
  },
};

/** `aws:eks/accessPolicyAssociation:AccessPolicyAssociation` for the whole cluster. */
export const accessPolicyAssociation: AwsResource = {
  inputs: {
    accessScope: { required: true, forcesNew: true, fields: { type: { required: true, allowed: ["cluster"] } } },
    clusterName: { required: true, forcesNew: true },
    policyArn: { required: true, forcesNew: true },
    principalArn: { required: true, forcesNew: true },
  },

  async create(props, aws) {
    const clusterName = requiredText(props, "clusterName");
    const principalArn = requiredText(props, "principalArn");
    const policyArn = requiredText(props, "policyArn");
    const request = { clusterName, principalArn, policyArn, accessScope: { type: "cluster" } } as const;
    await eks(aws).send(new AssociateAccessPolicyCommand(request));
    return [clusterName, principalArn, policyArn].join("#");
  },

  async read(id, _known, aws) {
    const [clusterName, principalArn, policyArn] = splitId(id, "#", 3);
    const request = new ListAssociatedAccessPoliciesCommand({ clusterName, principalArn });
    const answer = await unlessGone(eks(aws).send(request), NOT_FOUND);
    const found = answer?.associatedAccessPolicies?.find((policy) => policy.policyArn === policyArn);
    return found && { accessScope: { type: found.accessScope?.type }, clusterName, policyArn, principalArn };
  },

  async delete(id, _props, aws) {
    const [clusterName, principalArn, policyArn] = splitId(id, "#", 3);
    const request = new DisassociateAccessPolicyCommand({ clusterName, principalArn, policyArn });
    await unlessGone(eks(aws).send(request), NOT_FOUND);
  },
};

/** `aws:eks/podIdentityAssociation:PodIdentityAssociation`. */
export const podIdentityAssociation: AwsResource = {
  inputs: {
    clusterName: { required: true, forcesNew: true },
    namespace: { required: true, forcesNew: true },
    roleArn: { required: true },
    serviceAccount: { required: true, forcesNew: true },
  },
  tags: eksTags,

  async create(props, aws) {
    const answer = await eks(aws).send(
      new CreatePodIdentityAssociationCommand({
        clusterName: requiredText(props, "clusterName"),
        namespace: requiredText(props, "namespace"),
        roleArn: requiredText(props, "roleArn"),
        serviceAccount: requiredText(props, "serviceAccount"),
        tags: textMap(props, "tagsAll"),
      }),
    );
    return answer.association?.associationId ?? "";
  },

  async read(id, known, aws) {
    const clusterName = requiredText(known, "clusterName");
    const request = new DescribePodIdentityAssociationCommand({ associationId: id, clusterName });
    const found = (await unlessGone(eks(aws).send(request), NOT_FOUND))?.association;
    return (
      found && {
        associationArn: found.associationArn,
        clusterName,
        namespace: found.namespace,
        roleArn: found.roleArn,
        serviceAccount: found.serviceAccount,
        tags: found.tags,
      }
    );
  },

  async update(id, props, _old, _changed, aws) {
    const [clusterName, roleArn] = [requiredText(props, "clusterName"), requiredText(props, "roleArn")];
    const request = new UpdatePodIdentityAssociationCommand({ associationId: id, clusterName, roleArn });
    await eks(aws).send(request);
  },

  async delete(id, props, aws) {
    const clusterName = requiredText(props, "clusterName");
    const request = new DeletePodIdentityAssociationCommand({ associationId: id, clusterName });
    await unlessGone(eks(aws).send(request), NOT_FOUND);
  },
};
