import type { Fault } from "../../fault.ts";
import { runsToEnd } from "../../kinds.ts";
import type { ParsedService } from "../../schema/service/index.ts";
import type { AddFault } from "./add-fault.ts";
import { checkAnnotations } from "./annotations.ts";
import { checkCanary } from "./canary.ts";
import { checkContainers } from "./containers.ts";
import { checkDisk } from "./disk.ts";
import { checkEgress } from "./egress.ts";
import { checkImage } from "./image.ts";
import { checkKind } from "./kind.ts";
import { checkMetrics } from "./metrics.ts";
import { checkMigration } from "./migration.ts";
import { checkMounts } from "./mounts.ts";
import { checkPatch } from "./patch.ts";
import { checkPorts } from "./ports.ts";
import { checkProbeTarget } from "./probe-target.ts";
import { checkProbes } from "./probes.ts";
import { checkReplicas } from "./replicas.ts";
import { checkResources } from "./resources.ts";
import { checkRollout } from "./rollout.ts";
import { checkSecretRefs } from "./secret-refs.ts";
import { checkStrategy } from "./strategy.ts";
import { checkTolerations } from "./tolerations.ts";
import { checkVariables } from "./variables.ts";
import { checkVolume } from "./volume.ts";

/** Faults of one service. */
export function serviceFaults(name: string, service: ParsedService): Fault[] {
  const faults: Fault[] = [];
  const add: AddFault = (path, message) => faults.push({ path: ["services", name, ...path], message });
  checkKind(name, service, add);
  if (!runsToEnd(service.kind)) checkLasting(name, service, add);
  checkEgress(service, add);
  checkMigration(name, service, add);
  checkVariables(service, add);
  checkImage(service, add);
  checkSecretRefs(service, add);
  checkContainers(name, service, add);
  checkMounts(service, add);
  checkDisk(service, add);
  checkPatch(name, service, add);
  checkResources(service, add);
  checkTolerations(service, add);
  checkAnnotations(service, add);
  return faults;
}

/** What runs all the time: who calls it, how many there are, and how they are replaced. */
function checkLasting(name: string, service: ParsedService, add: AddFault): void {
  checkReplicas(name, service, add);
  checkPorts(service, add);
  checkMetrics(service, add);
  checkProbes(service, add);
  checkProbeTarget(service, add);
  checkRollout(name, service, add);
  checkStrategy(service, add);
  checkCanary(service, add);
  checkVolume(service, add);
}
