import type { V1Job } from "@kubernetes/client-node";

export type JobEnd = { succeeded: true } | { succeeded: false; reason: string; message: string };

/**
 * How a Job has ended. Undefined while it may have a pod that runs: the conditions come once every pod is over.
 * https://kubernetes.io/docs/concepts/workloads/controllers/job/#job-termination-and-cleanup
 */
export function endOf({ status }: V1Job): JobEnd | undefined {
  for (const { type, status: is, reason = "", message = "" } of status?.conditions ?? []) {
    if (is !== "True") continue;
    if (type === "Complete") return { succeeded: true };
    if (type === "Failed") return { succeeded: false, reason, message };
  }
  return undefined;
}
