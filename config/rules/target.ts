import { TRAEFIK_DEFAULTS } from "../defaults.ts";
import type { Fault } from "../fault.ts";
import { SERVICES_FILE } from "../naming.ts";
import type { Checked } from "./checked.ts";

/** Keys of `alerts` that are about the load balancer. */
const LOAD_BALANCER_ALARMS = ["targetErrors", "loadBalancerErrors", "unhealthyNodes", "noHealthyNode"] as const;
/** Alarms on metrics that only Container Insights sends. */
const INSIGHTS_ALARMS = ["nodesNotReady", "podRestarts"] as const;
/** Settings that only the target eks has a use for. */
const EKS_ONLY = ["aws", "loadBalancer", "alerts", "artifacts"] as const;
const EKS_ONLY_OF_DELIVERY = ["github", "state"] as const;

/** What each target needs, and what it has no use for. */
export function targetFaults(checked: Checked): Fault[] {
  return checked.environment.cluster.target === "existing" ? existingFaults(checked) : eksFaults(checked);
}

function existingFaults({ written, environment }: Checked): Fault[] {
  const unused = [
    ...EKS_ONLY.filter((key) => written[key] !== undefined).map((key) => [key]),
    ...EKS_ONLY_OF_DELIVERY.filter((key) => written.delivery?.[key] !== undefined).map((key) => ["delivery", key]),
  ].map((path) => ({ path, message: "only for cluster.target: eks. Remove it, or change the target" }));
  if (environment.images.repository !== undefined) return unused;
  const message = "required by the target existing: <registry>/<repository> without tag. Add it";
  return [...unused, { path: ["images", "repository"], message }];
}

function eksFaults({ written, environment, stack }: Checked): Fault[] {
  const { aws, registry, images, addons } = environment;
  const { traefik } = addons;
  const faults: Fault[] = [];
  if (aws === undefined) {
    faults.push({ path: ["aws"], message: "required by the target eks: a map with accountId and region. Add it" });
  }
  if (registry === undefined) {
    faults.push({
      path: ["registry"],
      message: `required by the target eks: a map with repository and owner. Add it to ${SERVICES_FILE}`,
    });
  }
  if (images.repository !== undefined) {
    faults.push({
      path: ["images", "repository"],
      message: "the target eks uses registry.repository for its images. Remove it",
    });
  }
  if (registry?.owner === stack && registry.accountId !== undefined && registry.accountId !== aws?.accountId) {
    faults.push({
      path: ["registry", "accountId"],
      message: `this stack owns the registry and its account is ${aws?.accountId}. Remove it, or name another owner`,
    });
  }
  if (written.loadBalancer !== undefined && !traefik.enabled) {
    faults.push({
      path: ["loadBalancer"],
      message: "it forwards to Traefik, which addons.traefik.enabled turns off. Remove one of them",
    });
  }
  if (!traefik.enabled) {
    for (const alarm of LOAD_BALANCER_ALARMS) {
      if (written.alerts?.[alarm] === undefined) continue;
      faults.push({
        path: ["alerts", alarm],
        message: "an alarm on the load balancer, which addons.traefik.enabled turns off. Remove one of them",
      });
    }
  }
  if (environment.cluster.target === "eks" && environment.cluster.containerInsights === undefined) {
    for (const alarm of INSIGHTS_ALARMS) {
      if (written.alerts?.[alarm] === undefined) continue;
      faults.push({
        path: ["alerts", alarm],
        message: "its metric comes from Container Insights. Add cluster.containerInsights: {}, or remove it",
      });
    }
  }
  if (traefik.service !== undefined) {
    faults.push({
      path: ["addons", "traefik", "service"],
      message: "the target eks creates the load balancer itself: see loadBalancer. Remove it",
    });
  }
  const { replicas = TRAEFIK_DEFAULTS.replicas } = traefik;
  if (replicas < 2 && traefik.enabled) {
    faults.push({
      path: ["addons", "traefik", "replicas"],
      message: "every request passes through Traefik: with one replica, a lost node is an outage. Use 2 or more",
    });
  }
  return faults;
}
