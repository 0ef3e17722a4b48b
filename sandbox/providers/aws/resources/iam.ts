import * as iam from "@aws-sdk/client-iam";
import { declared, send } from "../declared-resource.ts";
import { unlessGone } from "../errors.ts";
import { fixed } from "../input-rule.ts";
import { texts } from "../props.ts";
import type { AwsContext, AwsResource } from "../resource.ts";
import { iamPolicyService, iamProviderService, iamService } from "../services.ts";

/** IAM answers policies in the encoding of URLs. */
const policy = {
  required: true,
  json: true,
  parse: (document: unknown) => decodeURIComponent(String(document ?? "")),
} as const;

/** Its policies are resources of their own. */
const role = declared(iamService, {
  global: true,
  tagged: true,
  autonameLimit: 64,
  identity: "RoleName",
  inputs: {
    assumeRolePolicy: { ...policy, api: "AssumeRolePolicyDocument" },
    maxSessionDuration: { default: 3600 },
    name: { forcesNew: true, computed: true, api: "RoleName" },
    path: { forcesNew: true, default: "/" },
  },
  outputs: { arn: "Arn" },
  create: iam.CreateRoleCommand,
  id: "Role.RoleName",
  read: { command: iam.GetRoleCommand, found: "Role" },
  update: [
    {
      on: ["assumeRolePolicy"],
      command: iam.UpdateAssumeRolePolicyCommand,
      as: { assumeRolePolicy: "PolicyDocument" },
    },
    { on: ["maxSessionDuration"], command: iam.UpdateRoleCommand },
  ],
  delete: iam.DeleteRoleCommand,
});

/** An inline policy of a role. */
const rolePolicy = declared(iamService, {
  global: true,
  autonameLimit: 128,
  identity: (_, { role, name }) => ({ RoleName: role, PolicyName: name }),
  inputs: {
    name: { forcesNew: true, computed: true, api: "PolicyName" },
    policy: { ...policy, api: "PolicyDocument" },
    role: { ...fixed, api: "RoleName" },
  },
  create: iam.PutRolePolicyCommand,
  id: ({ role, name }) => `${role}:${name}`,
  read: { command: iam.GetRolePolicyCommand, found: "" },
  update: [iam.PutRolePolicyCommand],
  delete: iam.DeleteRolePolicyCommand,
});

/** IAM keeps five versions. */
const MOST_VERSIONS = 5;

/** Versions of a managed policy that are not in use, the oldest first. */
async function oldVersions(PolicyArn: string, aws: AwsContext): Promise<string[]> {
  const listed = send(aws, iamPolicyService, new iam.ListPolicyVersionsCommand({ PolicyArn }));
  const answer = await unlessGone(listed, iamPolicyService.gone ?? []);
  const old = ((answer?.Versions ?? []) as iam.PolicyVersion[]).filter(({ IsDefaultVersion }) => !IsDefaultVersion);
  const number = (version: string) => Number(version.slice(1));
  return old.map(({ VersionId = "" }) => VersionId).sort((one, other) => number(one) - number(other));
}

const deleteVersion = (PolicyArn: string, VersionId: string) =>
  new iam.DeletePolicyVersionCommand({ PolicyArn, VersionId });

/** A managed policy. A change is a new version of it. */
const managedPolicy = declared(iamPolicyService, {
  global: true,
  tagged: true,
  autonameLimit: 128,
  identity: "PolicyArn",
  inputs: {
    name: { forcesNew: true, computed: true, api: "PolicyName" },
    path: { forcesNew: true, default: "/" },
    policy: { ...policy, api: "PolicyDocument" },
  },
  outputs: { arn: (_, id) => id },
  create: iam.CreatePolicyCommand,
  id: "Policy.Arn",
  read: {
    command: iam.GetPolicyCommand,
    found: "Policy",
    more: ({ DefaultVersionId }, id) => [
      new iam.GetPolicyVersionCommand({ PolicyArn: id, VersionId: String(DefaultVersionId) }),
    ],
    adapt: (found) => ({ ...found, PolicyDocument: (found.PolicyVersion as iam.PolicyVersion | undefined)?.Document }),
  },
  update: [
    {
      on: ["policy"],
      async calls({ id, props, aws }) {
        const [oldest, ...rest] = await oldVersions(id, aws);
        const isFull = oldest !== undefined && rest.length + 2 >= MOST_VERSIONS;
        const PolicyDocument = String(props.policy);
        return [
          ...(isFull ? [deleteVersion(id, oldest)] : []),
          new iam.CreatePolicyVersionCommand({ PolicyArn: id, PolicyDocument, SetAsDefault: true }),
        ];
      },
    },
  ],
  delete: {
    command: iam.DeletePolicyCommand,
    async before(id, _, aws) {
      for (const version of await oldVersions(id, aws)) await send(aws, iamPolicyService, deleteVersion(id, version));
    },
  },
});

/** A managed policy of a role. */
const rolePolicyAttachment = declared(iamService, {
  global: true,
  identity: (_, { role, policyArn }) => ({ RoleName: role, PolicyArn: policyArn }),
  inputs: { policyArn: fixed, role: { ...fixed, api: "RoleName", returned: false } },
  create: iam.AttachRolePolicyCommand,
  id: ({ role, policyArn }) => `${role}/${policyArn}`,
  read: {
    command: iam.ListAttachedRolePoliciesCommand,
    by: (_, { role }) => ({ RoleName: role }),
    found: "AttachedPolicies",
    match: ({ PolicyArn }, _, { policyArn }) => PolicyArn === policyArn,
  },
  delete: iam.DetachRolePolicyCommand,
});

/** Thumbprints are left to AWS. */
const openIdConnectProvider = declared(iamProviderService, {
  global: true,
  tagged: true,
  identity: "OpenIDConnectProviderArn",
  inputs: {
    clientIdLists: { required: true, set: true, api: "ClientIDList" },
    // IAM keeps the address without its scheme.
    url: { ...fixed, parse: (url) => `https://${url}` },
  },
  outputs: { arn: (_, id) => id },
  create: iam.CreateOpenIDConnectProviderCommand,
  id: "OpenIDConnectProviderArn",
  read: { command: iam.GetOpenIDConnectProviderCommand, found: "" },
  update: [
    {
      calls({ id: OpenIDConnectProviderArn, props, old }) {
        const [next, before] = [texts(props, "clientIdLists") ?? [], texts(old, "clientIdLists") ?? []];
        const [added, removed] = [next.filter((id) => !before.includes(id)), before.filter((id) => !next.includes(id))];
        // Added first, so that it never stands without any.
        return [
          ...added.map(
            (ClientID) => new iam.AddClientIDToOpenIDConnectProviderCommand({ OpenIDConnectProviderArn, ClientID }),
          ),
          ...removed.map(
            (ClientID) =>
              new iam.RemoveClientIDFromOpenIDConnectProviderCommand({ OpenIDConnectProviderArn, ClientID }),
          ),
        ];
      },
    },
  ],
  delete: iam.DeleteOpenIDConnectProviderCommand,
});

export const iamResources: Record<string, AwsResource> = {
  "aws:iam/policy:Policy": managedPolicy,
  "aws:iam/role:Role": role,
  "aws:iam/rolePolicy:RolePolicy": rolePolicy,
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": rolePolicyAttachment,
  "aws:iam/openIdConnectProvider:OpenIdConnectProvider": openIdConnectProvider,
};
