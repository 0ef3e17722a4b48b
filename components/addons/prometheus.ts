import { INGRESS_NAMESPACE } from "../../config/index.ts";
import { controllerNamespace, prometheusNamespace } from "../../config/naming.ts";
import type { Addon } from "./addon.ts";

/** Reads the ingress controller's metrics, by which canaries are judged. */
export const prometheus: Addon = {
  name: "prometheus",
  namespace: ({ namespace }) => prometheusNamespace(namespace),
  timeoutSeconds: 180,
  enabled: ({ addons }) => addons.prometheus.enabled,
  values: ({ addons, namespace, dns }) => ({
    ...addons.prometheus.values,
    targets: [`traefik-metrics.${INGRESS_NAMESPACE}.svc:9100`],
    targetNamespace: INGRESS_NAMESPACE,
    readers: [controllerNamespace(addons.argoRollouts.enabled, namespace)],
    ...(dns?.port !== undefined && { dnsPort: dns.port }),
  }),
};
