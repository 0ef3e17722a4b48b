import {
  GetSubscriptionAttributesCommand,
  SetSubscriptionAttributesCommand,
  SNSClient,
  SubscribeCommand,
  UnsubscribeCommand,
} from "@aws-sdk/client-sns";
import { isError, unlessGone } from "./errors.ts";
import { notAmong } from "./input-faults.ts";
import { flag, number, requiredText } from "./props.ts";
import type { AwsContext, AwsResource } from "./resource.ts";
import { waitFor } from "./wait.ts";

const GONE = ["NotFound", "NotFoundException"];
const WAIT_SECONDS = 2 * 60;
const PROTOCOLS = ["application", "email", "email-json", "firehose", "http", "https", "lambda", "sms", "sqs"];

/** Inputs of a subscription that are attributes in SNS, the scope of the filter after the filter. */
const ATTRIBUTES = {
  deliveryPolicy: "DeliveryPolicy",
  filterPolicy: "FilterPolicy",
  filterPolicyScope: "FilterPolicyScope",
  rawMessageDelivery: "RawMessageDelivery",
  redrivePolicy: "RedrivePolicy",
} as const;

/** `aws:sns/topicSubscription:TopicSubscription`. */
export const topicSubscription: AwsResource = {
  changing: ["confirmationWasAuthenticated", "pendingConfirmation"],
  inputs: {
    confirmationTimeoutInMinutes: { default: 1 },
    deliveryPolicy: { json: "document" },
    endpoint: { required: true, forcesNew: true },
    endpointAutoConfirms: { default: false },
    filterPolicy: { json: "document" },
    filterPolicyScope: { computed: true },
    protocol: { required: true, forcesNew: true },
    rawMessageDelivery: { default: false },
    redrivePolicy: { json: "document" },
    topic: { required: true, forcesNew: true },
  },

  validate: (props) => notAmong("protocol", props.protocol, PROTOCOLS),

  async create(props, aws, op) {
    const protocol = requiredText(props, "protocol");
    const attributes = Object.entries(ATTRIBUTES)
      .filter(([name]) => props[name] !== undefined && props[name] !== false)
      .map(([name, attribute]) => [attribute, String(props[name])] as const);
    const answer = await aws.client(SNSClient).send(
      new SubscribeCommand({
        TopicArn: requiredText(props, "topic"),
        Endpoint: requiredText(props, "endpoint"),
        Protocol: protocol,
        Attributes: Object.fromEntries(attributes),
        // Without it, one that waits for its confirmation would have no ARN.
        ReturnSubscriptionArn: true,
      }),
    );
    const id = answer.SubscriptionArn ?? "";
    op.made(id);
    // A mail waits for its reader, an HTTP endpoint that does not confirm by itself for its owner: nobody else can.
    const byHand =
      protocol.startsWith("email") || (protocol.startsWith("http") && !flag(props, "endpointAutoConfirms"));
    if (byHand) return id;
    const minutes = protocol.startsWith("http") ? number(props, "confirmationTimeoutInMinutes") : undefined;
    const timeoutSeconds = minutes === undefined ? WAIT_SECONDS : minutes * 60;
    await waitFor(op, { until: `the endpoint of "${id}" confirms`, timeoutSeconds }, async () =>
      (await attributesOf(aws, id))?.PendingConfirmation === "false" ? true : undefined,
    );
    return id;
  },

  async read(id, known, aws) {
    const found = await attributesOf(aws, id);
    if (!found) return undefined;
    return {
      arn: found.SubscriptionArn,
      confirmationTimeoutInMinutes: number(known, "confirmationTimeoutInMinutes") ?? 1,
      confirmationWasAuthenticated: found.ConfirmationWasAuthenticated === "true",
      deliveryPolicy: found.DeliveryPolicy,
      endpoint: found.Endpoint,
      endpointAutoConfirms: flag(known, "endpointAutoConfirms") ?? false,
      filterPolicy: found.FilterPolicy,
      filterPolicyScope: found.FilterPolicyScope,
      ownerId: found.Owner,
      pendingConfirmation: found.PendingConfirmation === "true",
      protocol: found.Protocol,
      rawMessageDelivery: found.RawMessageDelivery === "true",
      redrivePolicy: found.RedrivePolicy,
      topic: found.TopicArn,
    };
  },

  async update(id, props, _old, changed, aws) {
    for (const [name, AttributeName] of Object.entries(ATTRIBUTES)) {
      if (!changed.has(name)) continue;
      // A filter is taken away by an empty one, a dead-letter queue by no value.
      const AttributeValue = props[name] === undefined ? cleared(name) : String(props[name]);
      const request = { SubscriptionArn: id, AttributeName, AttributeValue };
      await aws.client(SNSClient).send(new SetSubscriptionAttributesCommand(request));
    }
  },

  async delete(id, _props, aws, op) {
    try {
      await aws.client(SNSClient).send(new UnsubscribeCommand({ SubscriptionArn: id }));
    } catch (error) {
      // One that was never confirmed goes by itself, after two days.
      const pending = error instanceof Error && error.message.includes("pending confirmation");
      if (pending || isError(error, ...GONE)) return;
      throw error;
    }
    await waitFor(op, { until: `subscription "${id}" is gone`, timeoutSeconds: WAIT_SECONDS }, async () =>
      (await attributesOf(aws, id)) ? undefined : true,
    );
  },
};

async function attributesOf(aws: AwsContext, SubscriptionArn: string): Promise<Record<string, string> | undefined> {
  const request = new GetSubscriptionAttributesCommand({ SubscriptionArn });
  return (await unlessGone(aws.client(SNSClient).send(request), ...GONE))?.Attributes;
}

function cleared(name: string): string | undefined {
  if (name === "filterPolicy") return "{}";
  return name === "redrivePolicy" ? undefined : "";
}
