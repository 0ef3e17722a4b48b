import { z } from "zod";
import { parseSchedule } from "../../cron-schedule.ts";
import { timeZoneFault } from "../../time-zone.ts";

const SECONDS_OF_A_WEEK = 7 * 24 * 3600;

const schedule = z.string().superRefine((text, context) => {
  const parsed = parseSchedule(text);
  if ("fault" in parsed) context.addIssue({ code: "custom", message: `not a schedule: ${parsed.fault}` });
});

const timeZone = z.string().superRefine((name, context) => {
  const fault = timeZoneFault(name);
  if (fault !== undefined) context.addIssue({ code: "custom", message: fault });
});

/** When a service runs that runs to an end, and how long. The words are those of CronJob and Job. */
export const scheduleFields = {
  cron: z
    .strictObject({
      schedule: schedule
        .optional()
        .describe(
          "When it runs: minute, hour, day of the month, month and day of the week, such as 30 2 * * * for each day at 2:30; or @hourly, " +
            "@daily, @weekly, @monthly, @yearly.",
        ),
      timeZone: timeZone
        .optional()
        .describe(
          "Time zone of the schedule, such as Asia/Seoul. If left out, that of the control plane: on EKS, UTC.",
        ),
      concurrencyPolicy: z
        .enum(["Forbid", "Allow", "Replace"])
        .optional()
        .describe(
          "What happens if a run is due while the one before it still runs. Forbid: it waits for its end. Allow: both run. Replace: " +
            "the older one is stopped. If left out, Forbid.",
        ),
      suspend: z.boolean().optional().describe("true: no run starts by the schedule. If left out, false."),
      startingDeadlineSeconds: z
        .int()
        .min(10)
        .max(SECONDS_OF_A_WEEK)
        .optional()
        .describe(
          "How late a run may start, because the one before it still ran, the control plane was away, or it was suspended. Later, it is " +
            "skipped. If left out, it starts however late it is, once for all that were missed.",
        ),
      successfulJobsHistoryLimit: z
        .int()
        .min(0)
        .max(100)
        .optional()
        .describe("Successful runs whose Job and log are kept. If left out, 3."),
      failedJobsHistoryLimit: z
        .int()
        .min(0)
        .max(100)
        .optional()
        .describe("Failed runs whose Job and log are kept. If left out, 3."),
    })
    .optional()
    .describe("When a service of kind cron runs."),
  job: z
    .strictObject({
      activeDeadlineSeconds: z
        .int()
        .min(1)
        .max(SECONDS_OF_A_WEEK)
        .optional()
        .describe(
          "How long a run may take, with its retries and the start of its pod. Then it is stopped, and has failed. If left out, 3600 " +
            "for kind cron, and 600 for kind job, whose deploy waits for it.",
        ),
      backoffLimit: z
        .int()
        .min(0)
        .max(10)
        .optional()
        .describe(
          "How often a run that fails is tried again. What is tried again has run twice, so it must be able to. If left out, 0. A pod " +
            "that is lost with its node, or moved from it, is replaced and does not count.",
        ),
    })
    .optional()
    .describe("A run of a service of kind cron or job."),
};
