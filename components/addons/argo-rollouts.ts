import { rolloutsNamespace } from "../../config/naming.ts";
import type { Addon } from "./addon.ts";

/** Replaces the pods of services by blue/green and canary rollouts. It works in the services' namespace only. */
export const argoRollouts: Addon = {
  name: "argo-rollouts",
  namespace: ({ namespace }) => rolloutsNamespace(namespace),
  group: "argoproj.io",
  sharesKinds: true,
  needsServicesNamespace: () => true,
  timeoutSeconds: 180,
  enabled: ({ addons }) => addons.argoRollouts.enabled,
  values: ({ addons, namespace }) => ({ ...addons.argoRollouts.values, servicesNamespace: namespace }),
};
