import { z } from "zod";
import { podsOrShare, seconds } from "../formats.ts";

const pods = z.int().min(0).max(1000);

/** How many pods a service has. */
export const scalingFields = {
  replicas: z
    .strictObject({
      min: pods.optional().describe("Pods at least. 0 without max pauses the service: no pods run. If left out, 2."),
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
            'pods. If left out, 1, or "10%" with replicas.max above 10.',
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
};
