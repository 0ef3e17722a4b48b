import { z } from "zod";

const accountId = z.string().regex(/^[0-9]{12}$/, 'twelve digits in quotes, such as "123456789012"');
const arn = z.string().regex(/^arn:aws[a-z-]*:/, "an ARN, such as arn:aws:iam::123456789012:role/admin");
const principal = z
  .string()
  .regex(/^arn:aws[a-z-]*:iam::[0-9]{12}:(role|user)\//, "a role's ARN, such as arn:aws:iam::123456789012:role/admin");
const cidr = z.cidrv4();

/** Where the environment lives in AWS. Required by the target eks. */
export const awsSchema = z.strictObject({
  accountId: accountId.describe("The only account this stack may touch; credentials of another are refused."),
  // Not of China, the government's or those apart: their ARNs begin otherwise.
  region: z
    .string()
    .regex(/^(?!cn-|us-gov-|[a-z]{2}-iso)[a-z]{2}(-[a-z]+)+-[0-9]$/, "a region of AWS itself, such as ap-northeast-2"),
  tags: z
    .record(z.string(), z.string())
    .optional()
    .describe("Added to every resource, beside project, environment and managed-by."),
});

const ownNetwork = z.strictObject({
  cidr: cidr.optional().describe("Range of the VPC, /16 to /20. Default 10.0.0.0/16."),
  zones: z.int().min(2).max(3).optional().describe("Availability zones to spread over. Default 3."),
  nat: z
    .enum(["none", "single", "per-zone"])
    .optional()
    .describe(
      "How private subnets reach the Internet. none: not at all (nodes live in public subnets); single: one gateway, gone " +
        "with its zone; per-zone: one each. About 33 USD a month for each gateway, and 0.045 USD per GB. Default single.",
    ),
});

const existingNetwork = z.strictObject({
  vpcId: z.string().regex(/^vpc-[0-9a-f]+$/, "an id, such as vpc-0abc1234"),
  privateSubnetIds: z.array(z.string()).min(2).describe("Nodes and the cluster's interfaces; two zones at least."),
  publicSubnetIds: z.array(z.string()).min(2).describe("The load balancer; two zones at least."),
});

const percent = z.int().min(1).max(99);

const nodeGroup = z.strictObject({
  instanceTypes: z.array(z.string()).min(1).describe("The first that is to be had; all of one architecture."),
  capacity: z.enum(["on-demand", "spot"]).optional().describe("Default on-demand."),
  min: z.int().min(1).max(450).describe("Nodes at least."),
  max: z.int().min(1).max(450).describe("Nodes at most."),
  maxPods: z.int().min(4).max(250).optional().describe("Most pods a node runs. Default 50."),
  amiRelease: z
    .string()
    .regex(/^v[0-9]{8}$/, "the date of an AMI release, such as v20260915")
    .optional()
    .describe(
      "Release of the EKS-optimized AL2023 image. Default: what AWS recommends when the group is made, kept until this is set.",
    ),
  diskGiB: z.int().min(20).max(1000).optional().describe("Size of a node's encrypted gp3 disk. Default 50."),
  headroom: z
    .enum(["node", "none"])
    .optional()
    .describe("node: min nodes less one must hold every service at its least replicas. Default node."),
  autoscaler: z
    .enum(["cpu-asg", "cluster-autoscaler", "none"])
    .optional()
    .describe("Who sets the number of nodes: exactly one. Default cpu-asg."),
  cpu: z
    .strictObject({
      scaleOut: percent.describe("Average CPU of the group, in percent, above which a node is added. Default 50."),
      scaleIn: percent.describe("Below which one is taken away. Default 30."),
      warmupSeconds: z.int().min(30).max(3600).describe("Until a new node counts in the average. Default 180."),
    })
    .partial()
    .optional(),
});

/**
 * What its resources are named after. The longest of their names is a role's, with 64 characters at most: 19 more for
 * `-cluster-autoscaler`, and 8 that make it unique.
 */
export const clusterName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,36}$/, "lower case letters, digits and dashes, 37 at most");

