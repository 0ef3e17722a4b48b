import { z } from "zod";
import { dnsSchema } from "../dns.ts";
import { cidr, dnsName, environmentVariable, processText, releaseTag } from "../formats.ts";
import { awsFields } from "./aws.ts";
import { chartContainersFields, chartVariables, containersFields } from "./containers.ts";
import { chartFilesFields, filesFields } from "./files.ts";
import { foreignImage } from "./image.ts";
import { ingressFields } from "./ingress.ts";
import { metricsFields } from "./metrics.ts";
import { migrationSchema } from "./migration.ts";
import { networkFields } from "./network.ts";
import { podFields } from "./pod.ts";
import { portsFields } from "./ports.ts";
import { probesFields } from "./probes.ts";
import { chartRollout, rollout } from "./rollout.ts";
import { scalingFields } from "./scaling.ts";
import { scheduleFields } from "./schedule.ts";
import { workloadFields } from "./workload.ts";

/**
 * Fields of a service that charts/service takes as they are. They have no defaults here: the chart's values.yaml has
 * them, so that an environment passes on only what the team wrote.
 */
const chartFields = {
  ...workloadFields,
  ...scheduleFields,
  ...networkFields,
  ...portsFields,
  ...metricsFields,
  ...ingressFields,
  ...scalingFields,
  ...probesFields,
  ...podFields,
};

/** One service of an environment. */
export const serviceSchema = z.strictObject({
  enabled: z.boolean().default(true).describe("false: this environment does not run the service."),
  renamedFrom: dnsName
    .optional()
    .describe(
      "Name under which this service ran before. If pods of that name still run, they get all requests until this service's pods, as " +
        "many, are ready; then the same update removes them. Once they are gone, it does nothing. If left out, the service is a new one.",
    ),
  tag: releaseTag.optional().describe("Release of this service only. Overrides slipway:release."),
  build: z
    .strictObject({
      context: z.string().min(1).describe("Build context: a folder, relative to the project."),
      dockerfile: z.string().min(1).default("Dockerfile").describe("Path of the Dockerfile, relative to the context."),
      args: z.record(z.string(), z.string()).default({}).describe("Build arguments. RELEASE is always passed as well."),
      target: z.string().optional().describe("Build stage. The last one if left out."),
    })
    .optional()
    .describe("How the image is built if the registry does not have it. Each service has this or image."),
  image: foreignImage
    .optional()
    .describe(
      "Image that somebody else built, by digest, instead of build: <registry>/<repository>:<tag>@sha256:<digest>. It is neither built " +
        "nor pushed, and a release does not roll its pods.",
    ),
  config: z
    .record(environmentVariable, processText)
    .default({})
    .describe(
      "Environment variables. $(NAME) in a value stands for another variable or secret of the service; $$(NAME) is the text itself. " +
        "A change restarts the pods, one at a time.",
    ),
  secrets: z
    .array(environmentVariable)
    .default([])
    .describe(
      "Environment variables whose values are secret. Set each with: pulumi config set --secret slipway:secret.<service>.<NAME>",
    ),
  ...filesFields,
  ...awsFields,
  ...containersFields,
  patch: z
    .string()
    .optional()
    .describe(
      "YAML text that is merged over the pod template, for what has no field: maps merge, containers, initContainers, volumes, env and " +
        "imagePullSecrets by name, volumeMounts by mountPath, ports by containerPort, null removes, $patch: delete removes an item, " +
        "other lists replace. It cannot go below the pod security standard restricted.",
    ),
  ...chartFields,
  rollout: rollout.optional(),
  migration: migrationSchema
    .optional()
    .describe(
      "A command of the service's image that changes its database, run once for each image: docs/migrations.md.",
    ),
});

/** What the program passes to charts/service: the service's chart fields and what only the deploy knows. */
export const chartValuesSchema = z.strictObject({
  release: releaseTag,
  image: z.string().regex(/@sha256:[0-9a-f]{64}$/, "repository@sha256:<digest>"),
  chartHash: z.string(),
  rolloutGates: z.boolean().optional(),
  dns: dnsSchema.optional(),
  ingressRanges: z.array(cidr).optional(),
  configName: z.string().optional(),
  secretName: z.string().optional(),
  podVersion: z.string().optional(),
  patch: z.string().optional(),
  variables: chartVariables.optional(),
  ...chartFilesFields,
  ...chartContainersFields,
  ...chartFields,
  prometheus: z.string().optional(),
  rolloutsNamespace: z.string().optional(),
  rollout: chartRollout.optional(),
});

/** A service as the team writes it. */
export type ServiceConfig = z.input<typeof serviceSchema>;
/** A service with the schema's defaults. */
export type ParsedService = z.output<typeof serviceSchema>;
