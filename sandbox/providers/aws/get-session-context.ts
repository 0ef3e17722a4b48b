import { GetRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { isError } from "./errors.ts";
import { requiredText } from "./props.ts";
import type { AwsFunction } from "./resource.ts";

/** ARN of a role as its bearer has it: `arn:aws:sts::123456789012:assumed-role/admin/anna`. */
const ASSUMED_ROLE = /^arn:[^:]*:sts:[^:]*:[^:]*:assumed-role\/(?:.+\/)?([^/]+)\/([^/]{2,})$/;

/** `aws.iam.getSessionContext`: the role behind an assumed role. Any other ARN is answered as it is. */
export const getSessionContext: AwsFunction = {
  arguments: { arn: { required: true } },
  global: true,
  async invoke(args, aws) {
    const arn = requiredText(args, "arn");
    const [, name, sessionName] = ASSUMED_ROLE.exec(arn) ?? [];
    if (!name) return { id: arn, arn, issuerArn: arn, issuerId: "", issuerName: "", sessionName: "" };
    const { Role } = await aws
      .client(IAMClient)
      .send(new GetRoleCommand({ RoleName: name }))
      .catch((error: unknown) => {
        if (!isError(error, "NoSuchEntity", "NoSuchEntityException")) throw error;
        throw new Error(`unable to get role "${name}", which ${arn} is of: there is none`);
      });
    return { id: arn, arn, issuerArn: Role?.Arn, issuerId: Role?.RoleId, issuerName: name, sessionName };
  },
};
