import { CHART_DEFAULTS } from "../defaults.ts";
import type { EnvironmentConfig } from "../schema/environment.ts";
import type { ServiceSpec } from "../schema/service.ts";
import { targetFaults } from "./aws.ts";

/** A fault in the config: where it is and what is wrong, with the way out. */
export interface Fault {
  path: (string | number)[];
  message: string;
}

/** Environment variables that the chart gives every container. */
const RESERVED_VARIABLES = ["PORT", "RELEASE", "POD_NAME", "NODE_NAME"];

/** Rules that span fields. They see a config whose fields are each well-formed. */
export function crossFieldFaults(environment: EnvironmentConfig, stack: string): Fault[] {
  const services = Object.entries(environment.services).filter(([, spec]) => spec.enabled !== false);
  return [
    ...targetFaults(environment, stack),
    ...namespaceFaults(environment.namespace),
    ...services.flatMap(([name, spec]) => serviceFaults(name, spec)),
    ...hostFaults(services),
    ...networkFaults(services, Object.keys(environment.services)),
  ];
}

/** The namespace is made, held to restricted pods, and with `destroy` taken away: it must be the services' own. */
function namespaceFaults(namespace: string): Fault[] {
  if (namespace !== "default" && namespace !== "ingress" && !namespace.startsWith("kube-")) return [];
  return [{ path: ["namespace"], message: "belongs to the cluster. Take one of the services' own" }];
}

function serviceFaults(name: string, spec: ServiceSpec): Fault[] {
  const faults: Fault[] = [];
  const fault = (path: string[], message: string) => faults.push({ path: ["services", name, ...path], message });

  const min = spec.replicas?.min ?? CHART_DEFAULTS.replicas;
  const max = spec.replicas?.max ?? min;
  if (max < min) fault(["replicas", "max"], `below replicas.min, which is ${min}. Raise max or lower min`);

  const preset = spec.probes?.preset;
  if (spec.port === undefined) {
    if (spec.hosts?.length)
      fault(["hosts"], "a service without port cannot be reached. Give its port, or leave hosts out");
    if (preset && preset !== "exec" && preset !== "none") {
      fault(["probes", "preset"], "needs a port. Give the service's port, or take exec or none");
    }
  } else if (preset === "none") {
    fault(
      ["probes", "preset"],
      "a service with a port needs a readiness probe, or traffic meets pods that are not ready. Take http, spring-actuator, tcp, grpc or exec",
    );
  }
  if (preset === "exec" && !spec.probes?.command) fault(["probes", "command"], "required by the preset exec");
  if (preset !== "exec" && spec.probes?.command)
    fault(["probes", "command"], "only for the preset exec. Set probes.preset: exec");

  if (spec.volume && spec.kind !== "stateful")
    fault(["volume"], "only for kind: stateful. Set kind, or leave volume out");
  const { maxSurge, maxUnavailable = 0 } = spec.rollout ?? {};
  if (spec.kind !== "stateful" && isNone(maxSurge) && isNone(maxUnavailable)) {
    fault(["rollout", "maxSurge"], "0 with maxUnavailable 0 can never roll. Raise one of them");
  }
  const ready =
    (spec.probes?.startupSeconds ?? CHART_DEFAULTS.startupSeconds) +
    (spec.rollout?.minReadySeconds ?? CHART_DEFAULTS.minReadySeconds);
  if ((spec.rollout?.progressDeadlineSeconds ?? CHART_DEFAULTS.progressDeadlineSeconds) <= ready) {
    fault(
      ["rollout", "progressDeadlineSeconds"],
      `a pod may take ${ready} s (probes.startupSeconds + rollout.minReadySeconds) until it counts. Raise it above that`,
    );
  }
  for (const name of [...Object.keys(spec.config ?? {}), ...(spec.secrets ?? [])]) {
    if (RESERVED_VARIABLES.includes(name)) fault(["config", name], "set by the chart itself. Take another name");
  }
  for (const name of spec.secrets ?? []) {
    if (spec.config && name in spec.config) fault(["secrets"], `${name} is also in config. Keep it in one of them`);
  }
  return faults;
}

function isNone(amount: number | string | undefined): boolean {
  return amount === 0 || amount === "0%";
}

function hostFaults(services: [string, ServiceSpec][]): Fault[] {
  const owners = new Map<string, string>();
  return services.flatMap(([name, spec]) =>
    (spec.hosts ?? []).flatMap((host, index) => {
      const key = `${host}${spec.path ?? "/"}`;
      const owner = owners.get(key);
      owners.set(key, owner ?? name);
      if (owner === undefined) return [];
      return [
        {
          path: ["services", name, "hosts", index],
          message: `${owner === name ? "given twice" : `belongs to the service ${owner} already`}. Take another host or another path`,
        },
      ];
    }),
  );
}

/** Peers may be services that this environment leaves out: shared config names them all. */
function networkFaults(services: [string, ServiceSpec][], known: string[]): Fault[] {
  return services.flatMap(([name, spec]) =>
    (spec.network?.allowFrom ?? []).flatMap((peer, index) =>
      known.includes(peer)
        ? []
        : [
            {
              path: ["services", name, "network", "allowFrom", index],
              message: `not a service of this environment. It has ${known.join(", ")}`,
            },
          ],
    ),
  );
}
