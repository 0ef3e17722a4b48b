import type { V1CronJob, V1Deployment, V1ObjectMeta, V1StatefulSet } from "@kubernetes/client-node";
import type { Fault, Service } from "../../config/index.ts";
import { runsToEnd } from "../../config/kinds.ts";
import { compareQuantities } from "../../config/quantity.ts";

/** Helm's mark of the release that an object belongs to. */
const RELEASE = "meta.helm.sh/release-name";

type CheckedService = Pick<Service, "name" | "kind"> & { chartFields: Pick<Service["chartFields"], "volume"> };
export interface LiveWorkloads {
  deployments: readonly V1Deployment[];
  statefulSets: readonly V1StatefulSet[];
  /** @default - none */
  cronJobs?: readonly V1CronJob[];
}

/**
 * Changes that Kubernetes refuses in the middle of a deploy, or that stop all pods before the first new one starts: another kind, and
 * another volume of a stateful service, whose claim templates are immutable. Compared with what runs, not with the config of the last
 * deploy: the runbooks replace the workload by hand, and then the same config is right.
 */
export function immutableFaults(
  services: readonly CheckedService[],
  { deployments, statefulSets, cronJobs = [] }: LiveWorkloads,
): Fault[] {
  return services.flatMap((service) => {
    const path = ["services", service.name];
    const set = ofRelease(statefulSets, service.name);
    const isDeployment = ofRelease(deployments, service.name) !== undefined;
    if (runsToEnd(service.kind)) {
      if (isDeployment) return [kindFault(path, "Deployment")];
      return set === undefined ? [] : [kindFault(path, "StatefulSet")];
    }
    const running = ofRelease(cronJobs, service.name)?.status?.active?.[0]?.name;
    if (running !== undefined) return [runningFault(path, running)];
    if (service.kind === "deployment") return set === undefined ? [] : [kindFault(path, "StatefulSet")];
    if (isDeployment) return [kindFault(path, "Deployment")];
    return set === undefined ? [] : volumeFaults(path, service.chartFields.volume, set);
  });
}

/** The object of a Helm release that has its name. */
export function ofRelease<T extends { metadata?: V1ObjectMeta }>(objects: readonly T[], name: string): T | undefined {
  return objects.find(({ metadata }) => metadata?.name === name && metadata.annotations?.[RELEASE] === name);
}

function kindFault(path: string[], runs: "Deployment" | "StatefulSet"): Fault {
  const was = runs === "Deployment" ? "deployment" : "stateful";
  return {
    path: [...path, "kind"],
    message:
      `it runs as a ${runs}, and Helm deletes that before the pods of the other kind are ready. Set kind: ${was}, or follow ` +
      "docs/runbooks/change-kind.md",
  };
}

/** A CronJob serves nobody, so nothing is lost with it but a run that is under way. */
function runningFault(path: string[], job: string): Fault {
  return {
    path: [...path, "kind"],
    message: `its Job ${job} is running, and would be stopped with its CronJob. Wait for its end, or delete it: kubectl delete job ${job}`,
  };
}

function volumeFaults(path: string[], wanted: Service["chartFields"]["volume"], set: V1StatefulSet): Fault[] {
  const spec = set.spec?.volumeClaimTemplates?.[0]?.spec;
  const runs = spec && { size: String(spec.resources?.requests?.storage), storageClass: spec.storageClassName };
  const fault = (field: string[], is: string): Fault => ({
    path: [...path, "volume", ...field],
    message: `its pods run ${is}, and Kubernetes does not change that. Set it back, or follow docs/runbooks/grow-a-volume.md`,
  });
  if (wanted === undefined) return runs === undefined ? [] : [fault([], `with a volume of ${runs.size}`)];
  if (runs === undefined) return [fault([], "without a volume")];
  const faults: Fault[] = [];
  if (compareQuantities(wanted.size, runs.size) !== 0) faults.push(fault(["size"], `with ${runs.size}`));
  if (wanted.storageClass !== runs.storageClass)
    faults.push(
      fault(["storageClass"], runs.storageClass ? `with ${runs.storageClass}` : "with the cluster's default class"),
    );
  return faults;
}
