import { type Addon, SYSTEM_NAMESPACE } from "./addon.ts";

/** Spreads the services' pods again after nodes came or went. */
export const descheduler: Addon = {
  name: "descheduler",
  namespace: SYSTEM_NAMESPACE,
  timeoutSeconds: 180,
  // It moves pods, so on a cluster that belongs to others its owners decide.
  enabled: ({ addons, cluster }) => addons?.descheduler?.enabled ?? cluster.target === "eks",
  values: ({ addons, namespace }) => {
    const { enabled: _, ...values } = addons?.descheduler ?? {};
    return { ...values, namespaces: [namespace] };
  },
};
