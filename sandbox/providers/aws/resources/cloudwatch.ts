import {
  ComparisonOperator,
  DeleteAlarmsCommand,
  DescribeAlarmsCommand,
  ListTagsForResourceCommand,
  PutMetricAlarmCommand,
  Statistic,
} from "@aws-sdk/client-cloudwatch";
import {
  AssociateKmsKeyCommand,
  CreateLogGroupCommand,
  DeleteLogGroupCommand,
  DescribeLogGroupsCommand,
  ListTagsForResourceCommand as ListLogGroupTagsCommand,
  PutRetentionPolicyCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { declared } from "../declared-resource.ts";
import type { Message } from "../mapping.ts";
import type { AwsResource } from "../resource.ts";
import { cloudWatch, logs } from "../services.ts";
import { keysAndValues } from "../tags.ts";

/** CloudWatch ends the ARN of a log group in ":*" here. */
const logGroupArn = ({ arn }: Message): string => String(arn).replace(/:\*$/, "");

/** Encrypted, with events that are kept for some days. */
const logGroup = declared({
  service: logs,
  tagged: "",
  autonameLimit: 512,
  identity: "logGroupName",
  gone: ["ResourceNotFoundException"],
  inputs: {
    kmsKeyId: { required: true },
    name: { computed: true, forcesNew: true, api: "logGroupName" },
    retentionInDays: { required: true, sent: "later" },
  },
  outputs: { arn: logGroupArn },
  create: { command: CreateLogGroupCommand },
  id: ({ name }) => String(name),
  read: {
    command: DescribeLogGroupsCommand,
    // By a prefix: the name itself comes first.
    by: "logGroupNamePrefix",
    found: "logGroups",
    match: ({ logGroupName }, id) => logGroupName === id,
    more: (found) => [new ListLogGroupTagsCommand({ resourceArn: logGroupArn(found) })],
  },
  update: [
    { on: ["retentionInDays"], command: PutRetentionPolicyCommand },
    { on: ["kmsKeyId"], command: AssociateKmsKeyCommand },
  ],
  delete: { command: DeleteLogGroupCommand },
});

/** On one metric. */
const metricAlarm = declared({
  service: cloudWatch,
  tagged: "",
  identity: "AlarmNames[0]",
  gone: ["ResourceNotFound", "ResourceNotFoundException"],
  inputs: {
    alarmActions: { set: true },
    alarmDescription: {},
    comparisonOperator: { required: true, allowed: Object.values(ComparisonOperator) },
    datapointsToAlarm: {},
    dimensions: keysAndValues("Name"),
    evaluationPeriods: { required: true },
    metricName: { required: true },
    name: { computed: true, forcesNew: true, api: "AlarmName" },
    namespace: { required: true },
    period: { required: true },
    statistic: { required: true, allowed: Object.values(Statistic) },
    threshold: { required: true },
    treatMissingData: { default: "missing", allowed: ["breaching", "ignore", "missing", "notBreaching"] },
  },
  outputs: { arn: "AlarmArn" },
  create: { command: PutMetricAlarmCommand },
  id: ({ name }) => String(name),
  exists: ({ name }) => `an alarm with the name "${name}" exists already`,
  read: {
    command: DescribeAlarmsCommand,
    found: "MetricAlarms",
    more: ({ AlarmArn }) => [new ListTagsForResourceCommand({ ResourceARN: String(AlarmArn) })],
  },
  update: [{ command: PutMetricAlarmCommand }],
  delete: { command: DeleteAlarmsCommand },
});

export const cloudWatchResources: Record<string, AwsResource> = {
  "aws:cloudwatch/logGroup:LogGroup": logGroup,
  "aws:cloudwatch/metricAlarm:MetricAlarm": metricAlarm,
};
