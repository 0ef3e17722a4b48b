import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  DeleteAutoScalingGroupCommand,
  DeleteNotificationConfigurationCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeNotificationConfigurationsCommand,
  DetachLoadBalancerTargetGroupsCommand,
  PutScalingPolicyCommand,
} from "@aws-sdk/client-auto-scaling";
import { afterAll, beforeAll, expect, test } from "vitest";
import { deleteAll, EmulatedResource, emulated, faults, unique } from "./emulated-resource.ts";

const client = emulated.client(AutoScalingClient);

const POLICY = "aws:autoscaling/policy:Policy";
const ATTACHMENT = "aws:autoscaling/attachment:Attachment";

const groups = [unique("group"), unique("group")];
const [group = "", other = ""] = groups;
beforeAll(async () => {
  for (const AutoScalingGroupName of groups) {
    const size = { MinSize: 0, MaxSize: 0, AvailabilityZones: [`${emulated.region}a`] };
    await client.send(new CreateAutoScalingGroupCommand({ AutoScalingGroupName, ...size }));
  }
});
afterAll(async () => {
  await deleteAll();
  for (const AutoScalingGroupName of groups) {
    await client.send(new DeleteAutoScalingGroupCommand({ AutoScalingGroupName, ForceDelete: true }));
  }
});

test("an attachment: the group has the target group; detached by hand it is gone", async () => {
  const vpc = await EmulatedResource.create("aws:ec2/vpc:Vpc", { cidrBlock: "10.50.0.0/16" });
  const wanted = { port: 30080, protocol: "HTTP", vpcId: vpc.id, healthCheck: {} };
  const targets = await EmulatedResource.create("aws:lb/targetGroup:TargetGroup", wanted);
  const given = { autoscalingGroupName: group, lbTargetGroupArn: targets.id };
  const attachment = await EmulatedResource.create(ATTACHMENT, given);
  expect(attachment.id).toMatch(new RegExp(`^${group}-`));
  const call = new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [group] });
  expect((await client.send(call)).AutoScalingGroups?.[0]?.TargetGroupARNs).toEqual([targets.id]);
  expect(await attachment.diff({ ...given, autoscalingGroupName: other })).toEqual(["update autoscalingGroupName!"]);
  const request = { AutoScalingGroupName: group, TargetGroupARNs: [targets.id] };
  await client.send(new DetachLoadBalancerTargetGroupsCommand(request));
  expect(await attachment.refresh()).toBe(false);
  await (await EmulatedResource.create(ATTACHMENT, given)).delete();
  await targets.delete();
  await vpc.delete();
});

test("a scaling policy keeps its ARN, which alarms name, through every change", async () => {
  const near = { metricIntervalLowerBound: "0", metricIntervalUpperBound: "20", scalingAdjustment: 1 };
  const far = { metricIntervalLowerBound: "20", scalingAdjustment: 2 };
  const given = {
    adjustmentType: "ChangeInCapacity",
    autoscalingGroupName: group,
    estimatedInstanceWarmup: 180,
    metricAggregationType: "Average",
    policyType: "StepScaling",
    stepAdjustments: [far, near],
  };
  const policy = await EmulatedResource.create(POLICY, given);
  const { arn } = policy.state;
  expect(policy.state).toMatchObject({
    arn: expect.stringMatching(new RegExp(`:autoScalingGroupName/${group}:policyName/${policy.id}$`)),
    name: policy.id,
  });
  await policy.update({ ...given, estimatedInstanceWarmup: 60, metricAggregationType: "Maximum" });
  await policy.update({ ...given, adjustmentType: "PercentChangeInCapacity", stepAdjustments: [far] });
  expect(policy.state.arn).toBe(arn);

  const StepAdjustments = [{ MetricIntervalLowerBound: 0, ScalingAdjustment: 5 }];
  const byHand = { AutoScalingGroupName: group, PolicyName: policy.id, PolicyType: "StepScaling" };
  await client.send(new PutScalingPolicyCommand({ ...byHand, AdjustmentType: "ChangeInCapacity", StepAdjustments }));
  await policy.refresh();
  expect(await policy.diff(given)).toEqual(
    expect.arrayContaining(["add estimatedInstanceWarmup", expect.stringMatching(/^update stepAdjustments\[\d\]/)]),
  );
  expect(await policy.diff({ ...given, autoscalingGroupName: other })).toContain("update autoscalingGroupName!");
  await policy.delete();
  expect(await faults(POLICY, { ...given, policyType: "PredictiveScaling" })).toEqual([
    expect.stringMatching(/^policyType: was "PredictiveScaling"; .* takes StepScaling here/),
  ]);
});

test("a notification: events and groups change in place; what was deleted by hand comes back", async () => {
  const [launch, terminate] = ["autoscaling:EC2_INSTANCE_LAUNCH", "autoscaling:EC2_INSTANCE_TERMINATE"] as const;
  const topicArn = `arn:aws:sns:${emulated.region}:${emulated.accountId}:${unique("topic")}`;
  const given = { topicArn, groupNames: [group], notifications: [terminate, launch] };
  const notification = await EmulatedResource.create("aws:autoscaling/notification:Notification", given);
  expect(notification.id).toBe(topicArn);
  await notification.update({ ...given, groupNames: [other, group], notifications: [launch] });
  await notification.update({ ...given, groupNames: [other] });
  const left = new DescribeNotificationConfigurationsCommand({ AutoScalingGroupNames: [group] });
  expect((await client.send(left)).NotificationConfigurations).toEqual([]);
  const pair = { AutoScalingGroupName: other, TopicARN: topicArn };
  await client.send(new DeleteNotificationConfigurationCommand(pair));
  await notification.refresh();
  expect(await notification.diff({ ...given, groupNames: [other] })).not.toEqual([]);
  await notification.update({ ...given, groupNames: [other] });
  // As with the official plugin, a topic that gets no events any more is still a topic.
  await notification.delete(true);
  expect(notification.state).toMatchObject({ groupNames: [], notifications: [] });
});
