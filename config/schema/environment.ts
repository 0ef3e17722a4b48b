import { z } from "zod";
import { addonsSchema } from "./addons.ts";
import { alertsSchema, artifactsSchema, awsSchema, loadBalancerSchema, registrySchema } from "./aws.ts";
import { eksCluster, existingCluster } from "./cluster.ts";
import { deliverySchema } from "./delivery.ts";
import { dnsSchema } from "./dns.ts";
import { dnsName, namespaceName, objectName, port } from "./formats.ts";
import { policiesSchema } from "./policies.ts";
import { serviceDefaultsSchema } from "./service/defaults.ts";
import { serviceSchema } from "./service/index.ts";
import { versionsSchema } from "./versions.ts";

const repository = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9.-]*(:[0-9]+)?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)+$/,
    "<registry>/<repository> without tag, such as 123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop",
  );

/** One environment: stacks/services.yaml with `slipway:environment` of the stack merged over it. */
export const environmentSchema = z.strictObject({
  cluster: z.discriminatedUnion("target", [existingCluster, eksCluster], '"existing" or "eks"'),
  protect: z
    .enum(["data", "none"])
    .default("data")
    .describe(
      "data: resources that hold data cannot be destroyed, and people at a terminal are asked before a change. none: destroy removes everything.",
    ),
  policies: policiesSchema
    .optional()
    .describe(
      "How strictly the rules of policy/ are applied: docs/policy.md. If left out: by protect, without exceptions.",
    ),
  aws: awsSchema.optional(),
  registry: registrySchema
    .optional()
    .describe("Where the target eks keeps its images. The target existing sets images.repository instead."),
  loadBalancer: loadBalancerSchema.prefault({}),
  alerts: alertsSchema.prefault({}),
  artifacts: artifactsSchema.prefault({}),
  delivery: deliverySchema.optional(),
  namespace: dnsName.describe("Namespace of the services."),
  createNamespace: z
    .boolean()
    .default(true)
    .describe(
      "false, on the target existing only: the namespace exists. The stack changes nothing about it, and destroy leaves it.",
    ),
  images: z
    .strictObject({
      repository: repository
        .optional()
        .describe("Repository of all services on the target existing. Images are tagged <service>-<release>."),
      build: z
        .enum(["if-missing", "never"])
        .default("if-missing")
        .describe(
          "if-missing: build an image that the registry does not have. never: deploy only what it has (promotion).",
        ),
      platform: z
        .string()
        .regex(/^linux\/(amd64|arm64)$/, "linux/amd64 or linux/arm64")
        .default("linux/amd64")
        .describe("Platform that images are built for. On the target eks, that of the nodes."),
    })
    .prefault({}),
  addons: addonsSchema.prefault({}),
  rebalance: z
    .enum(["afterDeploy", "never"])
    .default("never")
    .describe(
      "afterDeploy: after slipway deploy and restart, the descheduler moves pods of this stack's services from crowded nodes, one of each service " +
        "at a time and within their disruption budgets. Needs addons.descheduler. never: only the descheduler's own interval does.",
    ),
  url: z
    .strictObject({
      scheme: z.enum(["http", "https"]).default("https"),
      port: port.optional().describe("If left out: the scheme's own."),
    })
    .prefault({})
    .describe("How the hosts are reached from outside."),
  dns: dnsSchema
    .optional()
    .describe(
      "Where the cluster's DNS answers: network policies let every pod ask it. If left out: pods in kube-system.",
    ),
  records: z
    .enum(["commit", "pull-request"])
    .default("commit")
    .describe(
      "How the record of a deploy reaches the branch. commit: it is pushed onto the branch. pull-request: it waits on a branch of its " +
        "own, slipway/record-<stack>, with a pull request. Only in stacks/services.yaml.",
    ),
  versions: versionsSchema
    .prefault({})
    .describe("How merges are counted into versions. Only in stacks/services.yaml: all stacks have the same versions."),
  ingress: z
    .strictObject({
      class: objectName.describe("IngressClass of the controller."),
      namespace: namespaceName.describe(
        "Namespace of the controller's pods. The services' network policies let it connect.",
      ),
    })
    .optional()
    .describe(
      "Ingress controller of the cluster, for all services with hosts, if it is not the Traefik add-on. A service's ingressClass and " +
        "ingressNamespace go first. If left out: the Traefik add-on.",
    ),
  defaults: serviceDefaultsSchema
    .optional()
    .describe(
      "Fields of all services, merged under each of them: maps merge, lists and scalars of the service replace those of defaults, and " +
        "null takes one away. What a service has no use for is left out, such as probes.path of one without port.",
    ),
  services: z.record(dnsName, serviceSchema),
});

/** An environment as the team writes it. */
export type EnvironmentConfig = z.input<typeof environmentSchema>;
/** An environment with the schema's defaults. */
export type ParsedEnvironment = z.output<typeof environmentSchema>;
