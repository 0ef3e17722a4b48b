/** What a service says of its kind. */
export const KINDS = ["deployment", "web", "worker", "stateful", "cron", "job"] as const;
export type Kind = (typeof KINDS)[number];

/** What a kind becomes in the cluster. web and worker are Deployments that say more about themselves. */
export type WorkloadKind = "deployment" | "stateful" | "cron" | "job";

export function workloadOf(kind: Kind): WorkloadKind {
  return kind === "web" || kind === "worker" ? "deployment" : kind;
}

/** Whether its pods run to an end. Nobody calls them, and their number is not that of a service. */
export function runsToEnd(kind: Kind | undefined): kind is "cron" | "job" {
  return kind === "cron" || kind === "job";
}
