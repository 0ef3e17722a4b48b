import { z } from "zod";
import { dnsName, serviceSchema } from "./service-schema.ts";

const existingCluster = z.strictObject({
  target: z.enum(["existing"]),
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
  cluster: existingCluster,
  namespace: dnsName.describe("Namespace of the services."),
  images: z.strictObject({
    repository: repository.describe("The one repository of all services; tags are <service>-<release>."),
    build: z
      .enum(["if-missing", "never"])
      .optional()
      .describe("never: only what the registry holds is deployed (promotion). Default if-missing."),
    platform: z
      .string()
      .regex(/^linux\/(amd64|arm64)$/, "linux/amd64 or linux/arm64")
      .optional(),
  }),
  addons: z
    .strictObject({
      traefik: z
        .strictObject({
          enabled: z.boolean(),
          replicas: z.int().min(1).max(20),
          image: addonImage,
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
          repository: z.string().describe("Chart repository."),
          version: z.string().describe("Chart version."),
          image: addonImage,
          args: z.array(z.string()),
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
