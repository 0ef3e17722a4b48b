import { z } from "zod";
import { ROLLOUT_DEFAULTS } from "../../defaults.ts";
import { seconds } from "../formats.ts";

const podsOrShare = z.union(
  [z.int().min(0).max(1000), z.string().regex(/^(100|[1-9]?[0-9])%$/, 'a share such as "25%", "100%" at most')],
  'a number of pods or a share such as "25%"',
);

/** What charts/service takes of a rollout. */
export const chartRollout = z.strictObject({
  maxSurge: podsOrShare.optional().describe("Pods, or a share, above the desired count during a rollout."),
  maxUnavailable: podsOrShare.optional().describe("Pods, or a share, below the desired count during a rollout."),
  minReadySeconds: seconds.optional().describe("How long a new pod must stay ready before it counts."),
  progressDeadlineSeconds: seconds
    .min(1)
    .optional()
    .describe("How long a rollout may go without progress. More than probes.startupSeconds + minReadySeconds."),
});

/** What a team may say of a rollout. */
export const rollout = chartRollout.extend({
  timeoutSeconds: seconds
    .min(1)
    .optional()
    .describe(
      "How long a rollout may take before it is rolled back. If left out, it is estimated from replicas.max, " +
        "probes.startupSeconds and minReadySeconds.",
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
});
