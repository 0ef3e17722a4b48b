import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import type { AwsFunction } from "./resource.ts";

/** `aws.getCallerIdentity`: whose the credentials are. */
export const getCallerIdentity: AwsFunction = {
  arguments: { id: {} },
  global: true,
  async invoke(_args, aws) {
    const { Account, Arn, UserId } = await aws.client(STSClient).send(new GetCallerIdentityCommand({}));
    return { id: Account, accountId: Account, arn: Arn, userId: UserId };
  },
};
