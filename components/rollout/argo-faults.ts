import { type Fault, type Service, usesArgoRollouts } from "../../config/index.ts";

/** Services that need Argo Rollouts, in a cluster that does not have it and where the stack does not install it. */
export function argoFaults(
  services: readonly (Pick<Service, "name"> & { rollout: Pick<Service["rollout"], "strategy"> })[],
): Fault[] {
  return services
    .filter(({ rollout }) => usesArgoRollouts(rollout.strategy))
    .map(({ name, rollout }) => ({
      path: ["services", name, "rollout", "strategy"],
      message:
        `${rollout.strategy} needs Argo Rollouts, and the cluster does not have it (no Rollout of argoproj.io/v1alpha1). Remove ` +
        "addons.argoRollouts.enabled: false, or install it",
      hideValue: true,
    }));
}
