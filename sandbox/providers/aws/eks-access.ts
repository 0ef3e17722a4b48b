import {
  type AccessScope,
  AssociateAccessPolicyCommand,
  type AssociatedAccessPolicy,
  CreateAccessEntryCommand,
  CreatePodIdentityAssociationCommand,
  DeleteAccessEntryCommand,
  DeletePodIdentityAssociationCommand,
  DescribeAccessEntryCommand,
  DescribePodIdentityAssociationCommand,
  DisassociateAccessPolicyCommand,
  EKSClient,
  paginateListAssociatedAccessPolicies,
  UpdateAccessEntryCommand,
  UpdatePodIdentityAssociationCommand,
} from "@aws-sdk/client-eks";
import { eksTags, NOT_FOUND, updateEksTags } from "./eks-update.ts";
import { unlessGone } from "./errors.ts";
import { flag, object, requiredText, text, texts } from "./props.ts";
import type { AwsResource } from "./resource.ts";
import { splitId } from "./resource-id.ts";
import { timestamp } from "./timestamp.ts";

/** `aws:eks/accessEntry:AccessEntry`. */
export const accessEntry: AwsResource = {
  tagged: true,
  changing: ["modifiedAt"],
  inputs: {
    clusterName: { required: true, forcesNew: true },
    kubernetesGroups: { computed: true, set: true },
    principalArn: { required: true, forcesNew: true },
    type: { default: "STANDARD", forcesNew: true },
    userName: { computed: true },
  },

  async create(props, aws) {
    const clusterName = requiredText(props, "clusterName");
    const principalArn = requiredText(props, "principalArn");
    await aws.client(EKSClient).send(
      new CreateAccessEntryCommand({
        clusterName,
        principalArn,
        kubernetesGroups: texts(props, "kubernetesGroups"),
        type: text(props, "type"),
        username: text(props, "userName"),
        tags: eksTags(props),
      }),
    );
    return `${clusterName}:${principalArn}`;
  },

  async read(id, _known, aws) {
    const [clusterName, principalArn] = splitId(id, ":", 2);
    const request = new DescribeAccessEntryCommand({ clusterName, principalArn });
    const found = (await unlessGone(aws.client(EKSClient).send(request), NOT_FOUND))?.accessEntry;
    return (
      found && {
        accessEntryArn: found.accessEntryArn,
        clusterName,
        createdAt: timestamp(found.createdAt),
        kubernetesGroups: found.kubernetesGroups,
        modifiedAt: timestamp(found.modifiedAt),
        principalArn,
        tags: found.tags,
        type: found.type,
        userName: found.username,
      }
    );
  },

  async update(id, props, old, changed, aws) {
    const [clusterName, principalArn] = splitId(id, ":", 2);
    if (changed.has("kubernetesGroups") || changed.has("userName")) {
      const kubernetesGroups = texts(props, "kubernetesGroups") ?? [];
      const username = text(props, "userName");
      const request = { clusterName, principalArn, kubernetesGroups, username };
      await aws.client(EKSClient).send(new UpdateAccessEntryCommand(request));
    }
    if (changed.has("tagsAll")) await updateEksTags(requiredText(old, "accessEntryArn"), props, old, aws);
  },

  async delete(id, _props, aws) {
    const [clusterName, principalArn] = splitId(id, ":", 2);
    const request = new DeleteAccessEntryCommand({ clusterName, principalArn });
    await unlessGone(aws.client(EKSClient).send(request), NOT_FOUND);
  },
};

