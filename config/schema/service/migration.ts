import { z } from "zod";
import { MAX_ROLLOUT_SECONDS } from "../../rollout-timeout.ts";
import { dnsName, processText } from "../formats.ts";

/** What a service does with its database when a release of it is deployed. */
export const migrationSchema = z.strictObject({
  command: z
    .array(processText)
    .min(1)
    .describe(
      "Replaces the image's entry point in the migration's pod. It must be safe to run a second time: one that failed runs again " +
        "with the next deploy.",
    ),
  args: z.array(processText).optional().describe("Arguments of the command. If left out, none."),
  phase: z
    .enum(["expand", "contract"])
    .describe(
      "expand: runs before the rollout, while the old pods serve, so it may only add. contract: runs after the rollout, once no older pod " +
        "lives, so it may take away what only they needed; not with delivery.mode: gitops.",
    ),
  timeoutSeconds: z
    .int()
    .min(1)
    .max(MAX_ROLLOUT_SECONDS)
    .default(600)
    .describe("How long it may run, in seconds. It is stopped then, and the deploy has failed."),
  database: dnsName
    .optional()
    .describe(
      "Name of the database. In the whole cluster, only one migration of a database runs at a time. If left out, only migrations of this " +
        "service wait for each other. Not with delivery.mode: gitops.",
    ),
});
