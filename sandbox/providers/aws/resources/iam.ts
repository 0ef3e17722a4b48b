import * as iam from "@aws-sdk/client-iam";
import { declared } from "../declared-resource.ts";
import { texts } from "../props.ts";
import { type AwsResource, fixed } from "../resource.ts";
import { iamProviderService, iamService } from "../services.ts";

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

/** A managed policy of a role. */
const rolePolicyAttachment = declared(iamService, {
  global: true,
  identity: (_, { role, policyArn }) => ({ RoleName: role, PolicyArn: policyArn }),
  inputs: { policyArn: fixed, role: { ...fixed, api: "RoleName", returned: false } },
  create: iam.AttachRolePolicyCommand,
  id: ({ role, policyArn }) => `${role}/${policyArn}`,
  read: {
    command: iam.ListAttachedRolePoliciesCommand,
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
  "aws:iam/role:Role": role,
  "aws:iam/rolePolicy:RolePolicy": rolePolicy,
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": rolePolicyAttachment,
  "aws:iam/openIdConnectProvider:OpenIdConnectProvider": openIdConnectProvider,
};
