import * as autoscaling from "@aws-sdk/client-auto-scaling";
import * as cloudwatch from "@aws-sdk/client-cloudwatch";
import * as logs from "@aws-sdk/client-cloudwatch-logs";
import * as ec2 from "@aws-sdk/client-ec2";
import * as ecr from "@aws-sdk/client-ecr";
import * as eks from "@aws-sdk/client-eks";
import * as elb from "@aws-sdk/client-elastic-load-balancing-v2";
import * as iam from "@aws-sdk/client-iam";
import * as kms from "@aws-sdk/client-kms";
import * as s3 from "@aws-sdk/client-s3";
import * as sns from "@aws-sdk/client-sns";
import type { CommandClass, Service } from "./declaration.ts";
import { send } from "./declared-resource.ts";
import type { Message } from "./mapping.ts";
import type { ClientClass, Tagged, Tagging } from "./resource.ts";
import { tagList } from "./tags.ts";

/** The calls by which a service tags. */
interface TagCalls {
  add: CommandClass;
  remove: CommandClass;
  /** The members that name the resource. */
  of(tagged: Tagged): Message;
  /** The members that hold added tags. @default `Tags`, a list of keys and values */
  added?(tags: Record<string, string>): Message;
  /** The members that hold removed keys. @default `TagKeys` */
  removed?(keys: string[]): Message;
}

function serviceOf(client: ClientClass<unknown>, own: Partial<Service> = {}, calls?: TagCalls): Service {
  const { added = (tags) => ({ Tags: tagList(tags) }), removed = (TagKeys) => ({ TagKeys }) } =
    calls ?? ({} as Partial<TagCalls>);
  const service: Service = { client, memberCase: "Pascal", tagMembers: added, ...own };
  if (!calls) return service;
  const { add, remove, of } = calls;
  const tagging: Tagging = {
    add: (to, tags, aws) => send(aws, service, new add({ ...of(to), ...added(tags) } as never)),
    remove: (from, keys, aws) => send(aws, service, new remove({ ...of(from), ...removed(keys) } as never)),
  };
  return { ...service, tagging };
}

/** The ARN of a resource, by the name that its type has for it. */
const resourceArn = ({ old }: Tagged) => ({ resourceArn: old.arn ?? old.accessEntryArn ?? old.associationArn });
const tagKeys = (keys: string[]) => ({ tagKeys: keys });
const camel = { memberCase: "camel" } as const;

export const autoScalingService = serviceOf(autoscaling.AutoScalingClient);

export const cloudWatchService = serviceOf(
  cloudwatch.CloudWatchClient,
  { gone: ["ResourceNotFound", "ResourceNotFoundException"] },
  {
    add: cloudwatch.TagResourceCommand,
    remove: cloudwatch.UntagResourceCommand,
    of: ({ old }) => ({ ResourceARN: old.arn }),
  },
);

export const logsService = serviceOf(
  logs.CloudWatchLogsClient,
  { ...camel, gone: ["ResourceNotFoundException"] },
  {
    add: logs.TagResourceCommand,
    remove: logs.UntagResourceCommand,
    of: resourceArn,
    added: (tags) => ({ tags }),
    removed: tagKeys,
  },
);

export const ec2Service = serviceOf(
  ec2.EC2Client,
  {
    tagMembers(all, ResourceType) {
      const Tags = tagList(all);
      return { TagSpecifications: Tags && [{ ResourceType, Tags }] };
    },
  },
  {
    add: ec2.CreateTagsCommand,
    remove: ec2.DeleteTagsCommand,
    of: ({ id }) => ({ Resources: [id] }),
    removed: (keys) => ({ Tags: keys.map((Key) => ({ Key })) }),
  },
);

export const ecrService = serviceOf(ecr.ECRClient, camel, {
  add: ecr.TagResourceCommand,
  remove: ecr.UntagResourceCommand,
  of: resourceArn,
  added: (tags) => ({ tags: tagList(tags) }),
  removed: tagKeys,
});

export const eksService = serviceOf(
  eks.EKSClient,
  { ...camel, gone: ["ResourceNotFoundException"] },
  {
    add: eks.TagResourceCommand,
    remove: eks.UntagResourceCommand,
    of: resourceArn,
    added: (tags) => ({ tags }),
    removed: tagKeys,
  },
);

export const elbService = serviceOf(
  elb.ElasticLoadBalancingV2Client,
  {},
  { add: elb.AddTagsCommand, remove: elb.RemoveTagsCommand, of: ({ id }) => ({ ResourceArns: [id] }) },
);

const iamGone = { gone: ["NoSuchEntity", "NoSuchEntityException"] };

/** Roles. */
export const iamService = serviceOf(iam.IAMClient, iamGone, {
  add: iam.TagRoleCommand,
  remove: iam.UntagRoleCommand,
  of: ({ id }) => ({ RoleName: id }),
});

/** Managed policies, which IAM tags by calls of their own. */
export const iamPolicyService = serviceOf(iam.IAMClient, iamGone, {
  add: iam.TagPolicyCommand,
  remove: iam.UntagPolicyCommand,
  of: ({ id }) => ({ PolicyArn: id }),
});

/** OpenID Connect providers, which IAM tags by calls of their own. */
export const iamProviderService = serviceOf(iam.IAMClient, iamGone, {
  add: iam.TagOpenIDConnectProviderCommand,
  remove: iam.UntagOpenIDConnectProviderCommand,
  of: ({ id }) => ({ OpenIDConnectProviderArn: id }),
});

export const kmsService = serviceOf(
  kms.KMSClient,
  { gone: ["NotFoundException"] },
  {
    add: kms.TagResourceCommand,
    remove: kms.UntagResourceCommand,
    of: ({ id }) => ({ KeyId: id }),
    added: (tags) => ({ Tags: Object.entries(tags).map(([TagKey, TagValue]) => ({ TagKey, TagValue })) }),
  },
);

export const s3Service = serviceOf(s3.S3Client);

export const snsService = serviceOf(
  sns.SNSClient,
  { gone: ["NotFound", "NotFoundException"] },
  { add: sns.TagResourceCommand, remove: sns.UntagResourceCommand, of: ({ id }) => ({ ResourceArn: id }) },
);
