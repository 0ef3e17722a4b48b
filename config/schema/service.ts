import { z } from "zod";
import { ROLLOUT_DEFAULTS } from "../defaults.ts";
import {
  cidr,
  dnsName,
  environmentVariable,
  hostName,
  port,
  quantity,
  releaseTag,
  seconds,
  urlPath,
} from "./formats.ts";

const pods = z.int().min(1).max(1000);
const podsOrShare = z.union(
  [z.int().min(0).max(1000), z.string().regex(/^(100|[1-9]?[0-9])%$/, 'a share such as "25%", "100%" at most')],
  'a number of pods or a share such as "25%"',
);

const rollout = z.strictObject({
  maxSurge: podsOrShare.optional().describe("Pods, or a share, above the desired count during a rollout."),
  maxUnavailable: podsOrShare.optional().describe("Pods, or a share, below the desired count during a rollout."),
  minReadySeconds: seconds.optional().describe("How long a new pod must stay ready before it counts."),
  progressDeadlineSeconds: seconds
    .min(1)
    .optional()
    .describe("How long a rollout may go without progress. More than probes.startupSeconds + minReadySeconds."),
});

/**
 * Fields of a service that charts/service takes as they are. They have no defaults here: the chart's values.yaml has
 * them, so that an environment passes on only what the team wrote.
 */
