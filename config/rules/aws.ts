import { clusterName } from "../schema/aws.ts";
import type { EnvironmentConfig } from "../schema/environment.ts";
import type { Fault } from "./index.ts";

/** Settings that mean something on EKS only. */
const EKS_ONLY = ["aws", "loadBalancer", "alerts", "artifacts", "delivery"] as const;
/** Percentage points between scaling out and in, so that a node that was added does not at once become one too many. */
const LEAST_HYSTERESIS = 10;

/** Rules of the target: what each needs, and what it has no use for. */
export function targetFaults(environment: EnvironmentConfig, stack: string): Fault[] {
  return environment.cluster.target === "existing"
    ? existingFaults(environment)
    : [
        ...eksFaults(environment, stack),
        ...clusterNameFaults(environment, stack),
        ...networkFaults(environment),
        ...nodeGroupFaults(environment),
      ];
}

function existingFaults(environment: EnvironmentConfig): Fault[] {
  const unused = EKS_ONLY.filter((key) => environment[key] !== undefined).map((key) => ({
    path: [key],
    message: "only for cluster.target: eks. Leave it out, or change the target",
  }));
  if (environment.images?.repository !== undefined) return unused;
  const message = "required by the target existing: <registry>/<repository> without tag. Add it";
  return [...unused, { path: ["images", "repository"], message }];
}

function eksFaults({ aws, registry, images, addons, loadBalancer }: EnvironmentConfig, stack: string): Fault[] {
  const faults: Fault[] = [];
  if (aws === undefined) {
    faults.push({ path: ["aws"], message: "required by the target eks: a map with accountId and region. Add it" });
  }
  if (registry === undefined) {
    faults.push({
      path: ["registry"],
      message: "required by the target eks: a map with repository and owner. Add it to stacks/services.yaml",
    });
  }
  if (images?.repository !== undefined) {
    faults.push({
      path: ["images", "repository"],
      message: "the target eks takes its images from registry.repository. Leave it out",
    });
  }
  if (registry?.owner === stack && registry.accountId !== undefined && registry.accountId !== aws?.accountId) {
    faults.push({
      path: ["registry", "accountId"],
      message: `this stack owns the registry, and its account is ${aws?.accountId}. Leave it out, or name another owner`,
    });
  }
  if (loadBalancer !== undefined && addons?.traefik?.enabled === false) {
    faults.push({
      path: ["loadBalancer"],
      message: "it leads to Traefik, which addons.traefik.enabled turns off. Leave one of them out",
    });
  }
  if (addons?.traefik?.service !== undefined) {
    faults.push({
      path: ["addons", "traefik", "service"],
      message: "the target eks declares the load balancer itself: see loadBalancer. Leave it out",
    });
  }
  if ((addons?.traefik?.replicas ?? 2) < 2 && addons?.traefik?.enabled !== false) {
    faults.push({
      path: ["addons", "traefik", "replicas"],
      message: "every request passes through it: with one, a lost node is an outage. Take 2 or more",
    });
  }
  return faults;
}

/** The default is put together, so no schema has seen it. */
function clusterNameFaults({ cluster, namespace }: EnvironmentConfig, stack: string): Fault[] {
  if (cluster.target !== "eks" || cluster.name !== undefined) return [];
  const name = `${namespace}-${stack}`;
  const takes = clusterName.safeParse(name).error?.issues[0]?.message;
  if (takes === undefined) return [];
  return [{ path: ["cluster", "name"], message: `the default would be ${name}; takes ${takes}. Give another` }];
}

function networkFaults({ cluster }: EnvironmentConfig): Fault[] {
  if (cluster.target !== "eks" || cluster.network === undefined) return [];
  const { vpcId, privateSubnetIds, publicSubnetIds, ...made } = cluster.network;
  const path = ["cluster", "network"];
  const ids = { vpcId, privateSubnetIds, publicSubnetIds };
  if (Object.values(ids).every((id) => id === undefined)) return [];
  const missing = Object.entries(ids).flatMap(([key, id]) =>
    id === undefined ? [{ path: [...path, key], message: "required for a VPC that is there already. Add it" }] : [],
  );
  const extra = Object.keys(made).map((key) => ({
    path: [...path, key],
    message: "only for a VPC of the stack's own. Leave it out, or leave the ids out",
  }));
  return [...missing, ...extra];
}

function nodeGroupFaults({ cluster }: EnvironmentConfig): Fault[] {
  if (cluster.target !== "eks") return [];
  const { min, max, cpu, autoscaler } = cluster.nodeGroup;
  const path = ["cluster", "nodeGroup"];
  const faults: Fault[] = [];
  if (max < min) faults.push({ path: [...path, "max"], message: `below min, which is ${min}. Raise max or lower min` });
  const { scaleOut = 50, scaleIn = 30 } = cpu ?? {};
  if (scaleIn > scaleOut - LEAST_HYSTERESIS) {
    faults.push({
      path: [...path, "cpu", "scaleIn"],
      message:
        `must be ${LEAST_HYSTERESIS} points or more below scaleOut, which is ${scaleOut}, or a node that is added is ` +
        `taken away again. Take ${Math.max(scaleOut - LEAST_HYSTERESIS, 1)} or less`,
    });
  }
  if (autoscaler === "none" && max !== min) {
    faults.push({
      path: [...path, "max"],
      message: `nothing would ever add a node with autoscaler: none. Take ${min}, or an autoscaler`,
    });
  }
  return faults;
}
