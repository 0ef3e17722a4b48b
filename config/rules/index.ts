import type { Fault } from "../fault.ts";
import { adminFaults } from "./admins.ts";
import { canaryFaults } from "./canary.ts";
import type { Checked } from "./checked.ts";
import { gitopsFaults } from "./gitops.ts";
import { hostFaults } from "./hosts.ts";
import { ingressFaults } from "./ingress.ts";
import { ingressOptionFaults } from "./ingress-options.ts";
import { repeatedFaults } from "./lists.ts";
import { loadBalancerFaults } from "./load-balancer.ts";
import { nameFaults } from "./names.ts";
import { networkFaults } from "./network.ts";
import { nodeGroupFaults } from "./node-group.ts";
import { peerFaults } from "./peers.ts";
import { podRoleFaults } from "./pod-roles.ts";
import { rebalanceFaults } from "./rebalance.ts";
import { renameFaults } from "./renames.ts";
import { serviceFaults } from "./service/index.ts";
import { servicePermissionFaults } from "./service-permissions.ts";
import { targetFaults } from "./target.ts";
import { traefikFaults } from "./traefik.ts";

/** Faults that span fields. None of the rules asks AWS or a cluster. */
export function ruleFaults(checked: Checked): Fault[] {
  const { cluster, loadBalancer, addons, services } = checked.environment;
  const enabled = Object.entries(services).filter(([, service]) => service.enabled);
  return [
    ...targetFaults(checked),
    ...nameFaults(checked),
    ...ingressOptionFaults(checked),
    ...ingressFaults(checked),
    ...traefikFaults(checked),
    ...canaryFaults(checked),
    ...rebalanceFaults(checked),
    ...gitopsFaults(checked),
    ...(cluster.target === "eks"
      ? [
          ...adminFaults(cluster.admins),
          ...repeatedFaults(["cluster", "logTypes"], cluster.logTypes),
          ...networkFaults(cluster, checked.environment.aws),
          ...nodeGroupFaults(cluster),
          ...loadBalancerFaults(loadBalancer, addons.traefik),
        ]
      : []),
    ...enabled.flatMap(([name, service]) => serviceFaults(name, service)),
    ...podRoleFaults(checked.environment),
    ...servicePermissionFaults(checked.environment, checked.stack),
    ...hostFaults(enabled),
    ...renameFaults(checked),
    ...peerFaults(enabled, services),
  ];
}
