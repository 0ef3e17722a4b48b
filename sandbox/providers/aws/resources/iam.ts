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
  ListAttachedRolePoliciesCommand,
  PutRolePolicyCommand,
  RemoveClientIDFromOpenIDConnectProviderCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateRoleCommand,
} from "@aws-sdk/client-iam";
import { declared } from "../declared-resource.ts";
import { texts } from "../props.ts";
import type { AwsResource } from "../resource.ts";
import { iam, iamProviders } from "../services.ts";

const fixed = { required: true, forcesNew: true } as const;
const GONE = ["NoSuchEntity", "NoSuchEntityException"];

/** IAM answers policies in the encoding of URLs. */
const policy = {
  required: true,
  json: true,
  parse: (document: unknown) => decodeURIComponent(String(document ?? "")),
} as const;

/** Its policies are resources of their own. */
const role = declared({
  service: iam,
  global: true,
  tagged: "",
  autonameLimit: 64,
  identity: "RoleName",
  gone: GONE,
  inputs: {
    assumeRolePolicy: { ...policy, api: "AssumeRolePolicyDocument" },
    maxSessionDuration: { default: 3600 },
    name: { forcesNew: true, computed: true, api: "RoleName" },
    path: { forcesNew: true, default: "/" },
  },
  outputs: { arn: "Arn" },
  create: { command: CreateRoleCommand },
  id: "Role.RoleName",
  read: { command: GetRoleCommand, found: "Role" },
  update: [
    {
      on: ["assumeRolePolicy"],
      command: UpdateAssumeRolePolicyCommand,
      as: { assumeRolePolicy: "PolicyDocument" },
    },
    { on: ["maxSessionDuration"], command: UpdateRoleCommand },
  ],
  delete: { command: DeleteRoleCommand },
});

/** An inline policy of a role. */
const rolePolicy = declared({
  service: iam,
  global: true,
  autonameLimit: 128,
  identity: (_, { role, name }) => ({ RoleName: role, PolicyName: name }),
  gone: GONE,
  inputs: {
    name: { forcesNew: true, computed: true, api: "PolicyName" },
    policy: { ...policy, api: "PolicyDocument" },
    role: { ...fixed, api: "RoleName" },
  },
  create: { command: PutRolePolicyCommand },
  id: ({ role, name }) => `${role}:${name}`,
  read: { command: GetRolePolicyCommand, found: "" },
  update: [{ command: PutRolePolicyCommand }],
  delete: { command: DeleteRolePolicyCommand },
});

/** A managed policy of a role. */
const rolePolicyAttachment = declared({
  service: iam,
  global: true,
  identity: (_, { role, policyArn }) => ({ RoleName: role, PolicyArn: policyArn }),
  gone: GONE,
  inputs: { policyArn: fixed, role: { ...fixed, api: "RoleName", told: false } },
  create: { command: AttachRolePolicyCommand },
  id: ({ role, policyArn }) => `${role}/${policyArn}`,
  read: {
    command: ListAttachedRolePoliciesCommand,
    found: "AttachedPolicies",
    match: ({ PolicyArn }, _, { policyArn }) => PolicyArn === policyArn,
  },
  delete: { command: DetachRolePolicyCommand },
});

/** Thumbprints are left to AWS. */
const openIdConnectProvider = declared({
  service: iamProviders,
  global: true,
  tagged: "",
  identity: "OpenIDConnectProviderArn",
  gone: GONE,
  inputs: {
    clientIdLists: { required: true, set: true, api: "ClientIDList" },
    // IAM keeps the address without its scheme.
    url: { ...fixed, parse: (url) => `https://${url}` },
  },
  outputs: { arn: (_, id) => id },
  create: { command: CreateOpenIDConnectProviderCommand },
  id: "OpenIDConnectProviderArn",
  read: { command: GetOpenIDConnectProviderCommand, found: "" },
  update: [
    {
      calls({ id: OpenIDConnectProviderArn, props, old }) {
        const [next, before] = [texts(props, "clientIdLists") ?? [], texts(old, "clientIdLists") ?? []];
        const [added, removed] = [next.filter((id) => !before.includes(id)), before.filter((id) => !next.includes(id))];
        // Added first, so that it never stands without any.
        return [
          ...added.map(
            (ClientID) => new AddClientIDToOpenIDConnectProviderCommand({ OpenIDConnectProviderArn, ClientID }),
          ),
          ...removed.map(
            (ClientID) => new RemoveClientIDFromOpenIDConnectProviderCommand({ OpenIDConnectProviderArn, ClientID }),
          ),
        ];
      },
    },
  ],
  delete: { command: DeleteOpenIDConnectProviderCommand },
});

export const iamResources: Record<string, AwsResource> = {
  "aws:iam/role:Role": role,
  "aws:iam/rolePolicy:RolePolicy": rolePolicy,
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": rolePolicyAttachment,
  "aws:iam/openIdConnectProvider:OpenIdConnectProvider": openIdConnectProvider,
};
