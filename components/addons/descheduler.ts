import { type Addon, inSystemNamespace } from "./addon.ts";

/** Spreads the services' pods again after nodes came or went. */
export const descheduler: Addon = {
  name: "descheduler",
  namespace: inSystemNamespace,
  timeoutSeconds: 180,
  enabled: ({ addons }) => addons.descheduler.enabled,
  values: ({ addons, namespace }) => ({ ...addons.descheduler.values, namespaces: [namespace] }),
};
