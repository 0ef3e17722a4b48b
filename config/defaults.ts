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
  rollout: {
    strategy: "rolling",
    maxSurge: 1,
    maxUnavailable: 0,
    minReadySeconds: 10,
    progressDeadlineSeconds: 300,
    promotion: "automatic",
    previewSeconds: 0,
    keepSeconds: 600,
    canaryPods: 0,
    steps: [{ weight: 10 }, { pause: 60 }, { weight: 50 }, { pause: 60 }],
    analysis: {
      intervalSeconds: 30,
      minimumRequests: 20,
      failureLimit: 0,
      onTooFew: "promote",
      inconclusiveLimit: 2,
      onError: "abort",
      timeoutSeconds: 120,
    },
  },
  shutdown: { preStopSeconds: 15, drainSeconds: 15 },
  resources: { requests: { "ephemeral-storage": "64Mi" }, limits: { "ephemeral-storage": "1Gi" } },
  tmp: { sizeLimit: "256Mi" },
  network: { egress: { internet: true } },
} as const;

/** Seconds that a sidecar with a port may take to start: see charts/service/templates/_beside.tpl. */
export const SIDECAR_STARTUP_SECONDS = 60;

/** Seconds that a run may take: see charts/service/templates/_job.tpl. A deploy waits for a job, so that one has less. */
export const JOB_DEADLINE_SECONDS = { cron: 3600, job: 600 } as const;

/** Defaults of a rollout that are not the chart's. */
export const ROLLOUT_DEFAULTS = {
  /** Two restarts and their back-off take about 30 s: enough for a database that is late, and a crash loop is still ended early. */
  maxRestarts: 2,
  /** Seconds. Long enough for a few checks and some traffic. */
  canarySeconds: 60,
} as const;

/** Defaults of charts/traefik that the program needs. */
export const TRAEFIK_DEFAULTS = {
  replicas: 2,
  shutdown: { acceptSeconds: 15, drainSeconds: 15 },
  timeouts: { idle: "180s" },
} as const;

/** Defaults of charts/descheduler that messages name. */
export const DESCHEDULER_DEFAULTS = { intervalMinutes: 5 } as const;

/** What the load balancer of the target eks is set to. */
export const LOAD_BALANCER = {
  /** Seconds that a connection may be silent. Shorter than Traefik's: otherwise a request may be sent on one that Traefik is closing. */
  idleSeconds: 60,
} as const;
