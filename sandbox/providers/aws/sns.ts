import {
  CreateTopicCommand,
  DeleteTopicCommand,
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  ListTagsForResourceCommand,
  SetTopicAttributesCommand,
  SNSClient,
  SubscribeCommand,
  TagResourceCommand,
  UnsubscribeCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-sns";
import { isError, unlessGone } from "./errors.ts";
import { requiredText, text, textMap } from "./props.ts";
import type { AwsContext, AwsResource } from "./resource.ts";
import { tagList, tagMap } from "./tags.ts";

const sns = (aws: AwsContext): SNSClient => aws.client(SNSClient);

const GONE = ["NotFound", "NotFoundException"];

/** `aws:sns/topic:Topic` of the standard kind, encrypted. */
const topic: AwsResource = {
  autonameLimit: 256,
  inputs: { kmsMasterKeyId: { required: true }, name: { computed: true, forcesNew: true } },
  tags: {
    add: ({ id }, tags, aws) => sns(aws).send(new TagResourceCommand({ ResourceArn: id, Tags: tagList(tags) })),
    remove: ({ id }, TagKeys, aws) => sns(aws).send(new UntagResourceCommand({ ResourceArn: id, TagKeys })),
  },

  async create(props, aws) {
    const { TopicArn = "" } = await sns(aws).send(
      new CreateTopicCommand({
        Name: requiredText(props, "name"),
        Attributes: { KmsMasterKeyId: requiredText(props, "kmsMasterKeyId") },
        Tags: tagList(textMap(props, "tagsAll")),
      }),
    );
    return TopicArn;
  },

  async read(id, _known, aws) {
    const found = await attributesOf(aws, id);
    if (!found) return undefined;
    const { Tags } = await sns(aws).send(new ListTagsForResourceCommand({ ResourceArn: id }));
    return { arn: id, kmsMasterKeyId: found.KmsMasterKeyId, name: id.split(":").at(-1), tags: tagMap(Tags) };
  },

  update: (id, props, _old, _changed, aws) =>
    setAttribute(aws, id, "KmsMasterKeyId", requiredText(props, "kmsMasterKeyId")),

  async delete(id, _props, aws) {
    await unlessGone(sns(aws).send(new DeleteTopicCommand({ TopicArn: id })), ...GONE);
  },
};

/** `aws:sns/topicPolicy:TopicPolicy`. */
const topicPolicy: AwsResource = {
  inputs: {
    arn: { required: true, forcesNew: true },
    policy: { required: true, json: true },
  },

  async create(props, aws) {
    const arn = requiredText(props, "arn");
    await setAttribute(aws, arn, "Policy", requiredText(props, "policy"));
    return arn;
  },

  async read(id, _known, aws) {
    const found = await attributesOf(aws, id);
    return found?.Policy ? { arn: id, policy: found.Policy } : undefined;
  },

  update: (id, props, _old, _changed, aws) => setAttribute(aws, id, "Policy", requiredText(props, "policy")),

  /** A topic always has a policy: what is left is the one it was made with. */
  async delete(id, _props, aws) {
    await unlessGone(setAttribute(aws, id, "Policy", defaultPolicy(id, aws.accountId)), ...GONE);
  },
};

/** https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html */
function defaultPolicy(topicArn: string, owner: string): string {
  const topicActions = ["GetTopicAttributes", "SetTopicAttributes", "AddPermission", "RemovePermission", "DeleteTopic"];
  const statement = {
    Sid: "__default_statement_ID",
    Effect: "Allow",
    Principal: { AWS: "*" },
    Action: [...topicActions, "Subscribe", "ListSubscriptionsByTopic", "Publish"].map((action) => `SNS:${action}`),
    Resource: topicArn,
    Condition: { StringEquals: { "AWS:SourceOwner": owner } },
  };
  return JSON.stringify({ Version: "2008-10-17", Id: "__default_policy_ID", Statement: [statement] });
}

async function attributesOf(aws: AwsContext, TopicArn: string): Promise<Record<string, string> | undefined> {
  const answer = sns(aws).send(new GetTopicAttributesCommand({ TopicArn }));
  return (await unlessGone(answer, ...GONE))?.Attributes;
}

async function setAttribute(aws: AwsContext, TopicArn: string, name: string, value: string): Promise<void> {
  const request = { TopicArn, AttributeName: name, AttributeValue: value };
  await sns(aws).send(new SetTopicAttributesCommand(request));
}

/** `aws:sns/topicSubscription:TopicSubscription` by mail, which waits for its reader: nobody else can confirm it. */
const topicSubscription: AwsResource = {
  inputs: {
    endpoint: { required: true, forcesNew: true },
    protocol: { required: true, allowed: ["email"], forcesNew: true },
    topic: { required: true, forcesNew: true },
  },

  async create(props, aws) {
    const answer = await sns(aws).send(
      new SubscribeCommand({
        TopicArn: requiredText(props, "topic"),
        Endpoint: text(props, "endpoint"),
        Protocol: "email",
        // Without it, one that waits for its confirmation would have no ARN.
        ReturnSubscriptionArn: true,
      }),
    );
    return answer.SubscriptionArn ?? "";
  },

  async read(id, _known, aws) {
    const call = sns(aws).send(new GetSubscriptionAttributesCommand({ SubscriptionArn: id }));
    const found = (await unlessGone(call, ...GONE))?.Attributes;
    return found && { endpoint: found.Endpoint, protocol: found.Protocol, topic: found.TopicArn };
  },

  async delete(id, _props, aws) {
    try {
      await sns(aws).send(new UnsubscribeCommand({ SubscriptionArn: id }));
    } catch (error) {
      // One that was never confirmed goes by itself, after two days.
      const pending = error instanceof Error && error.message.includes("pending confirmation");
      if (!pending && !isError(error, ...GONE)) throw error;
    }
  },
};

export const snsResources: Record<string, AwsResource> = {
  "aws:sns/topic:Topic": topic,
  "aws:sns/topicPolicy:TopicPolicy": topicPolicy,
  "aws:sns/topicSubscription:TopicSubscription": topicSubscription,
};
