import { z } from "zod";

/**
 * A release tag. It becomes part of an image tag and the value of the label `app.kubernetes.io/version`,
 * hence the label's limits: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set
 */
export const releaseTag = z
  .string()
  .regex(
    /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/,
    "a tag of 1 to 63 letters, digits, '.', '_' and '-' that starts and ends with a letter or digit, such as v1.2.3-5e15f0a",
  );

/** A name that is a DNS label: https://datatracker.ietf.org/doc/html/rfc1123. Shortened so that suffixes fit. */
export const dnsName = z
  .string()
  .regex(/^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$/, "1 to 40 lower-case letters, digits and '-', starting with a letter");

const hostName = z
  .string()
  .regex(
    /^(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/,
    "a lower-case host name with a domain, such as shop.example.com",
  );

const quantity = (example: string) =>
  z.string().regex(/^[0-9]+(\.[0-9]+)?(m|k|Ki|[MGTPE]i?)?$/, `a Kubernetes quantity in quotes, such as "${example}"`);

const environmentVariable = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "letters, digits and '_', not starting with a digit");
const seconds = z.int().min(0).max(3600);
const port = z.int().min(1).max(65535);
const pods = z.int().min(1).max(1000);
const podsOrShare = z.union([
  z.int().min(0).max(1000),
  z.string().regex(/^(100|[1-9]?[0-9])%$/, 'a number of pods or a share such as "25%"'),
]);

const rolloutShape = z.strictObject({
  maxSurge: podsOrShare.optional(),
  maxUnavailable: podsOrShare.optional(),
  minReadySeconds: seconds.optional(),
  progressDeadlineSeconds: seconds.min(1).optional(),
});

