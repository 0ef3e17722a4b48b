import { type Addon, SYSTEM_NAMESPACE } from "./addon.ts";

/** CPU and memory of pods, without which no HPA scales. */
export const metricsServer: Addon = {
  name: "metrics-server",
  namespace: SYSTEM_NAMESPACE,
  timeoutSeconds: 180,
  enabled: ({ addons }) => addons.metricsServer.enabled,
  values: ({ addons }) => addons.metricsServer.values,
};
