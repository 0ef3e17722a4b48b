import type { V1PodSpec } from "@kubernetes/client-node";
import type { Rule } from "../rule.ts";
import { workloadsIn } from "../workloads.ts";
import { leastPods } from "./replicas.ts";

const KEYS = ["kubernetes.io/hostname", "topology.kubernetes.io/zone"];

export const spread: Rule = {
  name: "spread",
  description:
    "Pods of a workload are spread over nodes and zones: otherwise one node or zone takes all of them along.",
  objects: (objects, extent) =>
    workloadsIn(objects)
      .filter(({ kind, isLasting }) => isLasting && kind !== "DaemonSet")
      .filter((workload) => (leastPods(workload, objects, extent) ?? 1) > 1)
      .flatMap(({ label, pod }) => {
        const missing = KEYS.filter((key) => !keysOf(pod).includes(key));
        if (missing.length === 0) return [];
        return [`${label}: its pods are not spread over ${missing.join(" and ")}. Add topologySpreadConstraints`];
      }),
};

function keysOf({ topologySpreadConstraints = [], affinity }: V1PodSpec): string[] {
  const { preferredDuringSchedulingIgnoredDuringExecution: preferred = [], ...required } =
    affinity?.podAntiAffinity ?? {};
  return [
    ...topologySpreadConstraints.map(({ topologyKey }) => topologyKey),
    ...preferred.map(({ podAffinityTerm }) => podAffinityTerm.topologyKey),
    ...(required.requiredDuringSchedulingIgnoredDuringExecution ?? []).map(({ topologyKey }) => topologyKey),
  ];
}
