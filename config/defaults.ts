/**
 * Defaults of charts/service that the program and the rules need. The program does not pass them to the chart. A test
 * keeps them equal to the chart's values.yaml.
 */
export const CHART_DEFAULTS = {
  kind: "deployment",
  path: "/",
  /** Pods at least. The maximum is the same unless the config gives one. */
  replicas: 2,
  probes: { startupSeconds: 60 },
  rollout: { strategy: "rolling", maxSurge: 1, maxUnavailable: 0, minReadySeconds: 10, progressDeadlineSeconds: 300 },
  shutdown: { preStopSeconds: 15, drainSeconds: 15 },
  resources: { limits: { "ephemeral-storage": "1Gi" } },
  tmp: { sizeLimit: "256Mi" },
} as const;

/** Defaults of a rollout that are not the chart's. */
export const ROLLOUT_DEFAULTS = {
  /** Two restarts and their back-off take about 30 s: enough for a database that is late, and a crash loop is still ended early. */
  maxRestarts: 2,
} as const;

/** Defaults of charts/traefik that the program needs. */
export const TRAEFIK_DEFAULTS = {
  replicas: 2,
  shutdown: { acceptSeconds: 15, drainSeconds: 15 },
} as const;
