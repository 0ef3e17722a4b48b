import { CHART_DEFAULTS } from "../defaults.ts";
import type { Fault } from "../fault.ts";
import { INGRESS_CLASS } from "../naming.ts";
import type { ParsedService } from "../schema/service/index.ts";
import type { Checked } from "./checked.ts";

type Environment = Checked["environment"];

/** Where docs/services.md says how to rename without renamedFrom. */
export const TWO_DEPLOYS = "rename it in two deploys, without renamedFrom: see docs/services.md, Rename a service";

/** Faults of services that replace one with another name. */
export function renameFaults({ environment }: Checked): Fault[] {
  const services = Object.entries(environment.services).filter(([, { enabled }]) => enabled);
  const renamed = services.flatMap(([name, service]) => {
    const { renamedFrom } = service;
    return renamedFrom === undefined ? [] : [{ name, from: renamedFrom, service }];
  });
  return renamed.flatMap(({ name, from, service }, index) => {
    const path = ["services", name];
    const twin = renamed.slice(0, index).find((other) => other.from === from);
    if (twin) {
      const message = `the service ${twin.name} replaces it already. Keep one of them`;
      return [{ path: [...path, "renamedFrom"], message }];
    }
    const faults = [
      ...nameFaults(from, name, environment),
      ...workloadFaults(from, service),
      ...(service.hosts?.length ? hostFaults(from, service, environment) : []),
    ];
    return [
      ...faults.map((fault) => ({ ...fault, path: [...path, ...fault.path] })),
      ...urlFaults(from, name, services, environment.namespace),
    ];
  });
}

function nameFaults(from: string, name: string, { services }: Environment): Fault[] {
  const path = ["renamedFrom"];
  if (from === name) return [{ path, message: "is the name of the service itself. Give the name that it had before" }];
  if (!Object.hasOwn(services, from) || !services[from]?.enabled) return [];
  const message =
    "is still a service of this environment. Remove that service, or set its enabled to false; or remove renamedFrom";
  return [{ path, message }];
}

function workloadFaults(from: string, { kind = CHART_DEFAULTS.kind, rollout }: ParsedService): Fault[] {
  const path = ["renamedFrom"];
  if (kind === "stateful") {
    const message =
      "the volumes of a stateful service carry its name, so it would start with empty ones. Keep the name " +
      `${from}, or move the data: see docs/services.md, Rename a service`;
    return [{ path, message }];
  }
  if (rollout?.strategy === "canary") {
    const message = `with rollout.strategy: canary the new name could not wait behind ${from}. Rename it with another strategy first`;
    return [{ path, message }];
  }
  if (rollout?.strategy !== "recreate") return [];
  const message =
    `both names run at once for a moment, and with rollout.strategy: recreate it must never run twice. Pause ${from} first ` +
    "(replicas: { min: 0, max: 0 }), deploy, and then rename it without renamedFrom";
  return [{ path, message }];
}

function hostFaults(from: string, { ingressClass, ingress }: ParsedService, environment: Environment): Fault[] {
  const controller = ingressClass ?? environment.ingress?.class ?? INGRESS_CLASS;
  if (controller !== INGRESS_CLASS) {
    const message =
      `only Traefik can be told which of two services with the same hosts goes first, and the ingress class is ${controller}. ` +
      `Instead, ${TWO_DEPLOYS}`;
    return [{ path: ["renamedFrom"], message }];
  }
  // The add-on has no HTTPS port: where tls is accepted, the load balancer has the certificate.
  if (ingress?.tls !== true || environment.addons.traefik.enabled) return [];
  const message =
    "the certificate would be another one, which may not exist yet when the old one goes. Name the Secret that the service has now: " +
    `tls: { secretName: ${from}-tls }`;
  return [{ path: ["ingress", "tls"], message }];
}

/** Values that call the old name: nothing answers there once the service has its new one. */
function urlFaults(from: string, name: string, services: [string, ParsedService][], namespace: string): Fault[] {
  const called = new RegExp(`(//|@)${from}(\\.${namespace}(\\.svc(\\.[a-z0-9.-]+)?)?)?([:/?#]|$)|^${from}:[0-9]+$`);
  return services.flatMap(([service, { config }]) =>
    Object.entries(config)
      .filter(([, value]) => called.test(value))
      .map(([variable]) => ({
        path: ["services", service, "config", variable],
        message: `calls ${from}, which becomes ${name}. Use the new name: http://${name}`,
      })),
  );
}
