import { z } from "zod";
import { KINDS } from "../../kinds.ts";
import { mountPath, objectName, processText, seconds } from "../formats.ts";
import { bytes } from "../quantity.ts";

/** What a service runs: its workload, its process and its volume. */
export const workloadFields = {
  kind: z
    .enum(KINDS)
    .optional()
    .describe(
      "web: a Deployment with a port. worker: a Deployment without one. deployment: either. stateful: a StatefulSet with a volume for " +
        "each pod. cron: a CronJob, which runs at the times of cron.schedule. job: runs to its end in each deploy that changes its pods, and the " +
        "deploy waits for it. If left out, deployment.",
    ),
  command: z.array(processText).optional().describe("Replaces the image's entry point."),
  args: z.array(processText).optional().describe("Replaces the image's arguments."),
  shutdown: z
    .strictObject({
      preStopSeconds: seconds
        .optional()
        .describe("How long a stopping pod keeps serving while load balancers stop sending requests to it."),
      drainSeconds: seconds.optional().describe("How long the process may take to finish its work after SIGTERM."),
    })
    .optional(),
  restartedAt: z.string().optional().describe("Change this value to restart the pods without a new image."),
  volume: z
    .strictObject({
      size: bytes("10Gi", "64Ti"),
      mountPath: mountPath.describe("Where the volume is mounted: an absolute path that is not in /tmp."),
      storageClass: objectName.optional().describe("If left out: the cluster's default."),
    })
    .optional()
    .describe("Volume of each pod of a stateful service."),
};