/** `aws:eks/accessPolicyAssociation:AccessPolicyAssociation`. */
export const accessPolicyAssociation: AwsResource = {
  inputs: {
    accessScope: {
      required: true,
      forcesNew: true,
      fields: { namespaces: { set: true }, type: { required: true } },
    },
    clusterName: { required: true, forcesNew: true },
    policyArn: { required: true, forcesNew: true },
    principalArn: { required: true, forcesNew: true },
  },

  async create(props, aws) {
    const clusterName = requiredText(props, "clusterName");
    const principalArn = requiredText(props, "principalArn");
    const policyArn = requiredText(props, "policyArn");
    const scope = object(props, "accessScope") ?? {};
    const accessScope: AccessScope = {
      type: requiredText(scope, "type") as AccessScope["type"],
      namespaces: texts(scope, "namespaces"),
    };
    await aws
      .client(EKSClient)
      .send(new AssociateAccessPolicyCommand({ clusterName, principalArn, policyArn, accessScope }));
    return [clusterName, principalArn, policyArn].join("#");
  },

  async read(id, _known, aws) {
    const [clusterName, principalArn, policyArn] = splitId(id, "#", 3);
    const found = await unlessGone(association(aws.client(EKSClient), clusterName, principalArn, policyArn), NOT_FOUND);
    return (
      found && {
        accessScope: { namespaces: found.accessScope?.namespaces, type: found.accessScope?.type },
        associatedAt: timestamp(found.associatedAt),
        clusterName,
        modifiedAt: timestamp(found.modifiedAt),
        policyArn,
        principalArn,
      }
    );
  },

  async delete(id, _props, aws) {
    const [clusterName, principalArn, policyArn] = splitId(id, "#", 3);
    const request = new DisassociateAccessPolicyCommand({ clusterName, principalArn, policyArn });
    await unlessGone(aws.client(EKSClient).send(request), NOT_FOUND);
  },
};

/** `aws:eks/podIdentityAssociation:PodIdentityAssociation`. */
export const podIdentityAssociation: AwsResource = {
  tagged: true,
  inputs: {
    clusterName: { required: true, forcesNew: true },
    disableSessionTags: { default: false },
    namespace: { required: true, forcesNew: true },
    roleArn: { required: true },
    serviceAccount: { required: true, forcesNew: true },
    targetRoleArn: {},
  },

  async create(props, aws) {
    const answer = await aws.client(EKSClient).send(
      new CreatePodIdentityAssociationCommand({
        clusterName: requiredText(props, "clusterName"),
        disableSessionTags: flag(props, "disableSessionTags"),
        namespace: requiredText(props, "namespace"),
        roleArn: requiredText(props, "roleArn"),
        serviceAccount: requiredText(props, "serviceAccount"),
        targetRoleArn: text(props, "targetRoleArn"),
        tags: eksTags(props),
      }),
    );
    return answer.association?.associationId ?? "";
  },

  async read(id, known, aws) {
    const request = new DescribePodIdentityAssociationCommand({ associationId: id, clusterName: clusterOf(id, known) });
    const found = (await unlessGone(aws.client(EKSClient).send(request), NOT_FOUND))?.association;
    return (
      found && {
        associationArn: found.associationArn,
        associationId: found.associationId,
        clusterName: found.clusterName,
        disableSessionTags: found.disableSessionTags ?? false,
        externalId: found.externalId,
        namespace: found.namespace,
        roleArn: found.roleArn,
        serviceAccount: found.serviceAccount,
        tags: found.tags,
        targetRoleArn: found.targetRoleArn,
      }
    );
  },

  async update(id, props, old, changed, aws) {
    const clusterName = requiredText(props, "clusterName");
    if (["disableSessionTags", "roleArn", "targetRoleArn"].some((name) => changed.has(name))) {
      const disableSessionTags = flag(props, "disableSessionTags");
      const roleArn = requiredText(props, "roleArn");
      const targetRoleArn = text(props, "targetRoleArn");
      const request = { associationId: id, clusterName, disableSessionTags, roleArn, targetRoleArn };
      await aws.client(EKSClient).send(new UpdatePodIdentityAssociationCommand(request));
    }
    if (changed.has("tagsAll")) await updateEksTags(requiredText(old, "associationArn"), props, old, aws);
  },

  async delete(id, props, aws) {
    const request = new DeletePodIdentityAssociationCommand({ associationId: id, clusterName: clusterOf(id, props) });
    await unlessGone(aws.client(EKSClient).send(request), NOT_FOUND);
  },
};

async function association(
  client: EKSClient,
  clusterName: string,
  principalArn: string,
  policyArn: string,
): Promise<AssociatedAccessPolicy | undefined> {
  for await (const page of paginateListAssociatedAccessPolicies({ client }, { clusterName, principalArn })) {
    const found = page.associatedAccessPolicies?.find((policy) => policy.policyArn === policyArn);
    if (found) return found;
  }
  return undefined;
}

function clusterOf(id: string, known: Parameters<typeof text>[0]): string {
  const name = text(known, "clusterName");
  if (name === undefined) throw new Error(`the association "${id}" cannot be read without the name of its cluster`);
  return name;
}
