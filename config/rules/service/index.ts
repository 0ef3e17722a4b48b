import type { Fault } from "../../fault.ts";
import type { ParsedService } from "../../schema/service/index.ts";
import type { AddFault } from "./add-fault.ts";
import { checkEgress } from "./egress.ts";
import { checkMetrics } from "./metrics.ts";
import { checkPorts } from "./ports.ts";
import { checkProbeTarget } from "./probe-target.ts";
import { checkProbes } from "./probes.ts";
import { checkReplicas } from "./replicas.ts";
import { checkRollout } from "./rollout.ts";
import { checkVariables } from "./variables.ts";
import { checkVolume } from "./volume.ts";

/** Faults of one service. */
export function serviceFaults(name: string, service: ParsedService): Fault[] {
  const faults: Fault[] = [];
  const add: AddFault = (path, message) => faults.push({ path: ["services", name, ...path], message });
  checkReplicas(name, service, add);
  checkPorts(service, add);
  checkMetrics(service, add);
  checkProbes(service, add);
  checkProbeTarget(service, add);
  checkEgress(service, add);
  checkRollout(name, service, add);
  checkVariables(service, add);
  checkVolume(service, add);
  return faults;
}
