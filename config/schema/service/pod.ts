import { z } from "zod";
import { quantity, seconds } from "../formats.ts";

/** What each pod may use, and where it runs. */
export const podFields = {
  resources: z
    .strictObject({
      requests: z.strictObject({
        cpu: quantity("100m"),
        memory: quantity("128Mi"),
        "ephemeral-storage": quantity("64Mi").optional(),
      }),
      limits: z.strictObject({
        cpu: quantity("500m").optional(),
        memory: quantity("256Mi"),
        "ephemeral-storage": quantity("1Gi").optional(),
      }),
    })
    .describe("Required: a pod without requests and limits can take down its node and the other pods on it."),
  serviceAccount: z
    .strictObject({ annotations: z.record(z.string(), z.string()).describe("Such as eks.amazonaws.com/role-arn.") })
    .partial()
    .optional(),
  podAnnotations: z.record(z.string(), z.string()).optional().describe("A change restarts the pods."),
  nodeSelector: z.record(z.string(), z.string()).optional().describe("Labels that a node must have."),
  tolerations: z
    .array(
      z.strictObject({
        key: z.string().optional(),
        operator: z.enum(["Exists", "Equal"]).optional(),
        value: z.string().optional(),
        effect: z.enum(["NoSchedule", "PreferNoSchedule", "NoExecute"]).optional(),
        tolerationSeconds: z.int().min(0).optional(),
      }),
    )
    .optional()
    .describe("Added to the chart's own tolerations."),
  nodeLossSeconds: seconds.optional().describe("How long pods stay on a node that no longer responds."),
  tmp: z
    .strictObject({ sizeLimit: quantity("256Mi") })
    .optional()
    .describe("Size of /tmp, the only writable path."),
  user: z
    .int()
    .min(10_000)
    .optional()
    .describe("User id of the process. Neither root nor a user that may exist on the node."),
};
