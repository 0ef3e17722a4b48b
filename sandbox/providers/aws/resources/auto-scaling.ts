import { randomBytes } from "node:crypto";
import * as autoscaling from "@aws-sdk/client-auto-scaling";
import { declared, send } from "../declared-resource.ts";
import { isError, unlessGone } from "../errors.ts";
import type { Member } from "../mapping.ts";
import { texts } from "../props.ts";
import { type AwsContext, type AwsResource, fixed, type Props } from "../resource.ts";
import { autoScalingService } from "../services.ts";

/** Auto Scaling says "ValidationError" of a thing that does not exist; only the message tells. */
const isAbsent = (error: Error): boolean =>
  isError(error, "ValidationError") && /not found|no scaling policy|not part of the group/i.test(error.message);

/** A target group that instances of an Auto Scaling group are registered with. It has no id in AWS. */
const attachment = declared(autoScalingService, {
  identity: (_, { autoscalingGroupName, lbTargetGroupArn }) => ({
    AutoScalingGroupName: autoscalingGroupName,
    TargetGroupARNs: [lbTargetGroupArn],
  }),
  gone: isAbsent,
  inputs: {
    autoscalingGroupName: { ...fixed, api: "AutoScalingGroupName" },
    // Optional with the official plugin, for Classic Load Balancers.
    lbTargetGroupArn: { ...fixed, api: "TargetGroupARNs[0]", returned: false },
  },
  create: autoscaling.AttachLoadBalancerTargetGroupsCommand,
  id: ({ autoscalingGroupName }) => `${autoscalingGroupName}-${randomBytes(8).toString("hex")}`,
  read: {
    command: autoscaling.DescribeAutoScalingGroupsCommand,
    by: (_, { autoscalingGroupName }) => ({ AutoScalingGroupNames: [autoscalingGroupName] }),
    found: "AutoScalingGroups",
    isGone: ({ TargetGroupARNs }, { lbTargetGroupArn }) =>
      !(Array.isArray(TargetGroupARNs) && TargetGroupARNs.includes(lbTargetGroupArn)),
  },
  delete: autoscaling.DetachLoadBalancerTargetGroupsCommand,
});

/** A number in the API. */
const numberAsText: Member = {
  write: (value) => (value === undefined ? undefined : Number(value)),
  parse: (value) => (value as number | undefined)?.toString(),
};

/** A policy by steps, which an alarm triggers. */
const policy = declared(autoScalingService, {
  identity: (id, { autoscalingGroupName }) => ({ AutoScalingGroupName: autoscalingGroupName, PolicyName: id }),
  gone: isAbsent,
  inputs: {
    name: { forcesNew: true, computed: true, api: "PolicyName" },
    autoscalingGroupName: { ...fixed, api: "AutoScalingGroupName" },
    policyType: { required: true, allowed: ["StepScaling"] },
    adjustmentType: { required: true },
    estimatedInstanceWarmup: {},
    metricAggregationType: { computed: true },
    stepAdjustments: {
      required: true,
      set: true,
      fields: {
        metricIntervalLowerBound: numberAsText,
        metricIntervalUpperBound: numberAsText,
        scalingAdjustment: { required: true },
      },
    },
  },
  outputs: { arn: "PolicyARN" },
  create: autoscaling.PutScalingPolicyCommand,
  id: ({ name }) => String(name),
  read: {
    command: autoscaling.DescribePoliciesCommand,
    by: (id, { autoscalingGroupName }) => ({ AutoScalingGroupName: autoscalingGroupName, PolicyNames: [id] }),
    found: "ScalingPolicies",
    match: ({ PolicyName }, id) => PolicyName === id,
  },
  update: [autoscaling.PutScalingPolicyCommand],
  delete: autoscaling.DeletePolicyCommand,
});

/** Which events of which groups go to a topic, whose ARN is the id. */
const notification: AwsResource = {
  inputs: { topicArn: fixed, groupNames: { required: true, set: true }, notifications: { required: true, set: true } },
  async create(props, aws) {
    await putNotifications(props, aws);
    return String(props.topicArn);
  },
  async read(id, known, aws) {
    const command = new autoscaling.DescribeNotificationConfigurationsCommand({
      AutoScalingGroupNames: texts(known, "groupNames"),
    });
    const answer = await unlessGone(send(aws, autoScalingService, command), isAbsent);
    const all = (answer?.NotificationConfigurations ?? []) as Record<string, string>[];
    const own = all.filter(({ TopicARN }) => TopicARN === id);
    return {
      topicArn: id,
      groupNames: [...new Set(own.map(({ AutoScalingGroupName }) => AutoScalingGroupName))],
      notifications: [...new Set(own.map(({ NotificationType }) => NotificationType))],
    };
  },
  async update(id, props, old, _changed, aws) {
    const next = texts(props, "groupNames") ?? [];
    const dropped = (texts(old, "groupNames") ?? []).filter((name) => !next.includes(name));
    await deleteNotifications(dropped, id, aws);
    await putNotifications(props, aws);
  },
  delete: (id, props, aws) => deleteNotifications(texts(props, "groupNames") ?? [], id, aws),
};

/** AWS replaces the events of a group and topic by those that are given. */
async function putNotifications(props: Props, aws: AwsContext): Promise<void> {
  for (const AutoScalingGroupName of texts(props, "groupNames") ?? []) {
    const request = {
      AutoScalingGroupName,
      NotificationTypes: texts(props, "notifications"),
      TopicARN: String(props.topicArn),
    };
    await send(aws, autoScalingService, new autoscaling.PutNotificationConfigurationCommand(request));
  }
}

async function deleteNotifications(groups: string[], TopicARN: string, aws: AwsContext): Promise<void> {
  for (const AutoScalingGroupName of groups) {
    const command = new autoscaling.DeleteNotificationConfigurationCommand({ AutoScalingGroupName, TopicARN });
    await unlessGone(send(aws, autoScalingService, command), isAbsent);
  }
}

export const autoScalingResources: Record<string, AwsResource> = {
  "aws:autoscaling/attachment:Attachment": attachment,
  "aws:autoscaling/policy:Policy": policy,
  "aws:autoscaling/notification:Notification": notification,
};
