import { z } from "zod";
import { ROLLOUT_DEFAULTS } from "../../defaults.ts";
import { MAX_ROLLOUT_SECONDS } from "../../rollout-timeout.ts";
import { hostName, podsOrShare, seconds } from "../formats.ts";
import { canaryFields } from "./canary.ts";

/** What charts/service takes of a rollout. */
export const chartRollout = z.strictObject({
  strategy: z
    .enum(["rolling", "recreate", "blueGreen", "canary"])
    .optional()
    .describe(
      "How pods are replaced. rolling: new pods start before old ones stop. recreate: all old pods stop before the first new one " +
        "starts, so the service is away meanwhile. For what must never run twice. blueGreen: all new pods start beside the old ones, " +
        "and traffic switches at once. canary: new pods get a growing share of the traffic. If left out, rolling. See docs/strategies.md.",
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
  promotion: z
    .enum(["automatic", "manual"])
    .optional()
    .describe(
      "Of the strategy blueGreen. automatic: traffic switches when all new pods are ready. manual: the deploy ends then, and traffic " +
        "switches when somebody runs slipway promote. If left out, automatic.",
    ),
  previewSeconds: z
    .int()
    .min(0)
    .max(24 * 3600)
    .optional()
    .describe(
      "Of the strategy blueGreen with automatic promotion: how long the new version stays on its preview address before traffic " +
        "switches. If left out, 0.",
    ),
  previewHost: hostName
    .optional()
    .describe(
      "Of the strategy blueGreen: host of the new version before traffic switches. In the cluster it is <service>-preview. " +
        "If left out, it has no host.",
    ),
  keepSeconds: z
    .int()
    .min(30)
    .max(24 * 3600)
    .optional()
    .describe(
      "Of the strategy blueGreen: how long the pods of the version before keep running after traffic has switched. A rollback within " +
        "this time only switches back. If left out, 600.",
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
  ...canaryFields,
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
