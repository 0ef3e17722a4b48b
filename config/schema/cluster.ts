import { z } from "zod";
import { cidr, clusterName, principal } from "./formats.ts";

const percent = z.int().min(1).max(99);

/** A cluster that already exists. */
export const existingCluster = z.strictObject({
  target: z.literal("existing").describe("A cluster that already exists."),
  context: z
    .string()
    .min(1)
    .describe("Context of the kubeconfig. Required, so that a deploy never reaches the wrong cluster."),
  kubeconfig: z.string().optional().describe("Path of the kubeconfig. If left out: KUBECONFIG, then ~/.kube/config."),
});

/** A VPC of the stack's own, where the config leaves it open. */
export const NETWORK_DEFAULTS = { cidr: "10.0.0.0/16", zones: 3, nat: "single" } as const;

/** A VPC that the stack creates. */
const ownNetwork = z.strictObject({
  cidr: cidr.describe(`Address range of the VPC, /16 to /20. If left out: ${NETWORK_DEFAULTS.cidr}.`),
  zones: z.int().min(2).max(3).describe(`Availability zones to spread over. If left out: ${NETWORK_DEFAULTS.zones}.`),
  nat: z
    .enum(["none", "single", "per-zone"])
    .describe(
      "How private subnets reach the Internet. none: no NAT gateway; nodes run in public subnets. single: one gateway, which " +
        "fails with its zone. per-zone: one in each zone. A gateway costs about 33 USD a month and 0.045 USD per GB. " +
        `If left out: ${NETWORK_DEFAULTS.nat}.`,
    ),
});

/** A VPC that already exists. */
const existingNetwork = z.strictObject({
  vpcId: z.string().regex(/^vpc-[0-9a-f]+$/, "an id, such as vpc-0abc1234"),
  privateSubnetIds: z
    .array(z.string())
    .min(2)
    .describe("Subnets for the nodes and the cluster's network interfaces, in at least two zones."),
  publicSubnetIds: z.array(z.string()).min(2).describe("Subnets for the load balancer, in at least two zones."),
});

/** Pods on each node that are EKS's own: the daemon sets of its add-ons. */
export const DAEMON_SET_PODS = 4;

export const nodeGroup = z.strictObject({
  instanceTypes: z
    .array(z.string())
    .min(1)
    .describe("EC2 instance types of one architecture, in order of preference. The first available one is used."),
  capacity: z.enum(["on-demand", "spot"]).default("on-demand").describe("How the nodes are bought."),
  min: z.int().min(1).max(450).describe("Nodes at least."),
  max: z.int().min(1).max(450).describe("Nodes at most."),
  maxPods: z
    .int()
    .min(DAEMON_SET_PODS + 1)
    .max(250)
    .default(50)
    .describe(`Pods that a node may run, ${DAEMON_SET_PODS} of them EKS's own.`),
  amiRelease: z
    .string()
    .regex(/^v[0-9]{8}$/, "the date of an AMI release, such as v20260915")
    .optional()
    .describe(
      "Release of the EKS-optimized AL2023 image. If left out, the group gets what AWS recommends when it is created and keeps it.",
    ),
  diskGiB: z.int().min(20).max(1000).default(50).describe("Size of a node's encrypted gp3 disk, in GiB."),
  headroom: z
    .enum(["node", "none"])
    .default("node")
    .describe("node: min nodes less one must have room for every service at its least replicas. none: no such check."),
  autoscaler: z
    .enum(["cpu-asg", "cluster-autoscaler", "none"])
    .default("cpu-asg")
    .describe(
      "What sets the number of nodes: CPU alarms on the Auto Scaling group, the cluster-autoscaler, or nothing.",
    ),
  cpu: z
    .strictObject({
      scaleOut: percent.default(50).describe("Average CPU of the group, in percent, above which a node is added."),
      scaleIn: percent.default(30).describe("Average CPU, in percent, below which a node is removed."),
      warmupSeconds: z
        .int()
        .min(30)
        .max(3600)
        .default(180)
        .describe("How long a new node does not count in the average."),
    })
    .prefault({}),
});

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html, without those under a month. */
const retentionDays = z.literal([30, 60, 90, 120, 150, 180, 365, 400, 731, 1096, 1827, 3653]);

/** An EKS cluster that the stack creates. */
export const eksCluster = z.strictObject({
  target: z.literal("eks").describe("An EKS cluster that the stack creates."),
  name: clusterName.optional().describe("If left out: <namespace>-<stack>."),
  version: z
    .string()
    .regex(/^1\.[0-9]{2}$/, 'a Kubernetes version in quotes, such as "1.36"')
    .describe("Kubernetes version. EKS upgrades one minor version at a time."),
  admins: z
    .array(principal)
    .min(1)
    .describe("IAM roles and users that administer the cluster. Include the one that creates it."),
  api: z
    .strictObject({
      publicCidrs: z
        .array(cidr)
        .default([])
        .describe("Address ranges that can reach the Kubernetes API from the Internet. Empty: private access only."),
    })
    .prefault({}),
  logRetentionDays: retentionDays
    .default(365)
    .describe("How long the control plane's logs, the audit log included, are kept."),
  logTypes: z
    .array(z.enum(["api", "audit", "authenticator", "controllerManager", "scheduler"]))
    .default(["api", "audit", "authenticator", "controllerManager", "scheduler"])
    .describe(
      "Logs of the control plane that are kept. audit says who did what, and costs the most: controllers call the API all the time. If " +
        "left out: all. []: none.",
    ),
  addonVersions: z
    .strictObject({
      vpcCni: z.string(),
      coredns: z.string(),
      kubeProxy: z.string(),
      podIdentityAgent: z.string(),
      ebsCsi: z.string(),
      cloudWatchObservability: z.string(),
    })
    .partial()
    .default({})
    .describe(
      "Versions of EKS's own add-ons. One that is left out gets EKS's default when it is created and keeps it.",
    ),
  containerInsights: z
    .strictObject({
      logs: z
        .boolean()
        .default(true)
        .describe("Whether the lines that containers print are kept. false: only metrics."),
      logRetentionDays: retentionDays.default(30).describe("How long these logs are kept."),
    })
    .optional()
    .describe(
      "CloudWatch's agent on every node, by the EKS add-on amazon-cloudwatch-observability: metrics of nodes and pods, which the " +
        "alarms nodesNotReady and podRestarts need, and logs of containers. {} is enough. It is billed by use. If left out: not " +
        "installed.",
    ),
  network: z
    .strictObject({ ...ownNetwork.shape, ...existingNetwork.shape })
    .partial()
    .default({})
    .describe("A new VPC (cidr, zones, nat) or an existing one (vpcId and the ids of its subnets)."),
  nodeGroup,
});

export type OwnNetwork = z.output<typeof ownNetwork>;
export type ExistingNetwork = z.output<typeof existingNetwork>;
