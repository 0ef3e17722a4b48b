import type { Rule } from "../rule.ts";
import { workloadsIn } from "../workloads.ts";

export const probes: Rule = {
  name: "probes",
  description:
    "Every container that listens has a readiness and a liveness probe: without them requests go to a pod that cannot answer.",
  objects: (objects) =>
    workloadsIn(objects)
      .filter(({ isLasting }) => isLasting)
      .flatMap(({ label, pod: { containers } }) =>
        containers
          .filter(({ ports = [] }) => ports.length > 0)
          .flatMap(({ name, readinessProbe, livenessProbe }) => {
            const missing = [
              ...(readinessProbe ? [] : ["readinessProbe"]),
              ...(livenessProbe ? [] : ["livenessProbe"]),
            ];
            if (missing.length === 0) return [];
            return [`${label}: container ${name} listens and has no ${missing.join(", no ")}. Add it`];
          }),
      ),
};
