import {
  AddClientIDToOpenIDConnectProviderCommand,
  AttachRolePolicyCommand,
  CreateOpenIDConnectProviderCommand,
  CreateRoleCommand,
  DeleteOpenIDConnectProviderCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetOpenIDConnectProviderCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  PutRolePolicyCommand,
  RemoveClientIDFromOpenIDConnectProviderCommand,
  TagOpenIDConnectProviderCommand,
  TagRoleCommand,
  UntagOpenIDConnectProviderCommand,
  UntagRoleCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateRoleCommand,
} from "@aws-sdk/client-iam";
import { unlessGone } from "./errors.ts";
import { number, requiredText, text, textMap, texts } from "./props.ts";
import type { AwsContext, AwsResource, Props } from "./resource.ts";
import { tagList, tagMap } from "./tags.ts";

const iam = (aws: AwsContext): IAMClient => aws.client(IAMClient);

/** What IAM says of a thing that is not there. */
const GONE = ["NoSuchEntity", "NoSuchEntityException"];

/** Its policies are resources of their own. */
const role: AwsResource = {
  global: true,
  autonameLimit: 64,
  inputs: {
    assumeRolePolicy: { required: true, json: true },
    maxSessionDuration: { default: 3600 },
    name: { forcesNew: true, computed: true },
    path: { forcesNew: true, default: "/" },
  },
  tags: {
    add: ({ id }, tags, aws) => iam(aws).send(new TagRoleCommand({ RoleName: id, Tags: tagList(tags) })),
    remove: ({ id }, TagKeys, aws) => iam(aws).send(new UntagRoleCommand({ RoleName: id, TagKeys })),
  },

  async create(props, aws) {
    const answer = await iam(aws).send(
      new CreateRoleCommand({
        RoleName: requiredText(props, "name"),
        AssumeRolePolicyDocument: requiredText(props, "assumeRolePolicy"),
        Path: text(props, "path"),
        MaxSessionDuration: number(props, "maxSessionDuration"),
        Tags: tagList(textMap(props, "tagsAll")),
      }),
    );
    return answer.Role?.RoleName ?? "";
  },

  async read(id, _known, aws) {
    const call = iam(aws).send(new GetRoleCommand({ RoleName: id }));
    const found = (await unlessGone(call, ...GONE))?.Role;
    return (
      found && {
        arn: found.Arn,
        assumeRolePolicy: decodeURIComponent(found.AssumeRolePolicyDocument ?? ""),
        maxSessionDuration: found.MaxSessionDuration,
        name: found.RoleName,
        path: found.Path,
        tags: tagMap(found.Tags),
      }
    );
  },

  async update(id, props, _old, changed, aws) {
    if (changed.has("assumeRolePolicy")) {
      const PolicyDocument = requiredText(props, "assumeRolePolicy");
      await iam(aws).send(new UpdateAssumeRolePolicyCommand({ RoleName: id, PolicyDocument }));
    }
    if (changed.has("maxSessionDuration")) {
      const MaxSessionDuration = number(props, "maxSessionDuration");
      await iam(aws).send(new UpdateRoleCommand({ RoleName: id, MaxSessionDuration }));
    }
  },

  async delete(id, _props, aws) {
    await unlessGone(iam(aws).send(new DeleteRoleCommand({ RoleName: id })), ...GONE);
  },
};

/** An inline policy of a role. Its id is `role:name`. */
const rolePolicy: AwsResource = {
  global: true,
  autonameLimit: 128,
  inputs: {
    name: { forcesNew: true, computed: true },
    policy: { required: true, json: true },
    role: { required: true, forcesNew: true },
  },

  async create(props, aws) {
    await putPolicy(props, aws);
    return `${requiredText(props, "role")}:${requiredText(props, "name")}`;
  },

  async read(id, _known, aws) {
    const [RoleName, PolicyName] = id.split(":");
    const call = iam(aws).send(new GetRolePolicyCommand({ RoleName, PolicyName }));
    const found = await unlessGone(call, ...GONE);
    return found && { name: PolicyName, policy: decodeURIComponent(found.PolicyDocument ?? ""), role: RoleName };
  },

  update: (_id, props, _old, _changed, aws) => putPolicy(props, aws),

  async delete(id, _props, aws) {
    const [RoleName, PolicyName] = id.split(":");
    const call = iam(aws).send(new DeleteRolePolicyCommand({ RoleName, PolicyName }));
    await unlessGone(call, ...GONE);
  },
};

