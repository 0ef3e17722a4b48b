import { z } from "zod";

const NAME = "[^*?$\\s/:]+";
/** One resource by its name, or everything below one: the objects of a bucket, the indexes of a table, the parameters of a path. */
const RESOURCE = new RegExp(
  `^arn:aws:(s3:::${NAME}(/[^*?$\\s]+)?(/\\*)?|[a-z0-9-]+:[a-z0-9-]*:([0-9]{12})?:(${NAME}([/:]${NAME})*|${NAME}([/:]${NAME})+/\\*))$`,
);

/** What pods may do in AWS. A wildcard would give more than anybody reads in a review. */
export const awsFields = {
  aws: z
    .strictObject({
      allow: z
        .array(
          z.strictObject({
            actions: z
              .array(
                z
                  .string()
                  .regex(
                    /^[a-z0-9-]+:[A-Za-z0-9]+$/,
                    "an action by its whole name, such as s3:GetObject, without wildcard",
                  ),
              )
              .min(1)
              .describe("Actions by their whole names."),
            resources: z
              .array(
                z
                  .string()
                  .regex(
                    RESOURCE,
                    "the ARN of one resource, such as arn:aws:sqs:eu-central-1:123456789012:orders, or all below one: arn:aws:s3:::photos/*",
                  ),
              )
              .min(1)
              .describe("ARNs of the resources. /* may follow a named resource, for what is below it."),
          }),
        )
        .min(1)
        .describe("Each item allows its actions on its resources."),
    })
    .optional()
    .describe(
      "Permissions in AWS. The program creates an IAM role with them and gives it to the service's pods by EKS Pod Identity. If left " +
        "out: none, or those of serviceAccount.roleArn.",
    ),
};
