import type { Rule } from "../rule.ts";
import { containersOf, workloadsIn } from "../workloads.ts";

/** No limit of CPU: it would slow a container down on a node that is idle. */
const NEEDED = [
  ["requests", "cpu"],
  ["requests", "memory"],
  ["limits", "memory"],
] as const;

export const resources: Rule = {
  name: "resources",
  description:
    "Every container requests CPU and memory and has a limit of memory: without them one pod takes a whole node down.",
  objects: (objects) =>
    workloadsIn(objects).flatMap(({ label, pod }) =>
      containersOf(pod).flatMap(({ name, resources }) => {
        const missing = NEEDED.filter(([part, resource]) => resources?.[part]?.[resource] === undefined);
        if (missing.length === 0) return [];
        const names = missing.map((path) => path.join(".")).join(", ");
        return [`${label}: container ${name} has no ${names}. Set them under resources`];
      }),
    ),
};
