import { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import {
  CloudWatchClient,
  TagResourceCommand as TagAlarmCommand,
  UntagResourceCommand as UntagAlarmCommand,
} from "@aws-sdk/client-cloudwatch";
import {
  CloudWatchLogsClient,
  TagResourceCommand as TagLogGroupCommand,
  UntagResourceCommand as UntagLogGroupCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { CreateTagsCommand, DeleteTagsCommand, EC2Client } from "@aws-sdk/client-ec2";
import {
  ECRClient,
  TagResourceCommand as TagRepositoryCommand,
  UntagResourceCommand as UntagRepositoryCommand,
} from "@aws-sdk/client-ecr";
import {
  EKSClient,
  TagResourceCommand as TagEksCommand,
  UntagResourceCommand as UntagEksCommand,
} from "@aws-sdk/client-eks";
import {
  AddTagsCommand,
  ElasticLoadBalancingV2Client,
  RemoveTagsCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import {
  IAMClient,
  TagOpenIDConnectProviderCommand,
  TagRoleCommand,
  UntagOpenIDConnectProviderCommand,
  UntagRoleCommand,
} from "@aws-sdk/client-iam";
import {
  KMSClient,
  TagResourceCommand as TagKeyCommand,
  UntagResourceCommand as UntagKeyCommand,
} from "@aws-sdk/client-kms";
import { S3Client } from "@aws-sdk/client-s3";
import {
  SNSClient,
  TagResourceCommand as TagTopicCommand,
  UntagResourceCommand as UntagTopicCommand,
} from "@aws-sdk/client-sns";
import { type CommandClass, type Service, send } from "./declared-resource.ts";
import type { MemberCase, Message } from "./mapping.ts";
import type { ClientClass, Tagged, Tagging } from "./resource.ts";
import { tagList } from "./tags.ts";

/** How a service tags: its calls, the member that names the resource, and the member that holds its ID or ARN. */
interface TagCalls {
  add: CommandClass;
  remove: CommandClass;
  /** What names the resource. */
  of(tagged: Tagged): Message;
  /** The tags that are added. @default `Tags`, a list of keys and values */
  added?(tags: Record<string, string>): Message;
  /** The tags that are removed. @default `TagKeys` */
  removed?(keys: string[]): Message;
}

function service(
  client: ClientClass<unknown>,
  memberCase: MemberCase,
  calls?: TagCalls,
  tagMembers: Service["tagMembers"] = calls?.added ?? ((tags) => ({ Tags: tagList(tags) })),
): Service {
  const own: Service = { client, memberCase, tagMembers };
  return calls ? { ...own, tagging: taggingOf(own, calls) } : own;
}

function taggingOf(own: Service, calls: TagCalls): Tagging {
  const { add, remove, of, added = (tags) => ({ Tags: tagList(tags) }), removed = (TagKeys) => ({ TagKeys }) } = calls;
  return {
    add: (to, tags, aws) => send(aws, own, new add({ ...of(to), ...added(tags) } as never)),
    remove: (from, keys, aws) => send(aws, own, new remove({ ...of(from), ...removed(keys) } as never)),
  };
}

/** The ARN of a resource, by the name that its type has for it. */
const resourceArn = ({ old }: Tagged) => ({ resourceArn: old.arn ?? old.accessEntryArn ?? old.associationArn });
const camelKeys = (tagKeys: string[]) => ({ tagKeys });

export const autoScaling = service(AutoScalingClient, "Pascal");

export const cloudWatch = service(CloudWatchClient, "Pascal", {
  add: TagAlarmCommand,
  remove: UntagAlarmCommand,
  of: ({ old }) => ({ ResourceARN: old.arn }),
});

export const logs = service(CloudWatchLogsClient, "camel", {
  add: TagLogGroupCommand,
  remove: UntagLogGroupCommand,
  of: resourceArn,
  added: (tags) => ({ tags }),
  removed: camelKeys,
});

export const ec2 = service(
  EC2Client,
  "Pascal",
  {
    add: CreateTagsCommand,
    remove: DeleteTagsCommand,
    of: ({ id }) => ({ Resources: [id] }),
    removed: (keys) => ({ Tags: keys.map((Key) => ({ Key })) }),
  },
  (all, ResourceType) => {
    const Tags = tagList(all);
    return { TagSpecifications: Tags && [{ ResourceType, Tags }] };
  },
);

export const ecr = service(ECRClient, "camel", {
  add: TagRepositoryCommand,
  remove: UntagRepositoryCommand,
  of: resourceArn,
  added: (tags) => ({ tags: tagList(tags) }),
  removed: camelKeys,
});

export const eks = service(EKSClient, "camel", {
  add: TagEksCommand,
  remove: UntagEksCommand,
  of: resourceArn,
  added: (tags) => ({ tags }),
  removed: camelKeys,
});

export const loadBalancing = service(ElasticLoadBalancingV2Client, "Pascal", {
  add: AddTagsCommand,
  remove: RemoveTagsCommand,
  of: ({ id }) => ({ ResourceArns: [id] }),
});

/** Roles. */
export const iam = service(IAMClient, "Pascal", {
  add: TagRoleCommand,
  remove: UntagRoleCommand,
  of: ({ id }) => ({ RoleName: id }),
});

/** OpenID Connect providers, which IAM tags by calls of their own. */
export const iamProviders = service(IAMClient, "Pascal", {
  add: TagOpenIDConnectProviderCommand,
  remove: UntagOpenIDConnectProviderCommand,
  of: ({ id }) => ({ OpenIDConnectProviderArn: id }),
});

export const kms = service(KMSClient, "Pascal", {
  add: TagKeyCommand,
  remove: UntagKeyCommand,
  of: ({ id }) => ({ KeyId: id }),
  added: (tags) => ({ Tags: Object.entries(tags).map(([TagKey, TagValue]) => ({ TagKey, TagValue })) }),
});

export const s3 = service(S3Client, "Pascal");

export const sns = service(SNSClient, "Pascal", {
  add: TagTopicCommand,
  remove: UntagTopicCommand,
  of: ({ id }) => ({ ResourceArn: id }),
});
