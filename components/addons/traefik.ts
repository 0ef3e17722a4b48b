import { chartPods } from "../charts.ts";
import type { Addon, AddonEnvironment } from "./addon.ts";

const NAME = "traefik";

/** The ingress controller: every request from outside passes through it. */
export const traefik: Addon = {
  name: NAME,
  namespace: "ingress",
  timeoutSeconds: 180,
  enabled: ({ addons }) => addons?.traefik?.enabled ?? true,
  values: (environment, ingress) => {
    const { enabled: _, ...values } = environment.addons?.traefik ?? {};
    if (ingress === undefined) return values;
    const { nodePort, trustedRanges } = ingress;
    const spread = onePerNode(environment) ? "required" : "preferred";
    return { service: { type: "NodePort", nodePort }, spread, trustedIPs: trustedRanges, ...values };
  },
  replicas,
  onePerNode,
};

function replicas({ addons }: AddonEnvironment): number {
  return addons?.traefik?.replicas ?? chartPods(NAME).replicas;
}

/** With more pods than nodes, one would never be scheduled, and Helm would wait for it until its timeout. */
function onePerNode(environment: AddonEnvironment): boolean {
  const { cluster } = environment;
  return cluster.target === "eks" && replicas(environment) <= cluster.nodeGroup.min;
}
