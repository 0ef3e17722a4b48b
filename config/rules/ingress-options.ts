import type { Fault, Path } from "../fault.ts";
import { INGRESS_CLASS } from "../naming.ts";
import { nearest } from "../nearest.ts";
import type { ParsedService } from "../schema/service/index.ts";
import type { Checked } from "./checked.ts";

type Environment = Checked["environment"];
type Ingress = NonNullable<ParsedService["ingress"]>;

const CLASS = "kubernetes.io/ingress.class";
const MIDDLEWARES = "traefik.ingress.kubernetes.io/router.middlewares";

/** Faults of how hosts lead to a service. */
export function ingressOptionFaults({ environment }: Checked): Fault[] {
  return Object.entries(environment.services).flatMap(([name, service]) => {
    const { ingress, hosts } = service;
    if (!service.enabled || ingress === undefined) return [];
    const faults = [
      ...pathFaults(service, ingress),
      ...(hosts?.length ? routingFaults(service, ingress, environment) : []),
    ];
    return faults.map((fault) => ({ ...fault, path: ["services", name, ...fault.path] }));
  });
}

function pathFaults({ path, ports = {}, probes }: ParsedService, { paths }: Ingress): Fault[] {
  if (paths === undefined || paths.length === 0) return [];
  if (path !== undefined) return [{ path: ["path"], message: "also given by ingress.paths. Keep one of them" }];
  const tcp = Object.entries(ports).filter(([, { protocol = "TCP" }]) => protocol === "TCP");
  const known = ["http", ...tcp.map(([name]) => name)];
  return paths.flatMap((given, index) => {
    const port = typeof given === "string" ? undefined : given.port;
    if (port === undefined) return [];
    const at: Path = ["ingress", "paths", index, "port"];
    if (!known.includes(port)) {
      const meant = nearest(port, known);
      const message = `no TCP port of the service. ${meant ? `Did you mean ${meant}? ` : ""}It has ${known.join(", ")}`;
      return [{ path: at, message }];
    }
    if (probes?.preset !== "grpc" || port === "http") return [];
    const message =
      "with the preset grpc, Traefik speaks gRPC to every port of the Service. Make it a service of its own";
    return [{ path: at, message }];
  });
}

function routingFaults(service: ParsedService, ingress: Ingress, environment: Environment): Fault[] {
  return [
    ...tlsFaults(service, ingress, environment),
    ...stickyFaults(service, ingress, environment),
    ...middlewareFaults(service, ingress, environment),
    ...annotationFaults(ingress),
  ];
}

/** The add-on has no port for HTTPS. On the target eks the load balancer in front of it may end TLS. */
function tlsFaults(service: ParsedService, { tls }: Ingress, environment: Environment): Fault[] {
  if (!tls || !isAddon(service, environment) || isEndedByLoadBalancer(environment)) return [];
  const way =
    environment.cluster.target === "eks"
      ? "Remove tls, and let the load balancer end TLS: loadBalancer.certificateArn"
      : "Remove tls if something in front of the cluster ends TLS";
  const message = `the Traefik add-on has no HTTPS port, so nothing would use the certificate. ${way}. Or name a controller of your own: ingress`;
  return [{ path: ["ingress", "tls"], message }];
}

function isAddon(service: ParsedService, environment: Environment): boolean {
  return environment.addons.traefik.enabled && isTraefik(classOf(service, environment));
}

function isEndedByLoadBalancer({ cluster, loadBalancer }: Environment): boolean {
  return cluster.target === "eks" && loadBalancer.certificateArn !== undefined;
}

/** Kubernetes refuses it beside ingressClassName, which the chart sets: https://kubernetes.io/docs/concepts/services-networking/ingress/#deprecated-annotation */
function annotationFaults({ annotations = {} }: Ingress): Fault[] {
  if (!Object.hasOwn(annotations, CLASS)) return [];
  const message = "Kubernetes refuses it beside the class that the chart sets. Use ingressClass and ingressNamespace";
  return [{ path: ["ingress", "annotations", CLASS], message }];
}

function stickyFaults(service: ParsedService, { sticky, tls }: Ingress, environment: Environment): Fault[] {
  if (!sticky) return [];
  const { url } = environment;
  const ingressClass = classOf(service, environment);
  const path = ["ingress", "sticky"];
  if (!isTraefik(ingressClass)) {
    const message =
      `only Traefik knows it, and the class is ${ingressClass}. Use ingress.annotations; for a Traefik with a class of another name, ` +
      'serviceAnnotations: { traefik.ingress.kubernetes.io/service.sticky.cookie: "true" }';
    return [{ path, message }];
  }
  const isSecure = sticky === true || sticky.secure;
  const hasTls = isAddon(service, environment) ? isEndedByLoadBalancer(environment) : tls;
  if (!isSecure || hasTls || url.scheme === "https") return [];
  const message =
    "clients send this cookie by HTTPS only, and url.scheme is http. Use sticky: { secure: false } in this environment";
  return [{ path, message }];
}

/** The add-on reads Ingresses only. An Ingress with a middleware that Traefik does not know answers 404. */
function middlewareFaults(service: ParsedService, ingress: Ingress, environment: Environment): Fault[] {
  const { addons } = environment;
  const ingressClass = classOf(service, environment);
  const { middlewares = [], annotations = {} } = ingress;
  const isAnnotated = Object.hasOwn(annotations, MIDDLEWARES);
  if (middlewares.length === 0 && !isAnnotated) return [];
  const path = middlewares.length > 0 ? ["ingress", "middlewares"] : ["ingress", "annotations", MIDDLEWARES];
  if (middlewares.length > 0 && isAnnotated) {
    return [{ path, message: `also given by the annotation ${MIDDLEWARES}. Keep one of them` }];
  }
  if (!isTraefik(ingressClass)) {
    return middlewares.length > 0
      ? [{ path, message: `only Traefik knows them, and the class is ${ingressClass}. Use ingress.annotations` }]
      : [];
  }
  if (!addons.traefik.enabled) return [];
  const message =
    "the Traefik add-on has no middlewares, and would answer every request with 404. Remove them, or run a Traefik of your own: " +
    "addons.traefik.enabled: false";
  return [{ path, message }];
}

function classOf({ ingressClass }: ParsedService, { ingress }: Environment): string {
  return ingressClass ?? ingress?.class ?? INGRESS_CLASS;
}

/** The class of a Traefik is that of the add-on, also if it is the team's own. */
function isTraefik(ingressClass: string): boolean {
  return ingressClass === INGRESS_CLASS;
}
