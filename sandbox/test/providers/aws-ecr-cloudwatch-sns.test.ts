import { CloudWatchClient, PutMetricAlarmCommand } from "@aws-sdk/client-cloudwatch";
import {
  CloudWatchLogsClient,
  DeleteLogGroupCommand,
  PutRetentionPolicyCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { ECRClient, PutImageTagMutabilityCommand, PutLifecyclePolicyCommand } from "@aws-sdk/client-ecr";
import { GetTopicAttributesCommand, SetTopicAttributesCommand, SNSClient } from "@aws-sdk/client-sns";
import { afterAll, describe, expect, test } from "vitest";
import type { PropertyMap } from "../../providers/protocol/value.ts";
import { deleteAll, EmulatedResource, emulated, policy, unique } from "./emulated-resource.ts";

afterAll(deleteAll);

/** A key that a service may use, its ARN. */
async function keyOf(service: string): Promise<string> {
  const allow = (Principal: object) => ({ Effect: "Allow", Principal, Action: "kms:*", Resource: "*" });
  const Statement = [allow({ AWS: "arn:aws:iam::123456789012:root" }), allow({ Service: service })];
  const policy = JSON.stringify({ Version: "2012-10-17", Statement });
  return String((await EmulatedResource.create("aws:kms/key:Key", { deletionWindowInDays: 7, policy })).state.arn);
}

describe("ECR", () => {
  const ecr = emulated.client(ECRClient);
  const movable: PropertyMap = {
    imageTagMutability: "IMMUTABLE_WITH_EXCLUSION",
    imageTagMutabilityExclusionFilters: [{ filter: "deployed-*", filterType: "WILDCARD" }],
  };

  test("a repository has immutable tags, except those that are excluded", async () => {
    const given: PropertyMap = { name: unique("shop"), imageScanningConfiguration: { scanOnPush: true } };
    const repository = await EmulatedResource.create("aws:ecr/repository:Repository", { ...given, ...movable });
    expect(repository.state).toMatchObject({
      arn: `arn:aws:ecr:ap-northeast-2:123456789012:repository/${repository.id}`,
    });
    await repository.update({ ...given, imageTagMutability: "IMMUTABLE", tags: { Name: "one" } });
    const quiet = { ...given, imageScanningConfiguration: { scanOnPush: false }, forceDelete: true };
    await repository.update(quiet);
    expect(repository.state.forceDelete).toBe(true);
    const encrypted = { ...quiet, encryptionConfigurations: [{ encryptionType: "KMS" }] };
    expect(await repository.diff(encrypted)).toEqual(["update encryptionConfigurations[0].encryptionType!"]);
    const request = { repositoryName: repository.id, imageTagMutability: "IMMUTABLE" } as const;
    await ecr.send(new PutImageTagMutabilityCommand(request));
    await repository.refresh();
    expect(await repository.diff(quiet)).toEqual(["update imageTagMutability"]);
    await repository.delete();
  });

  test("a repository has a lifecycle policy and a policy for readers", async () => {
    const { id: repositoryName } = await EmulatedResource.create("aws:ecr/repository:Repository", movable);
    const expire = (countNumber: number): string => {
      const selection = { tagStatus: "untagged", countType: "sinceImagePushed", countUnit: "days", countNumber };
      return JSON.stringify({ rules: [{ rulePriority: 1, selection, action: { type: "expire" } }] });
    };
    const lifecycle = { repository: repositoryName, policy: expire(7) };
    const rules = await EmulatedResource.create("aws:ecr/lifecyclePolicy:LifecyclePolicy", lifecycle);
    await ecr.send(new PutLifecyclePolicyCommand({ repositoryName, lifecyclePolicyText: expire(8) }));
    await rules.refresh();
    expect(await rules.diff(lifecycle)).toEqual(["update policy!"]);
    await rules.delete();

    const readers = (action: string): string => policy({ Effect: "Allow", Principal: { AWS: "*" }, Action: action });
    const access = { repository: repositoryName, policy: readers("ecr:BatchGetImage") };
    const grant = await EmulatedResource.create("aws:ecr/repositoryPolicy:RepositoryPolicy", access);
    await grant.update({ ...access, policy: readers("ecr:GetDownloadUrlForLayer") });
    await grant.delete();
  });
});

describe("CloudWatch", () => {
  test("a log group needs a key that its service may use", async () => {
    const GROUP = "aws:cloudwatch/logGroup:LogGroup";
    const [kmsKeyId, other] = [await keyOf("logs.ap-northeast-2.amazonaws.com"), await keyOf("sns.amazonaws.com")];
    const given = { name: `/aws/eks/${unique("test")}/cluster`, kmsKeyId, retentionInDays: 365 };
    await expect(EmulatedResource.create(GROUP, { ...given, kmsKeyId: other })).rejects.toThrow(
      /not allowed to be used/,
    );
    const group = await EmulatedResource.create(GROUP, { ...given, tags: { a: "1" } });
    expect(group.state.arn).toBe(`arn:aws:logs:ap-northeast-2:123456789012:log-group:${given.name}`);
    await group.update({ ...given, kmsKeyId: await keyOf("logs.ap-northeast-2.amazonaws.com"), tags: { b: "2" } });
    await group.update({ ...given, retentionInDays: 30 });
    const logs = emulated.client(CloudWatchLogsClient);
    await logs.send(new PutRetentionPolicyCommand({ logGroupName: given.name, retentionInDays: 1 }));
    await group.refresh();
    expect(await group.diff({ ...given, retentionInDays: 30 })).toEqual(["update retentionInDays"]);
    await logs.send(new DeleteLogGroupCommand({ logGroupName: given.name }));
    expect(await group.refresh()).toBe(false);
    await group.delete();
  });

  test("an alarm changes in place, and a second one of the same name is refused", async () => {
    const given: PropertyMap = {
      comparisonOperator: "GreaterThanThreshold",
      datapointsToAlarm: 2,
      dimensions: { AutoScalingGroupName: "nodes" },
      evaluationPeriods: 2,
      metricName: "CPUUtilization",
      namespace: "AWS/EC2",
      period: 60,
      statistic: "Average",
      threshold: 50,
      treatMissingData: "notBreaching",
    };
    const alarm = await EmulatedResource.create("aws:cloudwatch/metricAlarm:MetricAlarm", given);
    expect(alarm.state).toMatchObject({ ...given, name: alarm.id });
    const alarmActions = ["arn:aws:sns:ap-northeast-2:123456789012:alerts"];
    await alarm.update({
      ...given,
      alarmActions,
      okActions: alarmActions,
      alarmDescription: "Busy",
      threshold: 0.5,
      tags: { a: "1" },
    });
    await alarm.update(given);
    await emulated.client(CloudWatchClient).send(
      new PutMetricAlarmCommand({
        AlarmName: alarm.id,
        ComparisonOperator: "GreaterThanThreshold",
        DatapointsToAlarm: 2,
        Dimensions: [{ Name: "AutoScalingGroupName", Value: "nodes" }],
        EvaluationPeriods: 2,
        MetricName: "CPUUtilization",
        Namespace: "AWS/EC2",
        Period: 60,
        Statistic: "Average",
        Threshold: 99,
        TreatMissingData: "notBreaching",
      }),
    );
    await alarm.refresh();
    expect(await alarm.diff(given)).toEqual(["update threshold"]);
    await expect(
      EmulatedResource.create("aws:cloudwatch/metricAlarm:MetricAlarm", { ...given, name: alarm.id }),
    ).rejects.toThrow(/exists already/);
    await alarm.delete();
  });
});

test("SNS: a topic, its policy and a subscription change as in AWS", async () => {
  const given = { kmsMasterKeyId: await keyOf("cloudwatch.amazonaws.com") };
  const topic = await EmulatedResource.create("aws:sns/topic:Topic", given);
  expect(topic.state).toMatchObject({ arn: topic.id, ...given, name: topic.id.split(":")[5] });
  await topic.update({ kmsMasterKeyId: await keyOf("cloudwatch.amazonaws.com"), tags: { a: "1" } });
  await topic.update(given);

  const publish = (service: string): string =>
    policy({ Effect: "Allow", Principal: { Service: service }, Action: "sns:Publish", Resource: topic.id });
  const access = { arn: topic.id, policy: publish("cloudwatch.amazonaws.com") };
  const granted = await EmulatedResource.create("aws:sns/topicPolicy:TopicPolicy", access);
  await granted.update({ ...access, policy: publish("events.amazonaws.com") });
  const sns = emulated.client(SNSClient);
  const foreign = { TopicArn: topic.id, AttributeName: "Policy", AttributeValue: publish("s3.amazonaws.com") };
  await sns.send(new SetTopicAttributesCommand(foreign));
  await granted.refresh();
  expect(await granted.diff(access)).toEqual(["update policy"]);
  await granted.delete(true);
  const { Attributes } = await sns.send(new GetTopicAttributesCommand({ TopicArn: topic.id }));
  expect(Attributes?.Policy).toContain("__default_policy_ID");

  const mail = { topic: topic.id, protocol: "email", endpoint: "ops@example.com" };
  const subscription = await EmulatedResource.create("aws:sns/topicSubscription:TopicSubscription", mail);
  expect(subscription.id.startsWith(`${topic.id}:`)).toBe(true);
  expect(await subscription.diff({ ...mail, endpoint: "dev@example.com" })).toEqual(["update endpoint!"]);
  await subscription.delete();
  await topic.delete();
});
