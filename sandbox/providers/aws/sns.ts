import {
  CreateTopicCommand,
  DeleteTopicCommand,
  GetTopicAttributesCommand,
  ListTagsForResourceCommand,
  SetTopicAttributesCommand,
  SNSClient,
  TagResourceCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-sns";
import { isError, unlessGone } from "./errors.ts";
import { requiredText, text, textMap } from "./props.ts";
import type { AwsContext, AwsResource } from "./resource.ts";
import { topicSubscription } from "./sns-subscription.ts";
import { tagChanges, tagList, tagMap } from "./tag-changes.ts";

const GONE = ["NotFound", "NotFoundException"];

/** Inputs of a topic that are attributes in SNS. */
const ATTRIBUTES = {
  deliveryPolicy: "DeliveryPolicy",
  displayName: "DisplayName",
  kmsMasterKeyId: "KmsMasterKeyId",
  policy: "Policy",
  signatureVersion: "SignatureVersion",
  tracingConfig: "TracingConfig",
} as const;

/** `aws:sns/topic:Topic` of the standard kind. */
const topic: AwsResource = {
  tagged: true,
  autoname: "name",
  autonameLimit: 256,
  inputs: {
    deliveryPolicy: { json: "document" },
    displayName: {},
    kmsMasterKeyId: {},
    name: { computed: true, forcesNew: true },
    policy: { computed: true, json: "policy" },
    signatureVersion: { computed: true },
    tracingConfig: { computed: true },
  },

  async create(props, aws, op) {
    const request = { Name: requiredText(props, "name"), Tags: tagList(textMap(props, "tagsAll")) };
    const { TopicArn = "" } = await aws.client(SNSClient).send(new CreateTopicCommand(request));
    op.made(TopicArn);
    for (const [name, AttributeName] of Object.entries(ATTRIBUTES)) {
      if (props[name] !== undefined) await setAttribute(aws, TopicArn, AttributeName, String(props[name]));
    }
    return TopicArn;
  },

  async read(id, _known, aws) {
    const found = await attributesOf(aws, id);
    if (!found) return undefined;
    const { Tags } = await aws.client(SNSClient).send(new ListTagsForResourceCommand({ ResourceArn: id }));
    return {
      arn: found.TopicArn,
      deliveryPolicy: found.DeliveryPolicy,
      displayName: found.DisplayName,
      kmsMasterKeyId: found.KmsMasterKeyId,
      name: id.slice(id.lastIndexOf(":") + 1),
      owner: found.Owner,
      policy: found.Policy,
      signatureVersion: found.SignatureVersion ? Number(found.SignatureVersion) : undefined,
      tags: tagMap(Tags),
      tracingConfig: found.TracingConfig,
    };
  },

  async update(id, props, old, changed, aws) {
    for (const [name, AttributeName] of Object.entries(ATTRIBUTES)) {
      if (changed.has(name)) await setAttribute(aws, id, AttributeName, String(props[name] ?? ""));
    }
    if (!changed.has("tagsAll")) return;
    const sns = aws.client(SNSClient);
    const { added, removed } = tagChanges(props, old);
    if (removed.length > 0) await sns.send(new UntagResourceCommand({ ResourceArn: id, TagKeys: removed }));
    const Tags = tagList(added);
    if (Tags) await sns.send(new TagResourceCommand({ ResourceArn: id, Tags }));
  },

  async delete(id, _props, aws) {
    await unlessGone(aws.client(SNSClient).send(new DeleteTopicCommand({ TopicArn: id })), ...GONE);
  },
};

/** `aws:sns/topicPolicy:TopicPolicy`. */
const topicPolicy: AwsResource = {
  inputs: {
    arn: { required: true, forcesNew: true },
    policy: { required: true, json: "policy" },
  },

  async create(props, aws) {
    const arn = requiredText(props, "arn");
    await setAttribute(aws, arn, "Policy", requiredText(props, "policy"));
    return arn;
  },

  async read(id, _known, aws) {
    const found = await attributesOf(aws, id);
    return found?.Policy ? { arn: id, owner: found.Owner, policy: found.Policy } : undefined;
  },

  async update(id, props, _old, _changed, aws) {
    await setAttribute(aws, id, "Policy", requiredText(props, "policy"));
  },

  /** A topic always has a policy: what is left is the one it was made with. */
  async delete(id, props, aws) {
    const policy = defaultPolicy(id, text(props, "owner") ?? aws.accountId);
    try {
      await setAttribute(aws, id, "Policy", policy);
    } catch (error) {
      if (!isError(error, ...GONE)) throw error;
    }
  },
};

export const snsResources: Record<string, AwsResource> = {
  "aws:sns/topic:Topic": topic,
  "aws:sns/topicPolicy:TopicPolicy": topicPolicy,
  "aws:sns/topicSubscription:TopicSubscription": topicSubscription,
};

async function attributesOf(aws: AwsContext, TopicArn: string): Promise<Record<string, string> | undefined> {
  const answer = aws.client(SNSClient).send(new GetTopicAttributesCommand({ TopicArn }));
  return (await unlessGone(answer, ...GONE))?.Attributes;
}

async function setAttribute(aws: AwsContext, TopicArn: string, name: string, value: string): Promise<void> {
  const request = { TopicArn, AttributeName: name, AttributeValue: value };
  await aws.client(SNSClient).send(new SetTopicAttributesCommand(request));
}

/** https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html */
function defaultPolicy(topicArn: string, owner: string): string {
  const actions = [
    "AddPermission",
    "DeleteTopic",
    "GetTopicAttributes",
    "ListSubscriptionsByTopic",
    "Publish",
    "RemovePermission",
    "SetTopicAttributes",
    "Subscribe",
  ];
  return JSON.stringify({
    Version: "2008-10-17",
    Id: "__default_policy_ID",
    Statement: [
      {
        Sid: "__default_statement_ID",
        Effect: "Allow",
        Principal: { AWS: "*" },
        Action: actions.map((action) => `SNS:${action}`),
        Resource: topicArn,
        Condition: { StringEquals: { "AWS:SourceOwner": owner } },
      },
    ],
  });
}
