import { randomBytes } from "node:crypto";
import {
  AttachLoadBalancerTargetGroupsCommand,
  AutoScalingClient,
  DeleteNotificationConfigurationCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeNotificationConfigurationsCommand,
  DetachLoadBalancerTargetGroupsCommand,
  type NotificationConfiguration,
  PutNotificationConfigurationCommand,
} from "@aws-sdk/client-auto-scaling";
import { unlessRefused } from "./autoscaling-errors.ts";
import { policyResources } from "./autoscaling-policy.ts";
import { refuseImport } from "./no-import.ts";
import { requiredText, texts } from "./props.ts";
import type { AwsContext, AwsResource, Props } from "./resource.ts";

/** A target group that instances of an Auto Scaling group are registered with. It has no id of its own in AWS. */
const attachment: AwsResource = {
  inputs: {
    autoscalingGroupName: { required: true, forcesNew: true },
    // Optional with the official plugin, for Classic Load Balancers.
    lbTargetGroupArn: { required: true, forcesNew: true },
  },
  async create(props, aws) {
    await aws.client(AutoScalingClient).send(new AttachLoadBalancerTargetGroupsCommand(attachmentRequest(props)));
    return `${requiredText(props, "autoscalingGroupName")}-${uniqueSuffix()}`;
  },
  async read(_id, known, aws) {
    refuseImport(known, "its groups");
    const { AutoScalingGroupName, TargetGroupARNs } = attachmentRequest(known);
    const call = new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [AutoScalingGroupName] });
    const [group] = (await aws.client(AutoScalingClient).send(call)).AutoScalingGroups ?? [];
    const [arn] = TargetGroupARNs;
    if (!group?.TargetGroupARNs?.includes(arn)) return undefined;
    return { autoscalingGroupName: AutoScalingGroupName, lbTargetGroupArn: arn };
  },
  async delete(_id, props, aws) {
    const call = new DetachLoadBalancerTargetGroupsCommand(attachmentRequest(props));
    await unlessRefused(aws.client(AutoScalingClient).send(call), /not part of the group|not found/);
  },
};

/** Which events of which groups go to a topic, whose ARN is the id. */
const notification: AwsResource = {
  inputs: {
    topicArn: { required: true, forcesNew: true },
    groupNames: { required: true, set: true },
    notifications: { required: true, set: true },
  },
  async create(props, aws) {
    await notify(props, aws);
    return requiredText(props, "topicArn");
  },
  async read(id, known, aws) {
    const found = await findNotifications(texts(known, "groupNames"), aws);
    const own = found.filter(({ TopicARN }) => TopicARN === id);
    return {
      topicArn: id,
      groupNames: [...new Set(own.map(({ AutoScalingGroupName }) => AutoScalingGroupName))],
      notifications: [...new Set(own.map(({ NotificationType }) => NotificationType))],
    };
  },
  async update(id, props, old, _changed, aws) {
    const next = texts(props, "groupNames") ?? [];
    const left = (texts(old, "groupNames") ?? []).filter((name) => !next.includes(name));
    for (const name of left) await silence(name, id, aws);
    await notify(props, aws);
  },
  async delete(id, props, aws) {
    for (const name of texts(props, "groupNames") ?? []) await silence(name, id, aws);
  },
};

export const autoscalingResources: Record<string, AwsResource> = {
  "aws:autoscaling/attachment:Attachment": attachment,
  ...policyResources,
  "aws:autoscaling/notification:Notification": notification,
};

function attachmentRequest(props: Props): { AutoScalingGroupName: string; TargetGroupARNs: [string] } {
  return {
    AutoScalingGroupName: requiredText(props, "autoscalingGroupName"),
    TargetGroupARNs: [requiredText(props, "lbTargetGroupArn")],
  };
}

/** A time and a random number, as the official plugin's, which lists ids in the order they were made in. */
function uniqueSuffix(): string {
  return new Date().toISOString().replace(/\D/g, "") + randomBytes(4).toString("hex");
}

async function findNotifications(groups: string[] | undefined, aws: AwsContext): Promise<NotificationConfiguration[]> {
  const found: NotificationConfiguration[] = [];
  for (let NextToken: string | undefined; ; ) {
    const call = new DescribeNotificationConfigurationsCommand({ AutoScalingGroupNames: groups, NextToken });
    const page = await unlessRefused(aws.client(AutoScalingClient).send(call), /not found/);
    found.push(...(page?.NotificationConfigurations ?? []));
    NextToken = page?.NextToken;
    if (!NextToken) return found;
  }
}

/** AWS replaces the events of a group and topic by those that are given. */
async function notify(props: Props, aws: AwsContext): Promise<void> {
  for (const AutoScalingGroupName of texts(props, "groupNames") ?? []) {
    const NotificationTypes = texts(props, "notifications") ?? [];
    const request = { AutoScalingGroupName, NotificationTypes, TopicARN: requiredText(props, "topicArn") };
    await aws.client(AutoScalingClient).send(new PutNotificationConfigurationCommand(request));
  }
}

async function silence(group: string, topicArn: string, aws: AwsContext): Promise<void> {
  const call = new DeleteNotificationConfigurationCommand({ AutoScalingGroupName: group, TopicARN: topicArn });
  await unlessRefused(aws.client(AutoScalingClient).send(call), /not found/);
}
