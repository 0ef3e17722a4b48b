import { CloudWatchClient, PutMetricAlarmCommand } from "@aws-sdk/client-cloudwatch";
import {
  CloudWatchLogsClient,
  DeleteLogGroupCommand,
  PutRetentionPolicyCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { ECRClient, PutImageTagMutabilityCommand, PutLifecyclePolicyCommand } from "@aws-sdk/client-ecr";
import { GetTopicAttributesCommand, SetTopicAttributesCommand, SNSClient } from "@aws-sdk/client-sns";
import { afterAll, describe, expect, test } from "vitest";
import type { PropertyMap } from "../../sandbox/providers/protocol/value.ts";
import { emulated, endAll, faults, Life, policy, unique } from "./aws-life.ts";

afterAll(endAll);

describe("ECR", () => {
  test("a repository, and what belongs to it", async () => {
    const given: PropertyMap = { name: unique("shop"), imageScanningConfiguration: { scanOnPush: true } };
    const repository = await Life.begin("aws:ecr/repository:Repository", given);
    expect(repository.state).toMatchObject({ imageTagMutability: "MUTABLE", name: repository.id });
    await repository.change({ ...given, imageTagMutability: "IMMUTABLE", tags: { Name: "one" } });
    const quiet = { ...given, imageScanningConfiguration: { scanOnPush: false }, forceDelete: true };
    await repository.change(quiet);
    expect(repository.state.forceDelete).toBe(true);
    const encrypted = { ...given, encryptionConfigurations: [{ encryptionType: "KMS" }] };
    expect(await repository.plan(encrypted)).toContain("update encryptionConfigurations[0].encryptionType!");

    const repositoryName = repository.id;
    const expire = (countNumber: number): string => {
      const selection = { tagStatus: "untagged", countType: "sinceImagePushed", countUnit: "days", countNumber };
      return JSON.stringify({ rules: [{ rulePriority: 1, selection, action: { type: "expire" } }] });
    };
    const lifecycle = { repository: repositoryName, policy: expire(7) };
    const rules = await Life.begin("aws:ecr/lifecyclePolicy:LifecyclePolicy", lifecycle);
    const ecr = emulated.client(ECRClient);
    await ecr.send(new PutLifecyclePolicyCommand({ repositoryName, lifecyclePolicyText: expire(8) }));
    await rules.refresh();
    expect(await rules.plan(lifecycle)).toEqual(["update policy!"]);
    await rules.end();

    const readers = (action: string): string => policy({ Effect: "Allow", Principal: { AWS: "*" }, Action: action });
    const access = { repository: repositoryName, policy: readers("ecr:BatchGetImage") };
    const grant = await Life.begin("aws:ecr/repositoryPolicy:RepositoryPolicy", access);
    await grant.change({ ...access, policy: readers("ecr:GetDownloadUrlForLayer") });
    await grant.end();

    await ecr.send(new PutImageTagMutabilityCommand({ repositoryName, imageTagMutability: "IMMUTABLE" }));
    await repository.refresh();
    expect(await repository.plan(quiet)).toEqual(["update imageTagMutability"]);
    await repository.end();
  });

  test("tags that may move", async () => {
    const given: PropertyMap = {
      imageTagMutability: "IMMUTABLE_WITH_EXCLUSION",
      imageTagMutabilityExclusionFilters: [{ filter: "deployed-*", filterType: "WILDCARD" }],
    };
    const repository = await Life.begin("aws:ecr/repository:Repository", given);
    expect(await repository.imported()).toMatchObject(given);
    await repository.change({ imageTagMutability: "IMMUTABLE" });
    await repository.end();
  });
});

describe("CloudWatch", () => {
  test("a log group", async () => {
    const allow = (Principal: object, Action: string) => ({ Effect: "Allow", Principal, Action, Resource: "*" });
    const policy = JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        allow({ AWS: "arn:aws:iam::123456789012:root" }, "kms:*"),
        allow({ Service: "logs.ap-northeast-2.amazonaws.com" }, "kms:*"),
      ],
    });
    const key = await Life.begin("aws:kms/key:Key", { deletionWindowInDays: 7, policy });
    const name = `/aws/eks/${unique("life")}/cluster`;
    const group = await Life.begin("aws:cloudwatch/logGroup:LogGroup", {
      name,
      retentionInDays: 365,
      tags: { a: "1" },
    });
    expect(group.state.arn).toBe(`arn:aws:logs:ap-northeast-2:123456789012:log-group:${name}`);
    await group.change({ name, kmsKeyId: key.state.arn ?? "" });
    expect(group.state.retentionInDays).toBe(0);
    await group.change({ name, retentionInDays: 30 });
    expect(group.state).not.toHaveProperty("kmsKeyId");
    const logs = emulated.client(CloudWatchLogsClient);
    await logs.send(new PutRetentionPolicyCommand({ logGroupName: name, retentionInDays: 1 }));
    await group.refresh();
    expect(await group.plan({ name, retentionInDays: 30 })).toEqual(["update retentionInDays"]);
    await logs.send(new DeleteLogGroupCommand({ logGroupName: name }));
    expect(await group.refresh()).toBe(false);
    await group.end();
  });

  test("an alarm", async () => {
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
    const alarm = await Life.begin("aws:cloudwatch/metricAlarm:MetricAlarm", given);
    expect(alarm.state).toMatchObject({ ...given, actionsEnabled: true, name: alarm.id });
    const action = "arn:aws:sns:ap-northeast-2:123456789012:alerts";
    await alarm.change({
      ...given,
      alarmActions: [action],
      alarmDescription: "Busy",
      threshold: 0.5,
      tags: { a: "1" },
    });
    await alarm.change(given);
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
    expect(await alarm.plan(given)).toEqual(["update threshold"]);
    await expect(Life.begin("aws:cloudwatch/metricAlarm:MetricAlarm", { ...given, name: alarm.id })).rejects.toThrow(
      /is there already/,
    );
    await alarm.end();
    const both = { ...given, extendedStatistic: "p99" };
    expect(await faults("aws:cloudwatch/metricAlarm:MetricAlarm", both)).toEqual([
      expect.stringMatching(/^statistic: give exactly one of statistic, extendedStatistic/),
    ]);
  });
});

