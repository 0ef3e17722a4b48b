import * as sns from "@aws-sdk/client-sns";
import { declared } from "../declared-resource.ts";
import { isError } from "../errors.ts";
import { type AwsResource, fixed } from "../resource.ts";
import { snsService } from "../services.ts";

const GONE = ["NotFound", "NotFoundException"];

/** Of the standard kind, encrypted. */
const topic = declared(snsService, {
  tagged: true,
  autonameLimit: 256,
  identity: "TopicArn",
  inputs: {
    kmsMasterKeyId: { required: true, api: "Attributes.KmsMasterKeyId", read: "KmsMasterKeyId" },
    name: { forcesNew: true, computed: true, read: "TopicArn", parse: (arn) => String(arn).split(":").at(-1) },
  },
  outputs: { arn: (_, id) => id },
  create: sns.CreateTopicCommand,
  id: "TopicArn",
  read: {
    command: sns.GetTopicAttributesCommand,
    found: "Attributes",
    more: (_, ResourceArn) => [new sns.ListTagsForResourceCommand({ ResourceArn })],
  },
  update: [
    {
      on: ["kmsMasterKeyId"],
      command: sns.SetTopicAttributesCommand,
      as: { kmsMasterKeyId: "AttributeValue" },
      with: { AttributeName: "KmsMasterKeyId" },
    },
  ],
  delete: sns.DeleteTopicCommand,
});

const setPolicy = { command: sns.SetTopicAttributesCommand, with: { AttributeName: "Policy" } };

const topicPolicy = declared(snsService, {
  identity: "TopicArn",
  inputs: {
    arn: { ...fixed, api: "TopicArn", returned: false },
    policy: { required: true, json: true, api: "AttributeValue", read: "Policy" },
  },
  create: setPolicy,
  id: ({ arn }) => String(arn),
  read: { command: sns.GetTopicAttributesCommand, found: "Attributes", isGone: ({ Policy }) => !Policy },
  update: [setPolicy],
  delete: {
    command: sns.SetTopicAttributesCommand,
    // A topic always has a policy: what is left is the one that it was created with.
    with: (id, _props, { accountId }) => ({ AttributeName: "Policy", AttributeValue: defaultPolicy(id, accountId) }),
  },
});

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

/** By mail. It stays pending until its reader confirms it. */
const topicSubscription = declared(snsService, {
  identity: "SubscriptionArn",
  // AWS deletes one that was never confirmed after two days, and refuses to do it earlier.
  gone: (error) => isError(error, ...GONE) || error.message.includes("pending confirmation"),
  inputs: {
    endpoint: fixed,
    protocol: { ...fixed, allowed: ["email"] },
    topic: { ...fixed, api: "TopicArn" },
  },
  // Otherwise a pending subscription has no ARN.
  create: { command: sns.SubscribeCommand, with: { ReturnSubscriptionArn: true } },
  id: "SubscriptionArn",
  read: { command: sns.GetSubscriptionAttributesCommand, found: "Attributes" },
  delete: sns.UnsubscribeCommand,
});

export const snsResources: Record<string, AwsResource> = {
  "aws:sns/topic:Topic": topic,
  "aws:sns/topicPolicy:TopicPolicy": topicPolicy,
  "aws:sns/topicSubscription:TopicSubscription": topicSubscription,
};
