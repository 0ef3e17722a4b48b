/** What charts/service does where the config is silent and a rule needs to know. A test keeps it equal to the chart's values.yaml. */
export const CHART_DEFAULTS = {
  /** Pods; the most is the least unless the config says more. */
  replicas: 2,
  startupSeconds: 60,
  minReadySeconds: 10,
  progressDeadlineSeconds: 300,
  preStopSeconds: 15,
  drainSeconds: 15,
} as const;
