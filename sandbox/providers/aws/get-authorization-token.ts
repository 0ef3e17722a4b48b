import { ECRClient, GetAuthorizationTokenCommand } from "@aws-sdk/client-ecr";
import { text } from "./props.ts";
import type { AwsFunction } from "./resource.ts";
import { timestamp } from "./timestamp.ts";

/** `aws.ecr.getAuthorizationToken`: a password of twelve hours for the registry. */
export const getAuthorizationToken: AwsFunction = {
  arguments: { registryId: {} },
  async invoke(args, aws) {
    const registryId = text(args, "registryId");
    const { authorizationData = [] } = await aws
      .client(ECRClient)
      .send(new GetAuthorizationTokenCommand(registryId ? { registryIds: [registryId] } : {}));
    const [data] = authorizationData;
    const token = data?.authorizationToken ?? "";
    const [userName, password, more] = Buffer.from(token, "base64").toString("utf8").split(":");
    if (!userName || !password || more !== undefined) throw new Error("unknown ECR authorization token format");
    return {
      id: aws.region,
      registryId,
      authorizationToken: token,
      expiresAt: timestamp(data?.expiresAt),
      proxyEndpoint: data?.proxyEndpoint,
      userName,
      password,
    };
  },
};
