import { z } from "zod";
import { duration, namespaceName } from "./formats.ts";
import { annotations } from "./kubernetes-metadata.ts";

const image = z.strictObject({ repository: z.string(), tag: z.string() }).partial();

/** Besides `enabled`, each add-on has the values that its chart takes. Their defaults are in the chart's values.yaml. */
const enabled = z.boolean().default(true).describe("Whether the stack installs it.");

export const traefikSchema = z.strictObject({
  enabled,
  replicas: z.int().min(1).max(20).optional().describe("Pods of the ingress controller, at least 2 on the target eks."),
  image: image.optional(),
  kubernetesCRD: z
    .boolean()
    .optional()
    .describe(
      "Whether it serves IngressRoutes too, and installs their kinds if the cluster does not have them. Canaries of services with hosts " +
        "need it, also those of other stacks. Once true it stays. If left out: true if a service has such a canary.",
    ),
  metricsFrom: z
    .array(namespaceName)
    .optional()
    .describe(
      "Namespaces whose pods may read its metrics, such as those of the Prometheus of other stacks. If left out: that of addons.prometheus, " +
        "and without one there are no metrics.",
    ),
  accessLog: z.boolean().optional().describe("true: log one line for each request to standard output."),
  service: z
    .strictObject({
      type: z.enum(["LoadBalancer", "NodePort"]),
      nodePort: z.int().min(1).max(65535),
      annotations,
    })
    .partial()
    .optional()
    .describe(
      "Service of the ingress controller, on the target existing only. If type is left out: NodePort, which works on every cluster. " +
        "LoadBalancer: for a cluster that gives Services an address; otherwise the deploy waits for one and is rolled back.",
    ),
  timeouts: z
    .strictObject({
      read: duration.describe("How long a client may take to send a request, its body included. If left out: 60s."),
      write: duration.describe("How long a response may take, from the end of the request's headers. If left out: 0s."),
      idle: duration.describe(
        "How long a connection without requests is kept. On the target eks above 60s, which is the load balancer's own. If left out: 180s.",
      ),
    })
    .partial()
    .optional()
    .describe(
      "Limits of Traefik for clients, such as 10m or 90s; 0s is none. Raise read for long uploads and streams. The load balancer of the " +
        "target eks ends a request only when nothing is sent for 60 s in either direction.",
    ),
});

export const metricsServerSchema = z.strictObject({
  enabled,
  image: image.optional(),
  args: z.array(z.string()).optional().describe("Additional arguments."),
});

export const deschedulerSchema = z.strictObject({
  enabled: z
    .boolean()
    .optional()
    .describe("Whether the stack installs it. If left out: true on the target eks, false on the target existing."),
  image: image.optional(),
  intervalMinutes: z.int().min(1).max(1440).optional().describe("Time between two runs."),
});

export const prometheusSchema = z.strictObject({
  enabled: z
    .boolean()
    .default(false)
    .describe(
      "Whether the stack installs a small Prometheus for the analyses of canaries. It reads the ingress controller only, and keeps two hours.",
    ),
  image: image.optional(),
  url: z
    .string()
    .regex(
      /^https?:\/\/[A-Za-z0-9.-]+(:[0-9]+)?(\/[A-Za-z0-9._~/-]*)?$/,
      "a URL such as http://prometheus.monitoring.svc:9090",
    )
    .optional()
    .describe("A Prometheus that is there already, instead of enabled. It must read the ingress controller's metrics."),
  namespace: namespaceName
    .optional()
    .describe(
      "Namespace of what reads the metrics for that Prometheus. Network policies let it read Traefik's. With url.",
    ),
});

export const argoRolloutsSchema = z.strictObject({
  enabled: z
    .boolean()
    .optional()
    .describe(
      "Whether the stack installs the controller of the strategies blueGreen and canary. If left out: true if a service has one of " +
        "them. false: the cluster has the controller already.",
    ),
  image: image.optional(),
  replicas: z.int().min(1).max(5).optional().describe("Pods of the controller. If left out: 1."),
});

export const argoCdSchema = z.strictObject({
  enabled: z
    .boolean()
    .optional()
    .describe(
      "Whether the stack installs an Argo CD of its own, which sees the services' namespace only. It has no server, no user interface and no " +
        "ApplicationSets. If left out: only with delivery.mode: gitops.",
    ),
  image: image.optional(),
  redis: z.strictObject({ image }).partial().optional().describe("Its cache."),
  reconciliationSeconds: z
    .int()
    .min(5)
    .max(3600)
    .optional()
    .describe("Seconds between two looks at the repository. If left out: 20."),
  extraKinds: z
    .array(
      z.strictObject({
        group: z.string().regex(/^[a-z0-9.-]*$/, "an API group such as external-secrets.io"),
        kind: z.string().regex(/^[A-Z][A-Za-z0-9]*$/, "a kind such as ExternalSecret"),
        resource: z
          .string()
          .regex(/^[a-z][a-z0-9-]*$/, "the plural of the kind in lower case, such as externalsecrets"),
      }),
    )
    .optional()
    .describe(
      "Kinds in the repository besides those that services have, such as ExternalSecret. Argo CD may read and change them in the services' namespace.",
    ),
});

export const addonsSchema = z.strictObject({
  traefik: traefikSchema.prefault({}),
  metricsServer: metricsServerSchema.prefault({}),
  descheduler: deschedulerSchema.prefault({}),
  argoRollouts: argoRolloutsSchema.prefault({}),
  prometheus: prometheusSchema.prefault({}),
  argoCd: argoCdSchema.prefault({}),
});
