import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { EksEnvironment } from "../../config/index.ts";

/** Tags of every resource. The deploy role's policy is limited to resources with `project` and `environment`. */
export function defaultTags({ name, aws: { tags } }: EksEnvironment): Record<string, string> {
  // The config's tags first, so that they cannot replace those that the policy needs.
  return { ...tags, project: pulumi.getProject(), environment: name, "managed-by": "pulumi" };
}

/** Provider for the environment's account and region. */
export function awsProvider(environment: EksEnvironment): aws.Provider {
  const { accountId, region } = environment.aws;
  return new aws.Provider("aws", {
    region: region as aws.Region,
    // Refuses the credentials of another account before any change.
    allowedAccountIds: [accountId],
    defaultTags: { tags: defaultTags(environment) },
  });
}