/** A cluster of the stack's own on EKS. */
export const eksCluster = z.strictObject({
  target: z.literal("eks"),
  name: clusterName.optional().describe("Default <namespace>-<stack>."),
  version: z.string().regex(/^1\.[0-9]{2}$/, 'Kubernetes version in quotes, such as "1.35"'),
  admins: z
    .array(principal)
    .min(1)
    .describe("IAM roles that administer the cluster, the one that makes it among them."),
  api: z
    .strictObject({
      publicCidrs: z.array(cidr).describe("Ranges that reach the API from outside. Default none: private only."),
    })
    .partial()
    .optional(),
  logRetentionDays: z
    .literal([30, 60, 90, 120, 150, 180, 365, 400, 731, 1096, 1827, 3653])
    .optional()
    .describe("How long the control plane's logs, the audit log among them, are kept. Default 365."),
  addonVersions: z
    .strictObject({
      vpcCni: z.string(),
      coredns: z.string(),
      kubeProxy: z.string(),
      podIdentityAgent: z.string(),
      ebsCsi: z.string(),
    })
    .partial()
    .optional()
    .describe("Versions of EKS's own add-ons. Default: EKS's default when the add-on is made, kept until set here."),
  network: z
    .strictObject({ ...ownNetwork.shape, ...existingNetwork.shape })
    .partial()
    .optional()
    .describe("A VPC of its own by cidr, zones and nat; or one that is there, by its ids."),
  nodeGroup,
});

/** The one ECR repository of an environment set. */
export const registrySchema = z.strictObject({
  repository: z
    .string()
    .regex(/^[a-z0-9]+([._/-][a-z0-9]+)*$/, "an ECR repository's name, such as shop")
    .describe("Holds the images of all services; tags are <service>-<release>."),
  owner: z.string().describe("Stack that declares it. The others refer to it; take one that is never destroyed."),
  accountId: accountId.optional().describe("The owner's account. Default this stack's."),
  readers: z.array(accountId).optional().describe("Other accounts whose nodes pull from it."),
  keepReleases: z.int().min(10).max(500).optional().describe("Newest images kept of each service. Default 30."),
});

export const loadBalancerSchema = z.strictObject({
  certificateArn: arn.optional().describe("ACM certificate for HTTPS. Without it only HTTP is served."),
  allowCidrs: z.array(cidr).min(1).optional().describe("Who may connect. Default 0.0.0.0/0, everyone."),
  deregistrationSeconds: z
    .int()
    .min(0)
    .max(3600)
    .optional()
    .describe("How long a node that leaves may finish its connections. Default 30."),
});

export const alertsSchema = z.strictObject({
  email: z.array(z.email()).describe("Told when a node is added, removed or fails to start, and of alarms."),
});

export const artifactsSchema = z.strictObject({
  retainDays: z.int().min(30).max(3650).optional().describe("How long a release's artifacts are kept. Default 365."),
});

export const deliverySchema = z.strictObject({
  github: z.strictObject({
    repository: z
      .string()
      .regex(
        /^[\w.-]+(@[0-9]+)?\/[\w.-]+(@[0-9]+)?$/,
        "<owner>/<name>, with their ids where GitHub's tokens carry them",
      ),
    environment: z.string().optional().describe("GitHub environment that may deploy. Default the stack's name."),
    provider: z
      .enum(["create", "existing"])
      .optional()
      .describe("GitHub's OIDC provider, of which an account has one. Default create."),
  }),
});

export type AwsConfig = z.infer<typeof awsSchema>;
export type EksClusterConfig = z.infer<typeof eksCluster>;
export type NodeGroupConfig = EksClusterConfig["nodeGroup"];
/** Told apart by `vpcId`; rules.ts refuses a mixture. */
export type NetworkConfig = z.infer<typeof ownNetwork> | z.infer<typeof existingNetwork>;
export type RegistryConfig = z.infer<typeof registrySchema>;
export type LoadBalancerConfig = z.infer<typeof loadBalancerSchema>;
export type DeliveryConfig = z.infer<typeof deliverySchema>;
