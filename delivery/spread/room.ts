import type { V1Node, V1Pod, V1PodSpec } from "@kubernetes/client-node";
import { milliUnits } from "../../config/quantity.ts";

/** What is counted. Others, such as GPUs, are the scheduler's business. */
const COUNTED = ["cpu", "memory", "ephemeral-storage"] as const;

/**
 * Whether the scheduler would put another pod like this one on the node. A pod with a required node affinity, which only a patch gives it,
 * counts as one that would not: its rules are not read here.
 *
 * @param others all pods of the cluster that have not ended
 */
export function hasRoom(node: V1Node, pod: V1Pod, others: readonly V1Pod[]): boolean {
  if (pod.spec === undefined || !admits(node, pod.spec)) return false;
  const { allocatable = {} } = node.status ?? {};
  const there = others.filter(({ spec }) => spec?.nodeName === node.metadata?.name);
  if (there.length + 1 > Number(allocatable.pods ?? Number.POSITIVE_INFINITY)) return false;
  return COUNTED.every((resource) => {
    const offered = allocatable[resource];
    if (offered === undefined) return true;
    const used = [...there, pod].reduce((sum, { spec }) => sum + requestOf(spec, resource), 0);
    return used <= milliUnits(offered);
  });
}

function admits({ metadata, spec, status }: V1Node, pod: V1PodSpec): boolean {
  const isReady = status?.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True");
  if (!isReady || spec?.unschedulable) return false;
  if (pod.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution) return false;
  if (!Object.entries(pod.nodeSelector ?? {}).every(([key, value]) => metadata?.labels?.[key] === value)) return false;
  return (spec?.taints ?? [])
    .filter(({ effect }) => effect !== "PreferNoSchedule")
    .every((taint) =>
      (pod.tolerations ?? []).some(
        ({ key, operator = "Equal", value = "", effect }) =>
          (effect === undefined || effect === "" || effect === taint.effect) &&
          ((!key && operator === "Exists") ||
            (key === taint.key && (operator === "Exists" || value === (taint.value ?? "")))),
      ),
    );
}

/**
 * In thousandths. Containers and sidecars run side by side; each other init container runs beside the sidecars before it.
 * https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#resource-sharing-within-containers
 */
function requestOf(spec: V1PodSpec | undefined, resource: string): number {
  const of = (container: { resources?: { requests?: Record<string, string> } }) =>
    milliUnits(container.resources?.requests?.[resource] ?? "0");
  let sidecars = 0;
  let start = 0;
  for (const container of spec?.initContainers ?? []) {
    if (container.restartPolicy === "Always") sidecars += of(container);
    else start = Math.max(start, sidecars + of(container));
  }
  const running = (spec?.containers ?? []).reduce((sum, container) => sum + of(container), sidecars);
  return Math.max(running, start) + milliUnits(spec?.overhead?.[resource] ?? "0");
}
