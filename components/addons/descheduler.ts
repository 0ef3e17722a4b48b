import { type Addon, inSystemNamespace } from "./addon.ts";

/** Spreads the services' pods again after nodes came or went. */
export const descheduler: Addon = {
  name: "descheduler",
  namespace: inSystemNamespace,
  timeoutSeconds: 180,
  enabled: ({ addons }) => addons.descheduler.enabled,
  // Its role there lets the Job after a deploy evict.
  needsServicesNamespace: ({ rebalance }) => rebalance === "afterDeploy",
  values: ({ addons, namespace, rebalance }) => ({
    ...addons.descheduler.values,
    namespaces: [namespace],
    ...(rebalance === "afterDeploy" && { afterDeploy: true }),
  }),
};
