import { CHART_DEFAULTS } from "../defaults.ts";
import type { Fault, Path } from "../fault.ts";
import { resolveService } from "../resolve.ts";
import type { ParsedService } from "../schema/service.ts";

/** Environment variables that the chart sets in every container. */
const RESERVED_VARIABLES = ["PORT", "RELEASE", "POD_NAME", "NODE_NAME"];

/** Faults of one service. */
export function serviceFaults(name: string, service: ParsedService): Fault[] {
  const faults: Fault[] = [];
  const add: AddFault = (path, message) => faults.push({ path: ["services", name, ...path], message });
  checkReplicas(name, service, add);
  checkProbes(service, add);
  checkRollout(name, service, add);
  checkVariables(service, add);
  if (service.volume && service.kind !== "stateful") {
    add(["volume"], "only for kind: stateful. Set kind, or remove volume");
  }
  return faults;
}

type AddFault = (path: Path, message: string) => void;

function checkReplicas(name: string, service: ParsedService, add: AddFault): void {
  const { min, max } = resolveService(name, service, "").replicas;
  if (max < min) add(["replicas", "max"], `below replicas.min, which is ${min}. Raise max or lower min`);
}

function checkProbes({ port, hosts, probes }: ParsedService, add: AddFault): void {
  const preset = probes?.preset;
  if (port === undefined) {
    if (hosts?.length) add(["hosts"], "a service without port cannot be reached. Set its port, or remove hosts");
    if (preset && preset !== "exec" && preset !== "none") {
      add(["probes", "preset"], "needs a port. Set the service's port, or use exec or none");
    }
  } else if (preset === "none") {
    add(
      ["probes", "preset"],
      "a service with a port needs a readiness probe, or it gets requests before it is ready. Use http, spring-actuator, tcp, grpc or exec",
    );
  }
  if (preset === "exec" && !probes?.command) add(["probes", "command"], "required by the preset exec. Add it");
  if (preset !== "exec" && probes?.command)
    add(["probes", "command"], "only for the preset exec. Set probes.preset: exec");
}

function checkRollout(name: string, service: ParsedService, add: AddFault): void {
  const { maxSurge, maxUnavailable } = { ...CHART_DEFAULTS.rollout, ...service.rollout };
  if (service.kind !== "stateful" && isNone(maxSurge) && isNone(maxUnavailable)) {
    add(["rollout", "maxSurge"], "with maxUnavailable 0 as well, no pod could ever be replaced. Raise one of them");
  }
  const { probes, rollout } = resolveService(name, service, "");
  const ready = probes.startupSeconds + rollout.minReadySeconds;
  if (rollout.progressDeadlineSeconds <= ready) {
    add(
      ["rollout", "progressDeadlineSeconds"],
      `a pod may take ${ready} s (probes.startupSeconds + rollout.minReadySeconds) until it counts. Set it above that`,
    );
  }
}

function isNone(amount: number | string): boolean {
  return amount === 0 || amount === "0%";
}

function checkVariables({ config, secrets }: ParsedService, add: AddFault): void {
  const reserved = "set by the chart itself. Use another name";
  for (const name of Object.keys(config)) if (RESERVED_VARIABLES.includes(name)) add(["config", name], reserved);
  for (const [index, name] of secrets.entries()) {
    if (RESERVED_VARIABLES.includes(name)) add(["secrets", index], reserved);
    if (name in config) add(["secrets"], `${name} is also in config. Keep it in one of them`);
  }
}
