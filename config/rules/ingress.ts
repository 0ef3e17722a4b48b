import type { Fault } from "../fault.ts";
import { INGRESS_CLASS } from "../naming.ts";
import type { ParsedService } from "../schema/service/index.ts";
import type { Checked } from "./checked.ts";

/** Hosts need a controller that serves them, and that the network policy admits. */
export function ingressFaults({ environment }: Checked): Fault[] {
  return Object.entries(environment.services).flatMap(([name, service]) => {
    if (!service.enabled || !service.hosts?.length) return [];
    const path = ["services", name];
    return [...controllerFaults(path, service, environment), ...grpcFaults(path, service, environment)];
  });
}

type Environment = Checked["environment"];

function controllerFaults(path: string[], service: ParsedService, { addons, ingress }: Environment): Fault[] {
  const { ingressClass, ingressNamespace } = service;
  if (ingressClass === undefined && ingressNamespace === undefined) {
    if (ingress !== undefined || addons.traefik.enabled) return [];
    const message =
      "no ingress controller serves them: addons.traefik.enabled is false. Name the cluster's own, such as " +
      "ingress: { class: nginx, namespace: ingress-nginx }";
    return [{ path: [...path, "hosts"], message }];
  }
  const missing = ingressClass === undefined ? "ingressClass" : "ingressNamespace";
  if (ingressClass !== undefined && ingressNamespace !== undefined) return [];
  if (ingressNamespace === undefined && addons.traefik.enabled && ingressClass === INGRESS_CLASS) return [];
  const other = missing === "ingressClass" ? "ingressNamespace" : "ingressClass";
  return [
    {
      path: [...path, missing],
      message: `required beside ${other}: the class of a controller, and the namespace that the network policy admits. Add it`,
    },
  ];
}

/** An ALB speaks HTTP/1.1 to a target group that does not ask for more: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html#target-group-protocol-version */
function grpcFaults(path: string[], service: ParsedService, { cluster, addons, ingress }: Environment): Fault[] {
  const ingressClass = service.ingressClass ?? ingress?.class ?? INGRESS_CLASS;
  if (cluster.target !== "eks" || service.probes?.preset !== "grpc") return [];
  if (!addons.traefik.enabled || ingressClass !== INGRESS_CLASS) return [];
  const message =
    "no gRPC call gets through: the load balancer speaks HTTP/1.1 to Traefik. Remove hosts and call the service inside of the cluster, " +
    "or give it an ingress controller with a load balancer that passes gRPC: ingressClass, ingressNamespace";
  return [{ path: [...path, "hosts"], message }];
}