/** What the chart takes, as the team writes it. Defaults are in charts/service/values.yaml, in that one place. */
export const chartShape = {
  kind: z.enum(["deployment", "stateful"]).optional().describe("Deployment, or StatefulSet with a volume per pod."),
  command: z.array(z.string()).optional().describe("Replaces the image's entry point."),
  args: z.array(z.string()).optional().describe("Replaces the image's arguments."),
  port: port.optional().describe("Port the container listens on. Left out: a worker, without Service and Ingress."),
  hosts: z.array(hostName).optional().describe("Public host names; each belongs to one service."),
  path: z.string().startsWith("/").optional().describe("Path prefix under the hosts."),
  ingressClass: z.string().optional().describe("Of a controller other than the add-on."),
  ingressNamespace: z.string().optional().describe("Namespace of that controller: it may connect."),
  replicas: z
    .strictObject({ min: pods, max: pods })
    .partial()
    .optional()
    .describe("Pods. With max above min the HPA decides."),
  cpu: z
    .strictObject({
      target: z.int().min(1).max(100).optional().describe("Average CPU of the request that the HPA aims at, per cent."),
      scaleDownSeconds: seconds.optional().describe("How long load must be lower before pods are taken away."),
    })
    .optional(),
  resources: z
    .strictObject({
      requests: z.strictObject({
        cpu: quantity("100m"),
        memory: quantity("128Mi"),
        "ephemeral-storage": quantity("64Mi").optional(),
      }),
      limits: z.strictObject({
        cpu: quantity("500m").optional(),
        memory: quantity("256Mi"),
        "ephemeral-storage": quantity("1Gi").optional(),
      }),
    })
    .describe("Required: a pod without them can take its node, and the node's other pods, down."),
  probes: z
    .strictObject({
      preset: z.enum(["http", "spring-actuator", "tcp", "grpc", "exec", "none"]).optional(),
      path: z.string().startsWith("/").optional().describe("Readiness path of the http preset."),
      livenessPath: z.string().startsWith("/").optional().describe("Must not depend on other services."),
      command: z.array(z.string()).min(1).optional().describe("Readiness command of the exec preset."),
      livenessCommand: z.array(z.string()).min(1).optional().describe("Liveness command of the exec preset."),
      startupSeconds: seconds.min(1).optional().describe("How long a start may take."),
      periodSeconds: seconds.min(1).optional(),
      timeoutSeconds: seconds.min(1).optional(),
      failureThreshold: z.int().min(1).max(100).optional(),
    })
    .optional(),
  rollout: rolloutShape.optional(),
  shutdown: z
    .strictObject({
      preStopSeconds: seconds.optional().describe("Serves on for so long after the pod left the endpoints."),
      drainSeconds: seconds.optional().describe("Time the process has to finish its work after SIGTERM."),
    })
    .optional(),
  restartedAt: z.string().optional().describe("Any new value restarts the pods without a new image."),
  volume: z
    .strictObject({
      size: quantity("10Gi"),
      mountPath: z.string().startsWith("/"),
      storageClass: z.string().optional(),
    })
    .optional()
    .describe("Volume of each pod of a stateful service."),
  network: z
    .strictObject({
      allowFrom: z.array(dnsName).optional().describe("Services that may connect; nobody else but the ingress may."),
      egress: z
        .strictObject({
          internet: z.boolean().describe("false: only the services and address blocks named may be called."),
          services: z.array(dnsName).describe("Services of the namespace that may be called. Default: all."),
          cidrs: z.array(z.cidrv4()).describe("Address blocks that may be called without internet."),
        })
        .partial()
        .optional(),
    })
    .optional(),
  serviceAccount: z
    .strictObject({ annotations: z.record(z.string(), z.string()) })
    .partial()
    .optional(),
  podAnnotations: z.record(z.string(), z.string()).optional(),
  nodeSelector: z.record(z.string(), z.string()).optional(),
  tolerations: z
    .array(
      z.strictObject({
        key: z.string().optional(),
        operator: z.enum(["Exists", "Equal"]).optional(),
        value: z.string().optional(),
        effect: z.enum(["NoSchedule", "PreferNoSchedule", "NoExecute"]).optional(),
        tolerationSeconds: z.int().min(0).optional(),
      }),
    )
    .optional(),
  nodeLossSeconds: seconds.optional().describe("Pods leave a node that no longer answers after so long."),
  tmp: z
    .strictObject({ sizeLimit: quantity("256Mi") })
    .optional()
    .describe("/tmp, the one writable path."),
  user: z.int().min(10_000).optional().describe("User id the container runs as: never root, nor a user of the node."),
};

/** One service of an environment. */
export const serviceSchema = z.strictObject({
  enabled: z.boolean().optional().describe("false: this environment does not run the service. Default true."),
  tag: releaseTag.optional().describe("Release of this service alone, in place of slipway:release."),
  build: z
    .strictObject({
      context: z.string().min(1).describe("Folder, relative to the project's."),
      dockerfile: z.string().min(1).optional().describe("Relative to the context. Default Dockerfile."),
      args: z.record(z.string(), z.string()).optional().describe("Build arguments. RELEASE is given always."),
      target: z.string().optional(),
    })
    .describe("How the image is built when the registry lacks it."),
  config: z
    .record(environmentVariable, z.string())
    .optional()
    .describe("Environment variables by ConfigMap; a change rolls the pods."),
  secrets: z
    .array(environmentVariable)
    .optional()
    .describe("Environment variables from secret config: pulumi config set --secret slipway:secret.<service>.<NAME>"),
  ...chartShape,
  rollout: rolloutShape
    .extend({
      timeoutSeconds: seconds
        .min(1)
        .optional()
        .describe("A rollout that takes longer is rolled back. Default: by replicas, startupSeconds and pace."),
    })
    .optional(),
});

export type ServiceSpec = z.infer<typeof serviceSchema>;

/** What the program gives charts/service: the service's own fields and what only the deploy knows. */
export const chartValuesSchema = z.strictObject({
  release: releaseTag,
  image: z.string().regex(/@sha256:[0-9a-f]{64}$/, "repository@sha256:<digest>"),
  chartHash: z.string(),
  configName: z.string().optional(),
  secretName: z.string().optional(),
  ...chartShape,
});
