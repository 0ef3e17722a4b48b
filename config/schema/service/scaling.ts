import { z } from "zod";
import { objectName, podsOrShare, seconds } from "../formats.ts";

const pods = z.int().min(0).max(1000);

/** How many pods a service has. */
export const scalingFields = {
  replicas: z
    .strictObject({
      min: pods
        .optional()
        .describe("Pods at least. With max 0 or left out, 0 pauses the service: no pods run. If left out, 2."),
      max: pods.optional().describe("Pods at most. If left out, min: a fixed number."),
    })
    .optional()
    .describe("Number of pods. A HorizontalPodAutoscaler keeps it between min and max."),
  disruption: z
    .strictObject({
      maxUnavailable: podsOrShare
        .optional()
        .describe(
          "Pods, or a share, that may be away at once while nodes are drained. Shares are rounded up. At least 1, and less than all " +
            'of replicas.min. Not used with one pod at most. If left out, 1, or "10%" with replicas.max above 10.',
        ),
    })
    .optional()
    .describe("What may be done to running pods while nodes are replaced. A service of one pod has no protection."),
  cpu: z
    .strictObject({
      target: z
        .int()
        .min(1)
        .max(100)
        .optional()
        .describe("Average CPU that the autoscaler aims at, in percent of the CPU request."),
      scaleDownSeconds: seconds.optional().describe("How long the load must stay lower before pods are removed."),
    })
    .optional(),
  memory: z
    .strictObject({
      target: z
        .int()
        .min(1)
        .max(1000)
        .optional()
        .describe(
          "Average memory that the autoscaler aims at, in percent of the memory request. More pods must really lower it. " +
            "If left out, memory adds no pods.",
        ),
    })
    .optional(),
  scaling: z
    .strictObject({
      growth: z
        .strictObject({
          percent: z
            .int()
            .min(1)
            .max(1000)
            .describe("The most pods that are added at once, in percent of those that run."),
          seconds: z.int().min(1).max(1800).describe("Seconds until as many pods may follow."),
        })
        .optional()
        .describe(
          "How fast pods are added, for a service that uses much CPU while it starts. If left out, up to replicas.max at once.",
        ),
      triggers: z
        .array(
          z.strictObject({
            type: z
              .string()
              .regex(/^[a-z][a-z0-9-]*$/, "the type of a KEDA scaler, such as prometheus or aws-sqs-queue")
              .refine(
                (type) => type !== "cpu" && type !== "memory",
                "not a trigger here. Set cpu.target or memory.target",
              ),
            metadata: z.record(z.string(), z.string()).describe("What the scaler needs. All values are strings."),
            authentication: objectName.optional().describe("Name of a TriggerAuthentication of the namespace."),
          }),
        )
        .optional()
        .describe(
          "Measures besides CPU and memory, such as requests per second or the length of a queue: " +
            "https://keda.sh/docs/latest/scalers/. KEDA must be in the cluster. With them, replicas.min may be 0. Not used if the number " +
            "of pods is fixed.",
        ),
    })
    .optional()
    .describe("How the autoscaler adds pods."),
};
