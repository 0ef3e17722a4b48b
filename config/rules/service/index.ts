import type { Fault } from "../../fault.ts";
import type { ParsedService } from "../../schema/service/index.ts";
import type { AddFault } from "./add-fault.ts";
import { checkAnnotations } from "./annotations.ts";
import { checkDisk } from "./disk.ts";
import { checkMounts } from "./mounts.ts";
import { checkProbes } from "./probes.ts";
import { checkReplicas } from "./replicas.ts";
import { checkResources } from "./resources.ts";
import { checkRollout } from "./rollout.ts";
import { checkTolerations } from "./tolerations.ts";
import { checkVariables } from "./variables.ts";
import { checkVolume } from "./volume.ts";

/** Faults of one service. */
export function serviceFaults(name: string, service: ParsedService): Fault[] {
  const faults: Fault[] = [];
  const add: AddFault = (path, message) => faults.push({ path: ["services", name, ...path], message });
  checkReplicas(name, service, add);
  checkProbes(service, add);
  checkRollout(name, service, add);
  checkVariables(service, add);
  checkVolume(service, add);
  checkResources(service, add);
  checkDisk(service, add);
  checkMounts(service, add);
  checkTolerations(service, add);
  checkAnnotations(service, add);
  return faults;
}