const chartShape = {
  kind: z
    .enum(["deployment", "stateful"])
    .optional()
    .describe("deployment: a Deployment. stateful: a StatefulSet with a volume for each pod."),
  command: z.array(z.string()).optional().describe("Replaces the image's entry point."),
  args: z.array(z.string()).optional().describe("Replaces the image's arguments."),
  port: port
    .optional()
    .describe("Port the container listens on. Without it the service is a worker: no Service, no Ingress."),
  hosts: z.array(hostName).optional().describe("Public host names. A host and path belong to one service only."),
  path: urlPath.optional().describe("Path prefix under the hosts."),
  ingressClass: z.string().optional().describe("Ingress class, if the ingress controller is not the Traefik add-on."),
  ingressNamespace: z
    .string()
    .optional()
    .describe("Namespace of that ingress controller. The network policy lets it connect."),
  replicas: z
    .strictObject({
      min: pods.optional().describe("Pods at least."),
      max: pods.optional().describe("Pods at most."),
    })
    .optional()
    .describe("Number of pods. With max above min, a HorizontalPodAutoscaler sets it."),
  cpu: z
    .strictObject({
      target: z
        .int()
        .min(1)
        .max(100)
        .optional()
        .describe("Average CPU that the autoscaler aims at, in percent of the CPU request."),
      scaleDownSeconds: seconds.optional().describe("How long the load must stay lower before pods are removed."),
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
    .describe("Required: a pod without requests and limits can take down its node and the other pods on it."),
  probes: z
    .strictObject({
      preset: z
        .enum(["http", "spring-actuator", "tcp", "grpc", "exec", "none"])
        .optional()
        .describe("What the probes ask. If left out: http with a port, none without."),
      path: urlPath.optional().describe("Readiness path of the http preset."),
      livenessPath: urlPath.optional().describe("Liveness path. It must not depend on other services."),
      command: z.array(z.string()).min(1).optional().describe("Readiness command of the exec preset."),
      livenessCommand: z.array(z.string()).min(1).optional().describe("Liveness command of the exec preset."),
      startupSeconds: seconds.min(1).optional().describe("How long a pod may take to start."),
      periodSeconds: seconds.min(1).optional().describe("Time between two checks."),
      timeoutSeconds: seconds.min(1).optional().describe("How long a check may take."),
      failureThreshold: z
        .int()
        .min(1)
        .max(100)
        .optional()
        .describe("Failed checks in a row before a pod is not ready. Liveness allows twice as many."),
    })
    .optional(),
  rollout: rollout.optional(),
  shutdown: z
    .strictObject({
      preStopSeconds: seconds
        .optional()
        .describe("How long a stopping pod keeps serving while load balancers stop sending requests to it."),
      drainSeconds: seconds.optional().describe("How long the process may take to finish its work after SIGTERM."),
    })
    .optional(),
  restartedAt: z.string().optional().describe("Change this value to restart the pods without a new image."),
  volume: z
    .strictObject({
      size: quantity("10Gi"),
      mountPath: urlPath,
      storageClass: z.string().optional().describe("If left out: the cluster's default."),
    })
    .optional()
    .describe("Volume of each pod of a stateful service."),
  network: z
    .strictObject({
      allowFrom: z
        .array(dnsName)
        .optional()
        .describe("Services that may connect. Apart from them only the ingress controller can."),
      egress: z
        .strictObject({
          internet: z.boolean().describe("false: only the listed services and address ranges can be called."),
          services: z.array(dnsName).describe("Services of the namespace that can be called. All of them if left out."),
          cidrs: z.array(cidr).describe("Address ranges that can be called when internet is false."),
        })
        .partial()
        .optional(),
    })
    .optional(),
  serviceAccount: z
    .strictObject({ annotations: z.record(z.string(), z.string()).describe("Such as eks.amazonaws.com/role-arn.") })
    .partial()
    .optional(),
  podAnnotations: z.record(z.string(), z.string()).optional().describe("A change restarts the pods."),
  nodeSelector: z.record(z.string(), z.string()).optional().describe("Labels that a node must have."),
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
    .optional()
    .describe("Added to the chart's own tolerations."),
  nodeLossSeconds: seconds.optional().describe("How long pods stay on a node that no longer responds."),
  tmp: z
    .strictObject({ sizeLimit: quantity("256Mi") })
    .optional()
    .describe("Size of /tmp, the only writable path."),
  user: z
    .int()
    .min(10_000)
    .optional()
    .describe("User id of the process. Neither root nor a user that may exist on the node."),
};

/** One service of an environment. */
export const serviceSchema = z.strictObject({
  enabled: z.boolean().default(true).describe("false: this environment does not run the service."),
  tag: releaseTag.optional().describe("Release of this service only. Overrides slipway:release."),
  build: z
    .strictObject({
      context: z.string().min(1).describe("Build context: a folder, relative to the project."),
      dockerfile: z.string().min(1).default("Dockerfile").describe("Path of the Dockerfile, relative to the context."),
      args: z.record(z.string(), z.string()).default({}).describe("Build arguments. RELEASE is always passed as well."),
      target: z.string().optional().describe("Build stage. The last one if left out."),
    })
    .describe("How the image is built if the registry does not have it."),
  config: z
    .record(environmentVariable, z.string())
    .default({})
    .describe("Environment variables, from a ConfigMap. A change restarts the pods, one at a time."),
  secrets: z
    .array(environmentVariable)
    .default([])
    .describe(
      "Environment variables whose values are secret. Set each with: pulumi config set --secret slipway:secret.<service>.<NAME>",
    ),
  ...chartShape,
  rollout: rollout
    .extend({
      timeoutSeconds: seconds
        .min(1)
        .optional()
        .describe(
          "How long a rollout may take before it is rolled back. If left out, it is estimated from replicas.max, " +
            "probes.startupSeconds and minReadySeconds.",
        ),
      maxRestarts: z
        .int()
        .min(0)
        .max(10)
        .optional()
        .describe(
          "Restarts that a container of a new pod may need. If it crashes once more, the rollout is rolled back at once. " +
            `If left out, ${ROLLOUT_DEFAULTS.maxRestarts}.`,
        ),
    })
    .optional(),
});

/** What the program passes to charts/service: the service's chart fields and what only the deploy knows. */
export const chartValuesSchema = z.strictObject({
  release: releaseTag,
  image: z.string().regex(/@sha256:[0-9a-f]{64}$/, "repository@sha256:<digest>"),
  chartHash: z.string(),
  configName: z.string().optional(),
  secretName: z.string().optional(),
  ...chartShape,
});

/** A service as the team writes it. */
export type ServiceConfig = z.input<typeof serviceSchema>;
/** A service with the schema's defaults. */
export type ParsedService = z.output<typeof serviceSchema>;
