import { randomBytes } from "node:crypto";
import {
  AttachLoadBalancerTargetGroupsCommand,
  AutoScalingClient,
  DeleteNotificationConfigurationCommand,
  DeletePolicyCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeNotificationConfigurationsCommand,
  DescribePoliciesCommand,
  DetachLoadBalancerTargetGroupsCommand,
  PutNotificationConfigurationCommand,
  PutScalingPolicyCommand,
  type StepAdjustment,
} from "@aws-sdk/client-auto-scaling";
import { isError } from "./errors.ts";
import { items, number, requiredText, text, texts } from "./props.ts";
import type { AwsContext, AwsResource, Props } from "./resource.ts";

const autoScaling = (aws: AwsContext): AutoScalingClient => aws.client(AutoScalingClient);

/** Auto Scaling says "ValidationError" of a thing that is not there; only its words tell. */
async function unlessRefused<T>(call: Promise<T>, words: RegExp): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof Error && isError(error, "ValidationError") && words.test(error.message)) return undefined;
    throw error;
  }
}

/** A target group that instances of an Auto Scaling group are registered with. It has no id of its own in AWS. */
const attachment: AwsResource = {
  inputs: {
    autoscalingGroupName: { required: true, forcesNew: true },
    // Optional with the official plugin, for Classic Load Balancers.
    lbTargetGroupArn: { required: true, forcesNew: true },
  },
  async create(props, aws) {
    await autoScaling(aws).send(new AttachLoadBalancerTargetGroupsCommand(attachmentRequest(props)));
    return `${requiredText(props, "autoscalingGroupName")}-${randomBytes(8).toString("hex")}`;
  },
  async read(_id, known, aws) {
    const { AutoScalingGroupName, TargetGroupARNs } = attachmentRequest(known);
    const call = new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [AutoScalingGroupName] });
    const [group] = (await autoScaling(aws).send(call)).AutoScalingGroups ?? [];
    const [arn] = TargetGroupARNs;
    if (!group?.TargetGroupARNs?.includes(arn)) return undefined;
    return { autoscalingGroupName: AutoScalingGroupName, lbTargetGroupArn: arn };
  },
  async delete(_id, props, aws) {
    const call = new DetachLoadBalancerTargetGroupsCommand(attachmentRequest(props));
    await unlessRefused(autoScaling(aws).send(call), /not part of the group|not found/);
  },
};

function attachmentRequest(props: Props): { AutoScalingGroupName: string; TargetGroupARNs: [string] } {
  return {
    AutoScalingGroupName: requiredText(props, "autoscalingGroupName"),
    TargetGroupARNs: [requiredText(props, "lbTargetGroupArn")],
  };
}

/** A policy by steps, which an alarm sets off. */
const policy: AwsResource = {
  inputs: {
    name: { computed: true, forcesNew: true },
    autoscalingGroupName: { required: true, forcesNew: true },
    policyType: { required: true, allowed: ["StepScaling"] },
    adjustmentType: { required: true },
    estimatedInstanceWarmup: {},
    metricAggregationType: { computed: true },
    stepAdjustments: {
      required: true,
      set: true,
      fields: { metricIntervalLowerBound: {}, metricIntervalUpperBound: {}, scalingAdjustment: { required: true } },
    },
  },
  async create(props, aws) {
    await putPolicy(props, aws);
    return requiredText(props, "name");
  },
  async read(id, known, aws) {
    const group = requiredText(known, "autoscalingGroupName");
    const call = new DescribePoliciesCommand({ AutoScalingGroupName: group, PolicyNames: [id] });
    const answer = await unlessRefused(autoScaling(aws).send(call), /not found/);
    const found = answer?.ScalingPolicies?.find(({ PolicyName }) => PolicyName === id);
    return (
      found && {
        adjustmentType: found.AdjustmentType,
        arn: found.PolicyARN,
        autoscalingGroupName: found.AutoScalingGroupName,
        estimatedInstanceWarmup: found.EstimatedInstanceWarmup,
        metricAggregationType: found.MetricAggregationType,
        name: found.PolicyName,
        policyType: found.PolicyType,
        stepAdjustments: found.StepAdjustments?.map((step) => ({
          metricIntervalLowerBound: step.MetricIntervalLowerBound?.toString(),
          metricIntervalUpperBound: step.MetricIntervalUpperBound?.toString(),
          scalingAdjustment: step.ScalingAdjustment,
        })),
      }
    );
  },
  update: (_id, props, _old, _changed, aws) => putPolicy(props, aws),
  async delete(id, props, aws) {
    const request = { AutoScalingGroupName: requiredText(props, "autoscalingGroupName"), PolicyName: id };
    await unlessRefused(autoScaling(aws).send(new DeletePolicyCommand(request)), /not found|no scaling policy/i);
  },
};

/** Makes it or changes all of it. */
async function putPolicy(props: Props, aws: AwsContext): Promise<void> {
  await autoScaling(aws).send(
    new PutScalingPolicyCommand({
      AutoScalingGroupName: requiredText(props, "autoscalingGroupName"),
      PolicyName: requiredText(props, "name"),
      PolicyType: "StepScaling",
      AdjustmentType: text(props, "adjustmentType"),
      EstimatedInstanceWarmup: number(props, "estimatedInstanceWarmup"),
      MetricAggregationType: text(props, "metricAggregationType"),
      StepAdjustments: items(props, "stepAdjustments").map(
        (step): StepAdjustment => ({
          MetricIntervalLowerBound: number(step, "metricIntervalLowerBound"),
          MetricIntervalUpperBound: number(step, "metricIntervalUpperBound"),
          ScalingAdjustment: number(step, "scalingAdjustment"),
        }),
      ),
    }),
  );
}

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
    const call = new DescribeNotificationConfigurationsCommand({ AutoScalingGroupNames: texts(known, "groupNames") });
    const found = await unlessRefused(autoScaling(aws).send(call), /not found/);
    const own = found?.NotificationConfigurations?.filter(({ TopicARN }) => TopicARN === id) ?? [];
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

/** AWS replaces the events of a group and topic by those that are given. */
async function notify(props: Props, aws: AwsContext): Promise<void> {
  for (const AutoScalingGroupName of texts(props, "groupNames") ?? []) {
    const NotificationTypes = texts(props, "notifications") ?? [];
    const request = { AutoScalingGroupName, NotificationTypes, TopicARN: requiredText(props, "topicArn") };
    await autoScaling(aws).send(new PutNotificationConfigurationCommand(request));
  }
}

async function silence(group: string, topicArn: string, aws: AwsContext): Promise<void> {
  const call = new DeleteNotificationConfigurationCommand({ AutoScalingGroupName: group, TopicARN: topicArn });
  await unlessRefused(autoScaling(aws).send(call), /not found/);
}

export const autoscalingResources: Record<string, AwsResource> = {
  "aws:autoscaling/attachment:Attachment": attachment,
  "aws:autoscaling/policy:Policy": policy,
  "aws:autoscaling/notification:Notification": notification,
};
