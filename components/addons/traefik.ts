import { routesCanary } from "../../config/canary.ts";
import { type Environment, INGRESS_NAMESPACE } from "../../config/index.ts";
import type { Addon, AddonEnvironment } from "./addon.ts";

/** The ingress controller: every request from outside passes through it. */
export const traefik: Addon = {
  name: "traefik",
  group: "traefik.io",
  namespace: () => INGRESS_NAMESPACE,
  timeoutSeconds: 180,
  enabled: ({ addons }) => addons.traefik.enabled,
  values: (environment, ingress) => {
    const values = { ...routesAndMetrics(environment), ...environment.addons.traefik.values };
    if (ingress === undefined) return values;
    const { nodePort, trustedRanges } = ingress;
    const spread = onePerNode(environment) ? "required" : "preferred";
    return { service: { type: "NodePort", nodePort }, spread, trustedIPs: trustedRanges, ...values };
  },
  replicas: ({ addons }) => addons.traefik.replicas,
  onePerNode,
};

/** With more pods than nodes, one would never be scheduled, and Helm would wait for it until its timeout. */
function onePerNode({ addons, cluster }: AddonEnvironment): boolean {
  return cluster.target === "eks" && addons.traefik.replicas <= cluster.nodeGroup.min;
}

/** What canaries need of it. Both stay as they are for an environment without: its pods do not roll. */
function routesAndMetrics({ services, addons }: Environment): { kubernetesCRD?: true; metricsFrom?: string[] } {
  const hasCanary = services.some(({ hosts, chartFields: { rollout } }) => routesCanary({ hosts, rollout }));
  const { namespace } = addons.prometheus;
  return { ...(hasCanary && { kubernetesCRD: true }), ...(namespace !== undefined && { metricsFrom: [namespace] }) };
}
