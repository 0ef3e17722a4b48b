import {
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePermissionsBoundaryCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetRoleCommand,
  IAMClient,
  PutRolePermissionsBoundaryCommand,
  paginateListAttachedRolePolicies,
  paginateListInstanceProfilesForRole,
  paginateListRolePolicies,
  RemoveRoleFromInstanceProfileCommand,
  TagRoleCommand,
  UntagRoleCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateRoleCommand,
  UpdateRoleDescriptionCommand,
} from "@aws-sdk/client-iam";
import { unlessGone } from "./errors.ts";
import { notWithin } from "./input-faults.ts";
import { flag, number, requiredText, text, textMap } from "./props.ts";
import type { AwsResource } from "./resource.ts";
import { tagChanges, tagList, tagMap } from "./tag-changes.ts";
import { timestamp } from "./timestamp.ts";

/** What IAM says of a thing that is not there. */
export const NO_SUCH_ENTITY = ["NoSuchEntity", "NoSuchEntityException"];

/** `aws:iam/role:Role`, without inline and managed policies of its own: those are resources. */
export const role: AwsResource = {
  global: true,
  tagged: true,
  autoname: "name",
  autonameLimit: 64,
  inputs: {
    assumeRolePolicy: { required: true, json: "policy" },
    description: {},
    forceDetachPolicies: { default: false },
    maxSessionDuration: { default: 3600 },
    name: { forcesNew: true, computed: true },
    path: { forcesNew: true, default: "/" },
    permissionsBoundary: {},
  },

  validate: (props) => notWithin("maxSessionDuration", props.maxSessionDuration, 3600, 43_200),

  async create(props, aws) {
    const answer = await aws.client(IAMClient).send(
      new CreateRoleCommand({
        RoleName: requiredText(props, "name"),
        AssumeRolePolicyDocument: requiredText(props, "assumeRolePolicy"),
        Path: text(props, "path"),
        Description: text(props, "description"),
        MaxSessionDuration: number(props, "maxSessionDuration"),
        PermissionsBoundary: text(props, "permissionsBoundary"),
        Tags: tagList(textMap(props, "tagsAll")),
      }),
    );
    return answer.Role?.RoleName ?? "";
  },

  async read(id, known, aws) {
    const iam = aws.client(IAMClient);
    const found = (await unlessGone(iam.send(new GetRoleCommand({ RoleName: id })), ...NO_SUCH_ENTITY))?.Role;
    if (!found) return undefined;
    return {
      arn: found.Arn,
      assumeRolePolicy: decodeURIComponent(found.AssumeRolePolicyDocument ?? ""),
      createDate: timestamp(found.CreateDate),
      description: found.Description,
      forceDetachPolicies: flag(known, "forceDetachPolicies") ?? false,
      maxSessionDuration: found.MaxSessionDuration,
      name: found.RoleName,
      path: found.Path,
      permissionsBoundary: found.PermissionsBoundary?.PermissionsBoundaryArn,
      tags: tagMap(found.Tags),
      uniqueId: found.RoleId,
    };
  },

  async update(id, props, old, changed, aws) {
    const iam = aws.client(IAMClient);
    if (changed.has("assumeRolePolicy")) {
      const PolicyDocument = requiredText(props, "assumeRolePolicy");
      await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: id, PolicyDocument }));
    }
    if (changed.has("description")) {
      await iam.send(new UpdateRoleDescriptionCommand({ RoleName: id, Description: text(props, "description") ?? "" }));
    }
    if (changed.has("maxSessionDuration")) {
      const MaxSessionDuration = number(props, "maxSessionDuration");
      await iam.send(new UpdateRoleCommand({ RoleName: id, MaxSessionDuration }));
    }
    if (changed.has("permissionsBoundary")) {
      const PermissionsBoundary = text(props, "permissionsBoundary");
      await (PermissionsBoundary
        ? iam.send(new PutRolePermissionsBoundaryCommand({ RoleName: id, PermissionsBoundary }))
        : iam.send(new DeleteRolePermissionsBoundaryCommand({ RoleName: id })));
    }
    if (changed.has("tagsAll")) {
      const { added, removed } = tagChanges(props, old);
      if (removed.length > 0) await iam.send(new UntagRoleCommand({ RoleName: id, TagKeys: removed }));
      const Tags = tagList(added);
      if (Tags) await iam.send(new TagRoleCommand({ RoleName: id, Tags }));
    }
  },

  async delete(id, props, aws) {
    const iam = aws.client(IAMClient);
    const end = async (): Promise<void> => {
      await leaveInstanceProfiles(iam, id);
      if (flag(props, "forceDetachPolicies")) await dropPolicies(iam, id);
      await iam.send(new DeleteRoleCommand({ RoleName: id }));
    };
    await unlessGone(end(), ...NO_SUCH_ENTITY);
  },
};

async function leaveInstanceProfiles(iam: IAMClient, RoleName: string): Promise<void> {
  for await (const page of paginateListInstanceProfilesForRole({ client: iam }, { RoleName })) {
    for (const { InstanceProfileName } of page.InstanceProfiles ?? []) {
      await iam.send(new RemoveRoleFromInstanceProfileCommand({ RoleName, InstanceProfileName }));
    }
  }
}

async function dropPolicies(iam: IAMClient, RoleName: string): Promise<void> {
  for await (const page of paginateListAttachedRolePolicies({ client: iam }, { RoleName })) {
    for (const { PolicyArn } of page.AttachedPolicies ?? []) {
      await iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn }));
    }
  }
  for await (const page of paginateListRolePolicies({ client: iam }, { RoleName })) {
    for (const PolicyName of page.PolicyNames ?? []) {
      await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName }));
    }
  }
}
