import type { V1PodDisruptionBudget } from "@kubernetes/client-node";
import type { Rule } from "../rule.ts";
import { ofKind, selects, workloadsIn } from "../workloads.ts";
import { answersRequests, leastPods } from "./replicas.ts";

export const disruptionBudget: Rule = {
  name: "disruption-budget",
  description:
    "What has several pods that answer requests has a PodDisruptionBudget: without one, a drain of nodes takes all pods at once.",
  // The budget of an object that the program declares by itself is another resource.
  objects: (objects, extent) => {
    if (extent === "one") return [];
    const budgets = ofKind<V1PodDisruptionBudget>(objects, "PodDisruptionBudget");
    return workloadsIn(objects)
      .filter((workload) => answersRequests(workload) && (leastPods(workload, objects, extent) ?? 1) > 1)
      .filter(({ podLabels }) => !budgets.some(({ spec }) => selects(spec?.selector?.matchLabels, podLabels)))
      .map(({ label }) => `${label} has no PodDisruptionBudget that selects its pods. Add one with maxUnavailable: 1`);
  },
};
