import type {
  V1CronJob,
  V1Deployment,
  V1ObjectMeta,
  V1PersistentVolumeClaim,
  V1StatefulSet,
} from "@kubernetes/client-node";
import type { Fault } from "../../config/index.ts";
import { runsToEnd } from "../../config/kinds.ts";
import { volumeFaults } from "./volume-faults.ts";
import { type StatefulService, type VolumeGrowth, volumeGrowth } from "./volume-growth.ts";

/** Helm's mark of the release that an object belongs to. */
const RELEASE = "meta.helm.sh/release-name";

export interface LiveWorkloads {
  deployments: readonly V1Deployment[];
  statefulSets: readonly V1StatefulSet[];
  /** @default - none */
  cronJobs?: readonly V1CronJob[];
  /** Volume claims. Not read, and empty, if no service has a volume. */
  claims: readonly V1PersistentVolumeClaim[];
}

/**
 * Changes that Kubernetes refuses in the middle of a deploy, or that stop all pods before the first new one starts: another kind, and
 * another volume of a stateful service, whose claim templates are immutable. A larger size is no fault. Compared with what runs, not with the config of the last
 * deploy: the runbooks replace the workload by hand, and then the same config is right.
 */
export function immutableFaults(
  services: readonly StatefulService[],
  { deployments, statefulSets, cronJobs = [], claims }: LiveWorkloads,
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
    return volumeFaults(service, set, claims);
  });
}

/** Volumes that the config wants larger than they are. */
export function growths(
  services: readonly StatefulService[],
  { statefulSets, claims }: Pick<LiveWorkloads, "statefulSets" | "claims">,
): VolumeGrowth[] {
  return services
    .filter(({ kind }) => kind === "stateful")
    .flatMap((service) => volumeGrowth(service, ofRelease(statefulSets, service.name), claims) ?? []);
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
