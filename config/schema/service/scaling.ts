import { z } from "zod";
import { seconds } from "../formats.ts";

const pods = z.int().min(1).max(1000);
/** How many pods a service has. */
export const scalingFields = {
  replicas: z
    .strictObject({
      min: pods.optional().describe("Pods at least."),
      max: pods.optional().describe("Pods at most."),
    })
    .optional()
    .describe("Number of pods. With max above min, a HorizontalPodAutoscaler sets it."),
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