async function putPolicy(props: Props, aws: AwsContext): Promise<void> {
  const RoleName = requiredText(props, "role");
  const PolicyName = requiredText(props, "name");
  const PolicyDocument = requiredText(props, "policy");
  await iam(aws).send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument }));
}

/** A managed policy of a role. */
const rolePolicyAttachment: AwsResource = {
  global: true,
  inputs: {
    policyArn: { required: true, forcesNew: true },
    role: { required: true, forcesNew: true },
  },

  async create(props, aws) {
    const { RoleName, PolicyArn } = attachmentRequest(props);
    await iam(aws).send(new AttachRolePolicyCommand({ RoleName, PolicyArn }));
    return `${RoleName}/${PolicyArn}`;
  },

  async read(_id, known, aws) {
    const { RoleName, PolicyArn } = attachmentRequest(known);
    const answer = await unlessGone(iam(aws).send(new ListAttachedRolePoliciesCommand({ RoleName })), ...GONE);
    const attached = answer?.AttachedPolicies?.some((policy) => policy.PolicyArn === PolicyArn);
    return attached ? { policyArn: PolicyArn, role: RoleName } : undefined;
  },

  async delete(_id, props, aws) {
    await unlessGone(iam(aws).send(new DetachRolePolicyCommand(attachmentRequest(props))), ...GONE);
  },
};

const attachmentRequest = (props: Props) => ({
  RoleName: requiredText(props, "role"),
  PolicyArn: requiredText(props, "policyArn"),
});

/** Thumbprints are left to AWS. */
const openIdConnectProvider: AwsResource = {
  global: true,
  inputs: {
    clientIdLists: { required: true, set: true },
    url: { required: true, forcesNew: true },
  },
  tags: {
    add: ({ id }, tags, aws) => {
      const request = { OpenIDConnectProviderArn: id, Tags: tagList(tags) };
      return iam(aws).send(new TagOpenIDConnectProviderCommand(request));
    },
    remove: ({ id }, TagKeys, aws) => {
      const request = { OpenIDConnectProviderArn: id, TagKeys };
      return iam(aws).send(new UntagOpenIDConnectProviderCommand(request));
    },
  },

  async create(props, aws) {
    const answer = await iam(aws).send(
      new CreateOpenIDConnectProviderCommand({
        Url: requiredText(props, "url"),
        ClientIDList: texts(props, "clientIdLists"),
        Tags: tagList(textMap(props, "tagsAll")),
      }),
    );
    return answer.OpenIDConnectProviderArn ?? "";
  },

  async read(id, _known, aws) {
    const call = iam(aws).send(new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: id }));
    const found = await unlessGone(call, ...GONE);
    // IAM keeps the address without its scheme.
    const url = `https://${found?.Url}`;
    return found && { arn: id, clientIdLists: found.ClientIDList, tags: tagMap(found.Tags), url };
  },

  async update(id, props, old, _changed, aws) {
    const [next, before] = [texts(props, "clientIdLists") ?? [], texts(old, "clientIdLists") ?? []];
    // Added first, so that it never stands without any.
    for (const ClientID of next.filter((client) => !before.includes(client))) {
      await iam(aws).send(new AddClientIDToOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: id, ClientID }));
    }
    for (const ClientID of before.filter((client) => !next.includes(client))) {
      await iam(aws).send(
        new RemoveClientIDFromOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: id, ClientID }),
      );
    }
  },

  async delete(id, _props, aws) {
    const call = new DeleteOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: id });
    await unlessGone(iam(aws).send(call), ...GONE);
  },
};

export const iamResources: Record<string, AwsResource> = {
  "aws:iam/role:Role": role,
  "aws:iam/rolePolicy:RolePolicy": rolePolicy,
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": rolePolicyAttachment,
  "aws:iam/openIdConnectProvider:OpenIdConnectProvider": openIdConnectProvider,
};
