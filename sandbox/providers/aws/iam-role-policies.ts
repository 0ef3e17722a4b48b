import {
  AttachRolePolicyCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetRolePolicyCommand,
  IAMClient,
  PutRolePolicyCommand,
  paginateListAttachedRolePolicies,
} from "@aws-sdk/client-iam";
import { unlessGone } from "./errors.ts";
import { NO_SUCH_ENTITY } from "./iam-role.ts";
import { requiredText } from "./props.ts";
import type { AwsContext, AwsResource, Props } from "./resource.ts";
import { splitId } from "./resource-id.ts";

/** `aws:iam/rolePolicy:RolePolicy`. */
export const rolePolicy: AwsResource = {
  global: true,
  autoname: "name",
  autonameLimit: 128,
  inputs: {
    name: { forcesNew: true, computed: true },
    policy: { required: true, json: "policy" },
    role: { required: true, forcesNew: true },
  },

  async create(props, aws) {
    await putPolicy(props, aws);
    return `${requiredText(props, "role")}:${requiredText(props, "name")}`;
  },

  async read(id, _known, aws) {
    const [RoleName, PolicyName] = splitId(id, ":", 2);
    const answer = await unlessGone(
      aws.client(IAMClient).send(new GetRolePolicyCommand({ RoleName, PolicyName })),
      ...NO_SUCH_ENTITY,
    );
    return answer && { name: PolicyName, policy: decodeURIComponent(answer.PolicyDocument ?? ""), role: RoleName };
  },

  update: (_id, props, _old, _changed, aws) => putPolicy(props, aws),

  async delete(id, _props, aws) {
    const [RoleName, PolicyName] = splitId(id, ":", 2);
    await unlessGone(
      aws.client(IAMClient).send(new DeleteRolePolicyCommand({ RoleName, PolicyName })),
      ...NO_SUCH_ENTITY,
    );
  },
};

/** `aws:iam/rolePolicyAttachment:RolePolicyAttachment`. */
export const rolePolicyAttachment: AwsResource = {
  global: true,
  inputs: {
    policyArn: { required: true, forcesNew: true },
    role: { required: true, forcesNew: true },
  },

  async create(props, aws) {
    const RoleName = requiredText(props, "role");
    const PolicyArn = requiredText(props, "policyArn");
    await aws.client(IAMClient).send(new AttachRolePolicyCommand({ RoleName, PolicyArn }));
    return `${RoleName}/${PolicyArn}`;
  },

  async read(id, _known, aws) {
    const [RoleName, PolicyArn] = splitId(id, "/", 2);
    const attached = await unlessGone(isAttached(aws.client(IAMClient), RoleName, PolicyArn), ...NO_SUCH_ENTITY);
    return attached ? { policyArn: PolicyArn, role: RoleName } : undefined;
  },

  async delete(id, _props, aws) {
    const [RoleName, PolicyArn] = splitId(id, "/", 2);
    await unlessGone(
      aws.client(IAMClient).send(new DetachRolePolicyCommand({ RoleName, PolicyArn })),
      ...NO_SUCH_ENTITY,
    );
  },
};

async function putPolicy(props: Props, aws: AwsContext): Promise<void> {
  const RoleName = requiredText(props, "role");
  const PolicyName = requiredText(props, "name");
  const PolicyDocument = requiredText(props, "policy");
  await aws.client(IAMClient).send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument }));
}

async function isAttached(client: IAMClient, RoleName: string, policyArn: string): Promise<boolean> {
  for await (const page of paginateListAttachedRolePolicies({ client }, { RoleName })) {
    if (page.AttachedPolicies?.some(({ PolicyArn }) => PolicyArn === policyArn)) return true;
  }
  return false;
}
