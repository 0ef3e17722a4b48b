/** How the pods of a service are replaced. */
export type RolloutStrategy = "rolling" | "recreate" | "blueGreen" | "canary";

/** Fields of a rollout that only the strategy blueGreen has. */
export const BLUE_GREEN_FIELDS = ["promotion", "previewSeconds", "previewHost", "keepSeconds"] as const;

/** Fields of a rollout that only the strategy canary has. */
export const CANARY_FIELDS = ["steps", "header", "analysis"] as const;

/** Fields of an analysis that count requests, which only the ingress controller sees. */
export const REQUEST_ANALYSIS_FIELDS = [
  "successRate",
  "p95Milliseconds",
  "intervalSeconds",
  "minimumRequests",
  "failureLimit",
  "onTooFew",
  "inconclusiveLimit",
  "onError",
] as const;

/** Whether a strategy is carried out by Argo Rollouts. The workload is a Rollout then, not a Deployment. */
export function usesArgoRollouts(strategy: RolloutStrategy | undefined): boolean {
  return strategy === "blueGreen" || strategy === "canary";
}
