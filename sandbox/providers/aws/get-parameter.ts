import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { isError } from "./errors.ts";
import { flag, requiredText } from "./props.ts";
import type { AwsFunction } from "./resource.ts";

/** `aws.ssm.getParameter`: a value of the Parameter Store, as AWS publishes the ids of its images. */
export const getParameter: AwsFunction = {
  arguments: { name: { required: true }, withDecryption: {} },
  async invoke(args, aws) {
    const name = requiredText(args, "name");
    const withDecryption = flag(args, "withDecryption") ?? true;
    const { Parameter } = await aws
      .client(SSMClient)
      .send(new GetParameterCommand({ Name: name, WithDecryption: withDecryption }))
      .catch((error: unknown) => {
        if (!isError(error, "ParameterNotFound")) throw error;
        throw new Error(`there is no SSM parameter "${name}" in ${aws.region}`);
      });
    return {
      id: Parameter?.Name,
      arn: Parameter?.ARN,
      name: Parameter?.Name,
      type: Parameter?.Type,
      value: Parameter?.Value,
      insecureValue: Parameter?.Type === "SecureString" ? undefined : Parameter?.Value,
      version: Parameter?.Version,
      withDecryption,
    };
  },
};
