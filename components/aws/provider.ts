import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { EksEnvironment } from "../../config/index.ts";

/** Tags of every resource: whose it is. */
export function defaultTags({ name, aws: { tags } }: EksEnvironment): Record<string, string> {
  // What is added must not take the place of those by which the deploy role knows its own.
  return { ...tags, project: pulumi.getProject(), environment: name, "managed-by": "pulumi" };
}

/** AWS as the environment names it: one region of one account. */
export function awsProvider(environment: EksEnvironment): aws.Provider {
  const { accountId, region } = environment.aws;
  return new aws.Provider("aws", {
    region: region as aws.Region,
    // Credentials of another account are refused before anything is touched.
    allowedAccountIds: [accountId],
    defaultTags: { tags: defaultTags(environment) },
  });
}
