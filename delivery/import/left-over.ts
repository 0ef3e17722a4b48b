import type { Fields } from "./fields.ts";
import type { Findings } from "./findings.ts";

/** What to do about fields that Slipway decides itself, by a part of their path. */
const ADVICE: readonly [RegExp, string][] = [
  [
    /^spec\.type$/,
    "the Service is reached in the cluster only. For requests from outside set hosts, or keep a Service of your own with the labels of the new pods",
  ],
  [
    /^spec\.(externalTrafficPolicy|loadBalancer|externalIPs|allocateLoadBalancer)/,
    "it is for a Service that is reached from outside. Keep a Service of your own for that",
  ],
  [/^spec\.sessionAffinity/, "with Traefik, ingress.sticky leads a client to the same pod"],
  [/hostNetwork|hostPID|hostIPC|hostPort/, "pods do not share the node's own: pod security restricted forbids it"],
  [/\.(livenessProbe|readinessProbe|startupProbe)\b/, "there is no field for it. Set it by patch"],
  [/\.resources\./, "only cpu, memory and ephemeral-storage have fields. Set it by patch"],
  [
    /\.volumeMounts\b/,
    "containers beside the service's own have its folders and files, and no others. Set it by patch",
  ],
  [/\.volumes\b/, "no container that was carried over mounts it"],
  [
    /podManagementPolicy|updateStrategy|partition/,
    "a stateful service replaces one pod at a time, the highest number first. For a canary: rollout.canaryPods",
  ],
  [
    /^metadata\.(labels|annotations)/,
    "the object gets labels and annotations of Slipway. If a tool reads this one, tell it of the new ones",
  ],
  [/(completions|parallelism|completionMode|podFailurePolicy)/, "a run has one pod"],
  [/\.lifecycle\b/, "set it by patch"],
];
const OTHER = 'there is no field for it. If it is needed, add it by patch: docs/services.md, "What has no field"';

/** Lists what nobody has read of these objects. */
export function reportLeftOver(objects: readonly Fields[], findings: Findings): void {
  for (const object of objects) {
    for (const part of object.unread()) {
      const path = part.base.join(".");
      const advice = ADVICE.find(([pattern]) => pattern.test(path))?.[1] ?? OTHER;
      findings.leaveOut(part, advice);
    }
  }
}
