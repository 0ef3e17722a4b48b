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
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PropertyMap } from "../../sandbox/providers/protocol/value.ts";
import { emulated, endAll, faults, Life, unique } from "./aws-life.ts";

const client = emulated.client(AutoScalingClient);

const POLICY = "aws:autoscaling/policy:Policy";
const NOTIFICATION = "aws:autoscaling/notification:Notification";

const groups = [unique("group"), unique("group")];
const [group = "", other = ""] = groups;
beforeAll(async () => {
  for (const AutoScalingGroupName of groups) {
    const size = { MinSize: 0, MaxSize: 0, AvailabilityZones: [`${emulated.region}a`] };
    await client.send(new CreateAutoScalingGroupCommand({ AutoScalingGroupName, ...size }));
  }
});
afterAll(async () => {
  await endAll();
  for (const AutoScalingGroupName of groups) {
    await client.send(new DeleteAutoScalingGroupCommand({ AutoScalingGroupName, ForceDelete: true }));
  }
});

describe("attachment", () => {
  test("the group has the target group; detached by hand it is gone", async () => {
    const vpc = await Life.begin("aws:ec2/vpc:Vpc", { cidrBlock: "10.50.0.0/16" });
    const targets = await Life.begin("aws:lb/targetGroup:TargetGroup", { port: 30080, protocol: "TCP", vpcId: vpc.id });
    const given = { autoscalingGroupName: group, lbTargetGroupArn: targets.id };
    const attachment = await Life.begin("aws:autoscaling/attachment:Attachment", given);
    expect(attachment.id).toMatch(new RegExp(`^${group}-\\d{17}[0-9a-f]{8}$`));
    const call = new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [group] });
    expect((await client.send(call)).AutoScalingGroups?.[0]?.TargetGroupARNs).toEqual([targets.id]);
    expect(await attachment.plan({ ...given, autoscalingGroupName: other })).toEqual(["update autoscalingGroupName!"]);
    const request = { AutoScalingGroupName: group, TargetGroupARNs: [targets.id] };
    await client.send(new DetachLoadBalancerTargetGroupsCommand(request));
    expect(await attachment.refresh()).toBe(false);
    await (await Life.begin("aws:autoscaling/attachment:Attachment", given)).end();
    await targets.end();
    await vpc.end();
  });
});

describe("scaling policy", () => {
  const near = { metricIntervalLowerBound: "0", metricIntervalUpperBound: "20.0", scalingAdjustment: 1 };
  const far = { metricIntervalLowerBound: "20", scalingAdjustment: 2 };
  const given: PropertyMap = {
    adjustmentType: "ChangeInCapacity",
    autoscalingGroupName: group,
    estimatedInstanceWarmup: 180,
    policyType: "StepScaling",
    stepAdjustments: [far, near],
  };

  test("it keeps its ARN, which alarms name, through every change", async () => {
    const policy = await Life.begin(POLICY, given);
    const { arn } = policy.state;
    expect(policy.state).toMatchObject({
      arn: expect.stringMatching(new RegExp(`:autoScalingGroupName/${group}:policyName/${policy.id}$`)),
      enabled: true,
      metricAggregationType: "Average",
      name: policy.id,
    });
    await policy.change({ ...given, enabled: false, estimatedInstanceWarmup: 60, metricAggregationType: "Maximum" });
    await policy.change({ ...given, adjustmentType: "PercentChangeInCapacity", stepAdjustments: [far] });
    expect(policy.state.arn).toBe(arn);

    const Steps = [{ MetricIntervalLowerBound: 0, ScalingAdjustment: 5 }];
    const byHand = { AutoScalingGroupName: group, PolicyName: policy.id, PolicyType: "StepScaling" };
    const AdjustmentType = "ChangeInCapacity";
    await client.send(new PutScalingPolicyCommand({ ...byHand, AdjustmentType, StepAdjustments: Steps }));
    await policy.refresh();
    expect(await policy.plan(given)).toEqual(
      expect.arrayContaining(["add estimatedInstanceWarmup", expect.stringMatching(/^update stepAdjustments\[\d\]/)]),
    );
    expect(await policy.plan({ ...given, autoscalingGroupName: other })).toContain("update autoscalingGroupName!");
    await policy.end();
  });

  test("simple and target tracking ones", async () => {
    const simple = { autoscalingGroupName: group, adjustmentType: "ExactCapacity", scalingAdjustment: 0, cooldown: 60 };
    const one = await Life.begin(POLICY, simple);
    await one.change({ ...simple, scalingAdjustment: 2 });
    await one.end();
    const metric = { predefinedMetricSpecification: { predefinedMetricType: "ASGAverageCPUUtilization" } };
    const tracking = { autoscalingGroupName: group, policyType: "TargetTrackingScaling", estimatedInstanceWarmup: 60 };
    const two = await Life.begin(POLICY, { ...tracking, targetTrackingConfiguration: { ...metric, targetValue: 50 } });
    await two.change({
      ...tracking,
      targetTrackingConfiguration: { ...metric, targetValue: 40, disableScaleIn: true },
    });
    await two.end();
  });

  test("what does not go with the policy's type is refused", async () => {
    const { stepAdjustments: _, ...rest } = given;
    expect(await faults(POLICY, { ...rest, cooldown: 60 })).toEqual([
      'cooldown: does not go with policyType "StepScaling": leave it out',
      'stepAdjustments: is needed with policyType "StepScaling"',
    ]);
    expect(await faults(POLICY, { ...rest, policyType: "PredictiveScaling" })).toEqual([
      expect.stringMatching(/^policyType: was "PredictiveScaling"/),
    ]);
  });
});

describe("notification", () => {
  const [launch, terminate] = ["autoscaling:EC2_INSTANCE_LAUNCH", "autoscaling:EC2_INSTANCE_TERMINATE"] as const;

  test("events and groups change in place; what was deleted by hand comes back", async () => {
    const topic = await Life.begin("aws:sns/topic:Topic", {});
    const topicArn = topic.id;
    const given = { topicArn, groupNames: [group], notifications: [terminate, launch] };
    const notification = await Life.begin(NOTIFICATION, given);
    expect(notification.id).toBe(topicArn);
    await notification.change({ ...given, groupNames: [other, group], notifications: [launch] });
    await notification.change({ ...given, groupNames: [other] });
    const left = new DescribeNotificationConfigurationsCommand({ AutoScalingGroupNames: [group] });
    expect((await client.send(left)).NotificationConfigurations).toEqual([]);
    const pair = { AutoScalingGroupName: other, TopicARN: topicArn };
    await client.send(new DeleteNotificationConfigurationCommand(pair));
    await notification.refresh();
    expect(await notification.plan({ ...given, groupNames: [other] })).not.toEqual([]);
    await notification.change({ ...given, groupNames: [other] });
    // As with the official plugin, a topic that gets no events any more is still a topic.
    await notification.end(true);
    expect(notification.state).toMatchObject({ groupNames: [], notifications: [] });
    await topic.end();
  });
});
