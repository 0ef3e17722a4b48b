import { z } from "zod";

const image = z.strictObject({ repository: z.string(), tag: z.string() }).partial();

/** Besides `enabled`, each add-on has the values that its chart takes. Their defaults are in the chart's values.yaml. */
const enabled = z.boolean().default(true).describe("Whether the stack installs it.");

export const traefikSchema = z.strictObject({
  enabled,
  replicas: z.int().min(1).max(20).optional().describe("Pods of the ingress controller, at least 2 on the target eks."),
  image: image.optional(),
  accessLog: z.boolean().optional().describe("true: log one line for each request to standard output."),
  service: z
    .strictObject({
      type: z.enum(["LoadBalancer", "NodePort"]),
      nodePort: z.int().min(1).max(65535),
      annotations: z.record(z.string(), z.string()),
    })
    .partial()
    .optional()
    .describe("Service of the ingress controller, on the target existing only."),
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

export const addonsSchema = z.strictObject({
  traefik: traefikSchema.prefault({}),
  metricsServer: metricsServerSchema.prefault({}),
  descheduler: deschedulerSchema.prefault({}),
});
