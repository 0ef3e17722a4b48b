import type { V1ObjectMeta } from "@kubernetes/client-node";
import type { Service } from "../../config/index.ts";
import { runsToEnd } from "../../config/kinds.ts";

/** charts/service marks a workload so while replicas.min is 0. */
const PAUSED = "slipway.dev/paused";

/** A line for each service without pods: those that the config pauses, and those that somebody has set to 0 by hand. */
export function scaleNotices(
  services: readonly Pick<Service, "name" | "kind" | "replicas" | "hosts">[],
  workloads: readonly { metadata?: V1ObjectMeta; spec?: { replicas?: number } | undefined }[],
): string[] {
  const live = new Map(workloads.map((workload) => [workload.metadata?.name, workload]));
  return services.flatMap(({ name, kind, replicas: { min, max }, hosts }) => {
    if (runsToEnd(kind)) return [];
    if (max === 0) {
      const hosted = hosts.length > 0 ? ` ${hosts.join(", ")}: every request is answered 503.` : "";
      return [`${name}: paused (replicas: { min: 0, max: 0 }): no pod runs.${hosted}`];
    }
    const { metadata, spec } = live.get(name) ?? {};
    if (min === 0 || spec?.replicas !== 0 || metadata?.annotations?.[PAUSED]) return [];
    return [
      `${name}: somebody has set its number of pods to 0 by hand, which also switches its autoscaler off. A deploy starts ${min} again. ` +
        "To keep it at 0, set replicas: { min: 0, max: 0 }.",
    ];
  });
}
