import { z } from "zod";
import {
  alertsSchema,
  artifactsSchema,
  awsSchema,
  deliverySchema,
  eksCluster,
  loadBalancerSchema,
  registrySchema,
} from "./aws.ts";
import { dnsName, serviceSchema } from "./service.ts";

const existingCluster = z.strictObject({
  target: z.literal("existing"),
  context: z
    .string()
    .min(1)
    .describe("Context of the kubeconfig. Named always, so that no deploy meets the wrong cluster."),
  kubeconfig: z.string().optional().describe("Path. Default: KUBECONFIG, else ~/.kube/config."),
});

const repository = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9.-]*(:[0-9]+)?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)+$/,
    "<registry>/<repository> without tag, such as 123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop",
  );

const addonImage = z.strictObject({ repository: z.string(), tag: z.string() }).partial();

/** One environment: stacks/services.yaml with `slipway:environment` of the stack merged over it. */
export const environmentSchema = z.strictObject({
  cluster: z.discriminatedUnion("target", [existingCluster, eksCluster], 'expected "existing" or "eks"'),
  protect: z
    .enum(["data", "none"])
    .optional()
    .describe("data: destroy is refused for what holds data. none: destroy leaves nothing behind. Default data."),
  aws: awsSchema.optional(),
  registry: registrySchema
    .optional()
    .describe("Images of the target eks; the target existing names images.repository."),
  loadBalancer: loadBalancerSchema.optional(),
  alerts: alertsSchema.optional(),
  artifacts: artifactsSchema.optional(),
  delivery: deliverySchema.optional(),
  namespace: dnsName.describe("Namespace of the services."),
  images: z
    .strictObject({
      repository: repository
        .optional()
        .describe("The one repository of all services, for the target existing; tags are <service>-<release>."),
      build: z
        .enum(["if-missing", "never"])
        .optional()
        .describe("never: only what the registry holds is deployed (promotion). Default if-missing."),
      platform: z
        .string()
        .regex(/^linux\/(amd64|arm64)$/, "linux/amd64 or linux/arm64")
        .optional(),
    })
    .optional(),
  addons: z
    .strictObject({
      traefik: z
        .strictObject({
          enabled: z.boolean(),
          replicas: z.int().min(1).max(20),
          image: addonImage,
          accessLog: z.boolean().describe("One line per request on its standard output. Default false."),
          service: z
            .strictObject({
              type: z.enum(["LoadBalancer", "NodePort"]),
              nodePort: z.int().min(1).max(65535),
              annotations: z.record(z.string(), z.string()),
            })
            .partial(),
        })
        .partial()
        .optional(),
      metricsServer: z
        .strictObject({
          enabled: z.boolean(),
          image: addonImage,
          args: z.array(z.string()),
        })
        .partial()
        .optional(),
      descheduler: z
        .strictObject({
          enabled: z.boolean().describe("Default true for the target eks, else false."),
          image: addonImage,
          intervalMinutes: z.int().min(1).max(1440).describe("Between two looks at the cluster. Default 5."),
        })
        .partial()
        .optional(),
    })
    .optional(),
  url: z
    .strictObject({ scheme: z.enum(["http", "https"]), port: z.int().min(1).max(65535) })
    .partial()
    .optional()
    .describe("How the hosts are reached from outside. Default https on its own port."),
  services: z.record(dnsName, serviceSchema),
});

export type EnvironmentConfig = z.infer<typeof environmentSchema>;
