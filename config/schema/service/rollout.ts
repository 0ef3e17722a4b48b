import { z } from "zod";
import { ROLLOUT_DEFAULTS } from "../../defaults.ts";
import { MAX_ROLLOUT_SECONDS } from "../../rollout-timeout.ts";
import { podsOrShare, seconds } from "../formats.ts";

/** What charts/service takes of a rollout. */
export const chartRollout = z.strictObject({
  strategy: z
    .enum(["rolling", "recreate"])
    .optional()
    .describe(
      "How pods are replaced. rolling: new pods start before old ones stop. recreate: all old pods stop before the first new one " +
        "starts, so the service is away meanwhile. For what must never run twice. If left out, rolling.",
    ),
  maxSurge: podsOrShare
    .optional()
    .describe("Pods, or a share, above the desired count during a rollout. Shares are rounded up. If left out, 1."),
  maxUnavailable: podsOrShare
    .optional()
    .describe(
      "Pods, or a share, below the desired count during a rollout. Shares are rounded down. Less than all pods. If left out, 0.",
    ),
  minReadySeconds: seconds.optional().describe("How long a new pod must stay ready before it counts."),
  progressDeadlineSeconds: seconds
    .min(1)
    .optional()
    .describe(
      "How long a rollout may go without progress, init containers included. More than startupSeconds of the sidecars, " +
        "probes.startupSeconds and minReadySeconds together.",
    ),
  canaryPods: z
    .int()
    .min(0)
    .max(100)
    .optional()
    .describe(
      "Only for kind: stateful. How many pods, those with the highest numbers, get a new release first. The others follow once these " +
        "have been ready for canarySeconds. Below replicas.min. If left out, 0: one pod after another, without a pause.",
    ),
});

/** What a team may say of a rollout. */
export const rollout = chartRollout.extend({
  timeoutSeconds: z
    .int()
    .min(1)
    .max(MAX_ROLLOUT_SECONDS)
    .optional()
    .describe(
      "How long a rollout may take before it is rolled back. At least one start. If left out, it is computed: the waves that maxSurge " +
        "and maxUnavailable make of replicas.max pods, each with the starts of sidecars, probes.startupSeconds, minReadySeconds and the stop of the old pods; with init containers, " +
        "progressDeadlineSeconds if that is longer. Never below progressDeadlineSeconds.",
    ),
  maxRestarts: z
    .int()
    .min(0)
    .max(10)
    .optional()
    .describe(
      "Restarts that a container of a new pod may need. If it crashes once more, the rollout is rolled back at once. " +
        `If left out, ${ROLLOUT_DEFAULTS.maxRestarts}.`,
    ),
  canarySeconds: seconds
    .optional()
    .describe(
      `How long the canaryPods must stay ready until the other pods follow. If left out, ${ROLLOUT_DEFAULTS.canarySeconds}.`,
    ),
});
