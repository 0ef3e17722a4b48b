import * as pulumi from "@pulumi/pulumi";

/** What an IAM role may do. */
export interface PolicyDocument {
  Version: typeof POLICY_VERSION;
  Statement: PolicyStatement[];
}

export interface PolicyStatement {
  Sid: string;
  Effect: "Allow";
  Action: string[];
  Resource: string | string[];
  Condition?: Record<string, Record<string, string | string[]>>;
}

/** Of the policy language: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html */
const POLICY_VERSION = "2012-10-17";

export function policyDocument(statements: PolicyStatement[]): PolicyDocument {
  return { Version: POLICY_VERSION, Statement: statements };
}

export function allow(
  Sid: string,
  Action: string[],
  Resource: string | string[],
  Condition?: PolicyStatement["Condition"],
): PolicyStatement {
  return { Sid, Effect: "Allow", Action, Resource, ...(Condition && { Condition }) };
}

/** The policy as IAM and the services take it. A resource policy's statements have a `Principal` as well. */
export function policyJson(...statements: pulumi.Input<object>[]): pulumi.Output<string> {
  return pulumi.jsonStringify({ Version: POLICY_VERSION, Statement: statements });
}
