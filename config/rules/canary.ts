import { measuresRequests, routesCanary } from "../canary.ts";
import type { Fault, Path } from "../fault.ts";
import { INGRESS_CLASS, INGRESS_NAMESPACE } from "../naming.ts";
import type { ParsedService } from "../schema/service/index.ts";
import type { Checked } from "./checked.ts";

type Environment = Checked["environment"];

/** What canaries need of the environment: Traefik, and Prometheus. */
export function canaryFaults({ environment }: Checked): Fault[] {
  const faults = Object.entries(environment.services).flatMap(([name, service]) => {
    if (!service.enabled) return [];
    const found = [...routingFaults(service, environment), ...metricsFaults(service, environment)];
    return found.map((fault) => ({ ...fault, path: ["services", name, ...fault.path] }));
  });
  return [...faults, ...prometheusFaults(environment)];
}

function routingFaults(service: ParsedService, { addons, ingress, namespace }: Environment): Fault[] {
  if (!routesCanary(service)) return [];
  const ingressClass = service.ingressClass ?? ingress?.class ?? INGRESS_CLASS;
  if (ingressClass !== INGRESS_CLASS) {
    const message =
      `canary of a service with hosts needs Traefik, and the ingress class is ${ingressClass}. Use the Traefik add-on, or ` +
      "strategy: rolling";
    return [{ path: ["rollout", "strategy"], message }];
  }
  const faults: Fault[] = [];
  if (addons.traefik.enabled && addons.traefik.kubernetesCRD === false) {
    const message =
      "addons.traefik.kubernetesCRD is false, so Traefik would not serve the service. Remove that, or use strategy: rolling";
    faults.push({ path: ["rollout", "strategy"], message });
  }
  for (const [index, middleware] of (service.ingress?.middlewares ?? []).entries()) {
    if (!middleware.endsWith("@kubernetescrd") || middleware.startsWith(`${namespace}-`)) continue;
    const message = `an IngressRoute uses middlewares of its own namespace only: ${namespace}-<name>@kubernetescrd`;
    faults.push({ path: ["ingress", "middlewares", index], message });
  }
  return faults;
}

function metricsFaults(service: ParsedService, { addons }: Environment): Fault[] {
  if (!measuresRequests(service) || !routesCanary(service)) return [];
  const { enabled, url } = addons.prometheus;
  if (enabled || url !== undefined) return [];
  const { successRate } = service.rollout?.analysis ?? {};
  const path: Path = ["rollout", "analysis", successRate === undefined ? "p95Milliseconds" : "successRate"];
  const message =
    "needs Prometheus, and the environment has none. Set addons.prometheus.enabled: true, or addons.prometheus.url and namespace; " +
    "or use analysis.command or path";
  return [{ path, message }];
}

function prometheusFaults({ addons: { prometheus, traefik }, ingress }: Environment): Fault[] {
  const { enabled, url, namespace } = prometheus;
  const fault = (field: string, message: string) => [{ path: ["addons", "prometheus", field], message }];
  if (enabled && url !== undefined) return fault("url", "given beside enabled: true. Keep one of them");
  if (url === undefined && namespace !== undefined)
    return fault("namespace", "only with url. Set it, or remove namespace");
  if (url !== undefined && namespace === undefined && traefik.enabled) {
    return fault("url", "also needs namespace: the network policy lets it read Traefik's metrics. Add it");
  }
  if (enabled && !traefik.enabled && ingress !== undefined && ingress.namespace !== INGRESS_NAMESPACE) {
    return fault(
      "enabled",
      `reads a Traefik in the namespace ${INGRESS_NAMESPACE} only. Give the url of a Prometheus of your own`,
    );
  }
  return [];
}
