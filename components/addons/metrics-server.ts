import { type Addon, inSystemNamespace } from "./addon.ts";

/** CPU and memory of pods, without which no HPA scales. */
export const metricsServer: Addon = {
  name: "metrics-server",
  namespace: inSystemNamespace,
  timeoutSeconds: 180,
  enabled: ({ addons }) => addons.metricsServer.enabled,
  values: ({ addons }) => addons.metricsServer.values,
};
