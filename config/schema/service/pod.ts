import { z } from "zod";
import { seconds } from "../formats.ts";
import { annotations, labels, labelValue, qualifiedName } from "../kubernetes-metadata.ts";
import { bytes, cpu } from "../quantity.ts";

/** The most memory and disk that a machine of EC2 has: a u7i with 32 TiB, an EBS volume of 64 TiB. */
const MOST_MEMORY = "32Ti";
const MOST_DISK = "64Ti";

/** What each pod may use, and where it runs. */
export const podFields = {
  resources: z
    .strictObject({
      requests: z.strictObject({
        cpu: cpu("100m"),
        memory: bytes("128Mi", MOST_MEMORY),
        "ephemeral-storage": bytes("64Mi", MOST_DISK).optional(),
      }),
      limits: z.strictObject({
        cpu: cpu("500m").optional(),
        memory: bytes("256Mi", MOST_MEMORY),
        "ephemeral-storage": bytes("1Gi", MOST_DISK).optional(),
      }),
    })
    .describe("Required: a pod without requests and limits can take down its node and the other pods on it."),
  serviceAccount: z
    .strictObject({ annotations: annotations.describe("Such as eks.amazonaws.com/role-arn.") })
    .partial()
    .optional(),
  podAnnotations: annotations.optional().describe("A change restarts the pods."),
  nodeSelector: labels.optional().describe("Labels that a node must have."),
  tolerations: z
    .array(
      z.strictObject({
        key: qualifiedName.or(z.literal("")).optional(),
        operator: z.enum(["Exists", "Equal"]).optional(),
        value: labelValue.optional(),
        effect: z.enum(["NoSchedule", "PreferNoSchedule", "NoExecute"]).optional(),
        tolerationSeconds: z.int().min(0).optional(),
      }),
    )
    .optional()
    .describe("Added to the chart's own tolerations."),
  nodeLossSeconds: seconds.optional().describe("How long pods stay on a node that no longer responds."),
  tmp: z
    .strictObject({ sizeLimit: bytes("256Mi", MOST_DISK) })
    .optional()
    .describe("Size of /tmp, the only writable path. At most limits.ephemeral-storage."),
  user: z
    .int()
    .min(10_000)
    .max(2_147_483_647)
    .optional()
    .describe("User id of the process. Neither root nor a user that may exist on the node."),
};