describe("SNS", () => {
  test("a topic, its policy and who is told", async () => {
    const key = await Life.begin("aws:kms/key:Key", { deletionWindowInDays: 7 });
    const given = { kmsMasterKeyId: key.state.arn ?? "" };
    const topic = await Life.begin("aws:sns/topic:Topic", given);
    expect(topic.state).toMatchObject({ arn: topic.id, name: topic.id.split(":")[5], owner: "123456789012" });
    await topic.change({ displayName: "Alerts", tags: { a: "1" } });
    expect(topic.state.kmsMasterKeyId ?? "").toBe("");
    await topic.change(given);

    const publish = (service: string): string =>
      policy({ Effect: "Allow", Principal: { Service: service }, Action: "sns:Publish", Resource: topic.id });
    const access = { arn: topic.id, policy: publish("cloudwatch.amazonaws.com") };
    const granted = await Life.begin("aws:sns/topicPolicy:TopicPolicy", access);
    await topic.refresh();
    expect(await topic.plan(given)).toEqual([]);
    await granted.change({ ...access, policy: publish("events.amazonaws.com") });
    const sns = emulated.client(SNSClient);
    const foreign = { TopicArn: topic.id, AttributeName: "Policy", AttributeValue: publish("s3.amazonaws.com") };
    await sns.send(new SetTopicAttributesCommand(foreign));
    await granted.refresh();
    expect(await granted.plan(access)).toEqual(["update policy"]);
    await granted.end(true);
    const { Attributes } = await sns.send(new GetTopicAttributesCommand({ TopicArn: topic.id }));
    expect(Attributes?.Policy).toContain("__default_policy_ID");

    const mail = { topic: topic.id, protocol: "email", endpoint: "ops@example.com" };
    const subscription = await Life.begin("aws:sns/topicSubscription:TopicSubscription", mail);
    expect(subscription.id.startsWith(`${topic.id}:`)).toBe(true);
    expect(subscription.state).toMatchObject({ arn: subscription.id, ownerId: "123456789012" });
    expect(await subscription.plan({ ...mail, endpoint: "dev@example.com" })).toEqual(["update endpoint!"]);
    const filtered = { ...mail, filterPolicy: JSON.stringify({ kind: ["alarm"] }) };
    await subscription.change(filtered);
    await subscription.end();
    await topic.end();
  });
});
