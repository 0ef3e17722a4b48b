import type { Fault, Path } from "../fault.ts";
import { nearest } from "../nearest.ts";
import type { ParsedService } from "../schema/service/index.ts";
import type { Checked } from "./checked.ts";

type Environment = Checked["environment"];
type Ingress = NonNullable<ParsedService["ingress"]>;

/** The class of a Traefik: the add-on, or one of the team's own. */
const TRAEFIK_CLASS = "traefik";
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
  return [...stickyFaults(service, ingress, environment), ...middlewareFaults(service, ingress, environment)];
}

function stickyFaults({ ingressClass }: ParsedService, { sticky, tls }: Ingress, { url }: Environment): Fault[] {
  if (!sticky) return [];
  const path = ["ingress", "sticky"];
  if (!isTraefik(ingressClass)) {
    return [{ path, message: `only Traefik knows it, and the class is ${ingressClass}. Use ingress.annotations` }];
  }
  const isSecure = sticky === true || sticky.secure;
  if (!isSecure || tls || url.scheme === "https") return [];
  const message =
    "clients send this cookie by HTTPS only, and url.scheme is http. Use sticky: { secure: false } in this environment";
  return [{ path, message }];
}

/** The add-on reads Ingresses only. An Ingress with a middleware that Traefik does not know answers 404. */
function middlewareFaults({ ingressClass }: ParsedService, ingress: Ingress, { addons }: Environment): Fault[] {
  const { middlewares = [], annotations = {} } = ingress;
  const isAnnotated = MIDDLEWARES in annotations;
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

function isTraefik(ingressClass = TRAEFIK_CLASS): boolean {
  return ingressClass === TRAEFIK_CLASS;
}
