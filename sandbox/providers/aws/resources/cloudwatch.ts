import * as cloudwatch from "@aws-sdk/client-cloudwatch";
import * as logs from "@aws-sdk/client-cloudwatch-logs";
import { declared } from "../declared-resource.ts";
import type { Message } from "../mapping.ts";
import type { AwsResource } from "../resource.ts";
import { cloudWatchService, logsService } from "../services.ts";
import { keysAndValues } from "../tags.ts";

/** CloudWatch ends the ARN of a log group in ":*" here. */
const logGroupArn = ({ arn }: Message): string => String(arn).replace(/:\*$/, "");

/** Encrypted, with events that are kept for some days. */
const logGroup = declared(logsService, {
  tagged: true,
  autonameLimit: 512,
  identity: "logGroupName",
  inputs: {
    kmsKeyId: { required: true },
    name: { forcesNew: true, computed: true, api: "logGroupName" },
    retentionInDays: { required: true, sent: "later" },
  },
  outputs: { arn: logGroupArn },
  create: logs.CreateLogGroupCommand,
  id: ({ name }) => String(name),
  read: {
    command: logs.DescribeLogGroupsCommand,
    // By a prefix: the name itself comes first.
    by: "logGroupNamePrefix",
    found: "logGroups",
    match: ({ logGroupName }, id) => logGroupName === id,
    more: (found) => [new logs.ListTagsForResourceCommand({ resourceArn: logGroupArn(found) })],
  },
  update: [
    { on: ["retentionInDays"], command: logs.PutRetentionPolicyCommand },
    { on: ["kmsKeyId"], command: logs.AssociateKmsKeyCommand },
  ],
  delete: logs.DeleteLogGroupCommand,
});

/** On one metric. */
const metricAlarm = declared(cloudWatchService, {
  tagged: true,
  identity: "AlarmName",
  inputs: {
    alarmActions: { set: true },
    alarmDescription: {},
    comparisonOperator: { required: true, allowed: Object.values(cloudwatch.ComparisonOperator) },
    datapointsToAlarm: {},
    dimensions: keysAndValues("Name"),
    evaluationPeriods: { required: true },
    metricName: { required: true },
    name: { forcesNew: true, computed: true, api: "AlarmName" },
    namespace: { required: true },
    okActions: { set: true, api: "OKActions" },
    period: { required: true },
    statistic: { required: true, allowed: Object.values(cloudwatch.Statistic) },
    threshold: { required: true },
    treatMissingData: { default: "missing", allowed: ["breaching", "ignore", "missing", "notBreaching"] },
  },
  outputs: { arn: "AlarmArn" },
  create: cloudwatch.PutMetricAlarmCommand,
  id: ({ name }) => String(name),
  exists: ({ name }) => `an alarm with the name "${name}" exists already`,
  read: {
    command: cloudwatch.DescribeAlarmsCommand,
    by: "AlarmNames[0]",
    found: "MetricAlarms",
    more: ({ AlarmArn }) => [new cloudwatch.ListTagsForResourceCommand({ ResourceARN: String(AlarmArn) })],
  },
  update: [cloudwatch.PutMetricAlarmCommand],
  delete: { command: cloudwatch.DeleteAlarmsCommand, by: "AlarmNames[0]" },
});

export const cloudWatchResources: Record<string, AwsResource> = {
  "aws:cloudwatch/logGroup:LogGroup": logGroup,
  "aws:cloudwatch/metricAlarm:MetricAlarm": metricAlarm,
};
