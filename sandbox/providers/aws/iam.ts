import { openIdConnectProvider } from "./iam-oidc-provider.ts";
import { role } from "./iam-role.ts";
import { rolePolicy, rolePolicyAttachment } from "./iam-role-policies.ts";
import type { AwsResource } from "./resource.ts";

export const iamResources: Record<string, AwsResource> = {
  "aws:iam/role:Role": role,
  "aws:iam/rolePolicy:RolePolicy": rolePolicy,
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": rolePolicyAttachment,
  "aws:iam/openIdConnectProvider:OpenIdConnectProvider": openIdConnectProvider,
};
