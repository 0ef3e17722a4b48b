import { describe, expect, test } from "vitest";
import type { Props } from "../../sandbox/providers/aws/resource.ts";
import { resources } from "../../sandbox/providers/aws/resources.ts";

/** Faults of inputs that fit by form. */
const faults = (token: string, props: Props): string[] =>
  (resources[token]?.validate?.(props) ?? []).map(({ property, reason }) => `${property}: ${reason}`);

describe("what AWS would refuse is told at the preview", () => {
  test.each<[string, Props, string]>([
    ["aws:iam/role:Role", { maxSessionDuration: 60 }, "maxSessionDuration: was 60; AWS takes 3600 to 43200"],
    ["aws:kms/key:Key", { deletionWindowInDays: 3 }, "deletionWindowInDays: was 3; AWS takes 7 to 30"],
    ["aws:kms/key:Key", { rotationPeriodInDays: 90 }, "rotationPeriodInDays: needs enableKeyRotation: true"],
    ["aws:cloudwatch/logGroup:LogGroup", { retentionInDays: 31 }, "retentionInDays: was 31; AWS takes 0, 1, 3, 5,"],
    ["aws:ecr/repository:Repository", { imageTagMutability: "FIXED" }, 'imageTagMutability: was "FIXED"; AWS takes'],
    ["aws:eks/cluster:Cluster", { enabledClusterLogTypes: ["api", "all"] }, 'enabledClusterLogTypes[1]: was "all"'],
    [
      "aws:eks/cluster:Cluster",
      { accessConfig: { authenticationMode: "IAM" } },
      'accessConfig.authenticationMode: was "IAM"; AWS takes API, API_AND_CONFIG_MAP, CONFIG_MAP',
    ],
    [
      "aws:eks/addon:Addon",
      { resolveConflictsOnCreate: "PRESERVE" },
      'resolveConflictsOnCreate: was "PRESERVE"; AWS takes NONE, OVERWRITE',
    ],
    [
      "aws:eks/nodeGroup:NodeGroup",
      { scalingConfig: { minSize: 0, maxSize: 0, desiredSize: 0 } },
      "scalingConfig.maxSize: was 0; AWS takes 1 or more",
    ],
    [
      "aws:eks/nodeGroup:NodeGroup",
      { updateConfig: { maxUnavailable: 1, maxUnavailablePercentage: 10 } },
      "updateConfig: give exactly one of maxUnavailable, maxUnavailablePercentage",
    ],
    [
      "aws:eks/nodeGroup:NodeGroup",
      { taints: [{ key: "a", effect: "NoSchedule" }] },
      'taints[0].effect: was "NoSchedule"; AWS takes NO_EXECUTE, NO_SCHEDULE, PREFER_NO_SCHEDULE',
    ],
    ["aws:sns/topicSubscription:TopicSubscription", { protocol: "mail" }, 'protocol: was "mail"; AWS takes'],
    [
      "aws:s3/bucketVersioning:BucketVersioning",
      { versioningConfiguration: { status: "On" } },
      'versioningConfiguration.status: was "On"; AWS takes Enabled, Suspended, Disabled',
    ],
    [
      "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
      { rules: [{ id: "a", status: "On", transitions: [{ storageClass: "COLD" }] }] },
      'rules[0].status: was "On"; AWS takes Disabled, Enabled',
    ],
  ])("%s %j", (token, props, fault) => {
    expect(faults(token, props)).toEqual(expect.arrayContaining([expect.stringContaining(fault)]));
  });

  test("an alarm that fits, and one that does not", () => {
    const fits = { statistic: "Average", period: 300, comparisonOperator: "LessThanThreshold", evaluationPeriods: 1 };
    const token = "aws:cloudwatch/metricAlarm:MetricAlarm";
    expect(faults(token, fits)).toEqual([]);
    const wrong = { ...fits, period: 45, treatMissingData: "ok", datapointsToAlarm: 0, comparisonOperator: ">" };
    expect(faults(token, wrong).map((fault) => fault.split(":")[0])).toEqual([
      "period",
      "comparisonOperator",
      "treatMissingData",
      "datapointsToAlarm",
    ]);
  });
});
