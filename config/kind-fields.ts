import type { Path } from "./fault.ts";
import { type Kind, runsToEnd } from "./kinds.ts";

/** Fields of what others call: a worker, a cron and a job have no port. */
const CALLED: readonly Path[] = [
  ["port"],
  ["servicePort"],
  ["ports"],
  ["serviceAnnotations"],
  ["hosts"],
  ["path"],
  ["ingress"],
  ["ingressClass"],
  ["ingressNamespace"],
  ["network", "allowFrom"],
];

/** Fields of what runs all the time: what runs to an end has no number of pods, no checks of its health and no rollout. */
const LASTING: readonly Path[] = [
  ["metrics"],
  ["replicas"],
  ["disruption"],
  ["cpu"],
  ["memory"],
  ["scaling"],
  ["probes"],
  ["rollout"],
  ["spread"],
  ["rebalance"],
  ["shutdown", "preStopSeconds"],
  ["volume"],
];

/** Fields that a service of this kind has no use for. Those of volume and rollout.strategy depend on more: see their rules. */
export function fieldsOfOtherKinds(kind: Kind): Path[] {
  return [
    ...(kind === "worker" || runsToEnd(kind) ? CALLED : []),
    ...(runsToEnd(kind) ? LASTING : [["job"] as const]),
    ...(kind === "cron" ? [] : [["cron"] as const]),
  ];
}
