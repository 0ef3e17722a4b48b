import { z } from "zod";
import { accountId, arn, cidr } from "./formats.ts";

/** https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html#id_tags_naming_best_practices */
const tagKey = z
  .string()
  .regex(
    /^(?![aA][wW][sS]:)[\p{L}\p{Z}\p{N}_.:/=+@-]{1,128}$/u,
    "1 to 128 letters, digits, spaces and _.:/=+-@, not starting with aws:",
  );
const tagValue = z
  .string()
  .regex(/^[\p{L}\p{Z}\p{N}_.:/=+@-]{0,256}$/u, "up to 256 letters, digits, spaces and _.:/=+-@");

/** Where the environment runs in AWS. Required by the target eks. */
export const awsSchema = z.strictObject({
  accountId: accountId.describe("The only account this stack may change. Credentials of another account are refused."),
  // The partitions of China, GovCloud and the isolated regions write ARNs differently.
  region: z
    .string()
    .regex(
      /^(?!cn-|us-gov-|[a-z]{2}-iso)[a-z]{2}(-[a-z]+)+-[0-9]$/,
      "a region of the standard AWS partition, such as ap-northeast-2",
    ),
  zones: z
    .array(z.string().regex(/^[a-z]{2}(-[a-z]+)+-[0-9][a-z]$/, "an availability zone, such as ap-northeast-2a"))
    .min(2)
    .max(3)
    .optional()
    .describe(
      "Availability zones of the VPC that the stack creates, two or three of the region. If left out: the first of the region that " +
        "offer an instance type of cluster.nodeGroup, as many as cluster.network.zones says. The zones of the last update are kept.",
    ),
  tags: z
    .record(tagKey, tagValue)
    .default({})
    .describe("Added to every resource, besides project, environment and managed-by."),
});

/** The ECR repository that a set of environments shares. */
export const registrySchema = z.strictObject({
  repository: z
    .string()
    .regex(
      /^(?=.{2,256}$)[a-z0-9]+([._/-][a-z0-9]+)*$/,
      "an ECR repository's name of 2 to 256 characters, such as shop",
    )
    .describe("Holds the images of all services, tagged <service>-<release>."),
  owner: z
    .string()
    .describe("Stack that creates the repository. The others only use it. Choose one that is never destroyed."),
  accountId: accountId.optional().describe("The owner's account. If left out: this stack's account."),
  readers: z.array(accountId).default([]).describe("Other accounts whose nodes pull from the repository."),
  keepReleases: z.int().min(10).max(500).default(30).describe("Newest images to keep of each service."),
});

export const loadBalancerSchema = z.strictObject({
  certificateArn: arn.optional().describe("ACM certificate for HTTPS. Without it, only HTTP is served."),
  allowCidrs: z.array(cidr).min(1).default(["0.0.0.0/0"]).describe("Address ranges that may connect."),
  deregistrationSeconds: z
    .int()
    .min(0)
    .max(3600)
    .default(30)
    .describe("How long requests may take to finish on a node that is being removed."),
});

/** Minutes in a row, so that a single bad minute sends no mail. CloudWatch looks back one day at most. */
const minutesInARow = (minutes: number) =>
  z.int().min(1).max(60).default(minutes).describe("Minutes in a row before the mail is sent.");
const alarmEnabled = z.boolean().default(true).describe("false: no such alarm. Each costs 0.10 USD a month.");

export const alertsSchema = z.strictObject({
  email: z
    .array(z.email("an e-mail address"))
    .default([])
    .describe("Addresses that get a mail when a node is added, removed or fails to start, and when an alarm goes off."),
  targetErrors: z
    .strictObject({
      enabled: alarmEnabled,
      perMinute: z.int().min(1).default(20).describe("Answers of 500 to 599 in a minute, from which it is an alarm."),
      minutes: minutesInARow(3),
    })
    .prefault({})
    .describe("Alarm when services, or Traefik because no pod is ready, answer with 500 to 599."),
  loadBalancerErrors: z
    .strictObject({
      enabled: alarmEnabled,
      perMinute: z.int().min(1).default(5).describe("Answers of 500 to 599 in a minute, from which it is an alarm."),
      minutes: minutesInARow(2),
    })
    .prefault({})
    .describe("Alarm when the load balancer itself answers with 500 to 599, because no node answers, or none in time."),
  unhealthyNodes: z
    .strictObject({
      enabled: alarmEnabled,
      nodes: z.int().min(1).max(450).default(1).describe("Unhealthy nodes, from which it is an alarm."),
      minutes: minutesInARow(10),
    })
    .prefault({})
    .describe("Alarm when nodes fail the load balancer's health check."),
  noHealthyNode: z
    .strictObject({ enabled: alarmEnabled, minutes: minutesInARow(2) })
    .prefault({})
    .describe("Alarm when no node passes the load balancer's health check: the site is down."),
  podsWaiting: z
    .strictObject({
      enabled: alarmEnabled,
      pods: z.int().min(1).default(1).describe("Pods without a node, from which it is an alarm."),
      minutes: minutesInARow(15),
    })
    .prefault({})
    .describe("Alarm when pods find no node that has room for them. New nodes need some minutes."),
  nodesNotReady: z
    .strictObject({
      enabled: alarmEnabled,
      nodes: z.int().min(1).max(450).default(1).describe("Nodes that are not ready, from which it is an alarm."),
      minutes: minutesInARow(5),
    })
    .prefault({})
    .describe(
      "Alarm when nodes are not ready, or short of memory, disk or processes. Needs cluster.containerInsights.",
    ),
  podRestarts: z
    .strictObject({
      enabled: alarmEnabled,
      restarts: z.int().min(1).default(3).describe("Restarts of containers, from which it is an alarm."),
      minutes: z.int().min(1).max(60).default(15).describe("Minutes in which they are counted."),
    })
    .prefault({})
    .describe("Alarm when containers of the cluster restart. Needs cluster.containerInsights."),
});

export const artifactsSchema = z.strictObject({
  retainDays: z.int().min(30).max(3650).default(365).describe("How long a release's artifacts are kept."),
});
