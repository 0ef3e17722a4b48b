import {
  CloudWatchClient,
  ComparisonOperator,
  DeleteAlarmsCommand,
  DescribeAlarmsCommand,
  ListTagsForResourceCommand,
  type MetricAlarm,
  PutMetricAlarmCommand,
  Statistic,
  TagResourceCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-cloudwatch";
import {
  AssociateKmsKeyCommand,
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  DeleteLogGroupCommand,
  DescribeLogGroupsCommand,
  ListTagsForResourceCommand as ListLogTagsCommand,
  PutRetentionPolicyCommand,
  TagResourceCommand as TagLogsCommand,
  UntagResourceCommand as UntagLogsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { unlessGone } from "./errors.ts";
import { number, requiredText, text, textMap, texts } from "./props.ts";
import type { AwsContext, AwsResource, Props } from "./resource.ts";
import { type Tag, tagList, tagMap } from "./tags.ts";

const cloudwatch = (aws: AwsContext): CloudWatchClient => aws.client(CloudWatchClient);
const logs = (aws: AwsContext): CloudWatchLogsClient => aws.client(CloudWatchLogsClient);

/** `aws:cloudwatch/logGroup:LogGroup`, encrypted by a key and kept for some days. */
const logGroup: AwsResource = {
  autonameLimit: 512,
  inputs: {
    kmsKeyId: { required: true },
    name: { computed: true, forcesNew: true },
    retentionInDays: { required: true },
  },
  tags: {
    add: ({ old }, tags, aws) => logs(aws).send(new TagLogsCommand({ resourceArn: text(old, "arn"), tags })),
    remove: ({ old }, tagKeys, aws) => logs(aws).send(new UntagLogsCommand({ resourceArn: text(old, "arn"), tagKeys })),
  },

  async create(props, aws, op) {
    const logGroupName = requiredText(props, "name");
    const request = { logGroupName, kmsKeyId: text(props, "kmsKeyId"), tags: textMap(props, "tagsAll") };
    await logs(aws).send(new CreateLogGroupCommand(request));
    op.made(logGroupName);
    await keepFor(logGroupName, props, aws);
    return logGroupName;
  },

  async read(id, _known, aws) {
    // By a prefix: the name itself comes first.
    const { logGroups } = await logs(aws).send(new DescribeLogGroupsCommand({ logGroupNamePrefix: id }));
    const found = logGroups?.find(({ logGroupName }) => logGroupName === id);
    if (!found) return undefined;
    const arn = found.arn?.replace(/:\*$/, "");
    return {
      arn,
      kmsKeyId: found.kmsKeyId,
      name: found.logGroupName,
      retentionInDays: found.retentionInDays,
      tags: (await logs(aws).send(new ListLogTagsCommand({ resourceArn: arn }))).tags,
    };
  },

  async update(id, props, _old, changed, aws) {
    if (changed.has("retentionInDays")) await keepFor(id, props, aws);
    if (changed.has("kmsKeyId")) {
      const request = { logGroupName: id, kmsKeyId: requiredText(props, "kmsKeyId") };
      await logs(aws).send(new AssociateKmsKeyCommand(request));
    }
  },

  async delete(id, _props, aws) {
    const request = new DeleteLogGroupCommand({ logGroupName: id });
    await unlessGone(logs(aws).send(request), "ResourceNotFoundException");
  },
};

async function keepFor(logGroupName: string, props: Props, aws: AwsContext): Promise<void> {
  const request = { logGroupName, retentionInDays: number(props, "retentionInDays") };
  await logs(aws).send(new PutRetentionPolicyCommand(request));
}

/** `aws:cloudwatch/metricAlarm:MetricAlarm` on one metric. */
const metricAlarm: AwsResource = {
  inputs: {
    alarmActions: { set: true },
    alarmDescription: {},
    comparisonOperator: { required: true, allowed: Object.values(ComparisonOperator) },
    datapointsToAlarm: {},
    dimensions: {},
    evaluationPeriods: { required: true },
    metricName: { required: true },
    name: { computed: true, forcesNew: true },
    namespace: { required: true },
    period: { required: true },
    statistic: { required: true, allowed: Object.values(Statistic) },
    threshold: { required: true },
    treatMissingData: { default: "missing", allowed: ["breaching", "ignore", "missing", "notBreaching"] },
  },
  tags: {
    add: ({ old }, tags, aws) =>
      cloudwatch(aws).send(new TagResourceCommand({ ResourceARN: text(old, "arn"), Tags: tagList(tags) })),
    remove: ({ old }, TagKeys, aws) =>
      cloudwatch(aws).send(new UntagResourceCommand({ ResourceARN: text(old, "arn"), TagKeys })),
  },

  async create(props, aws) {
    const name = requiredText(props, "name");
    // The call takes over what is there; a name that is taken is a mistake all the same.
    if (await findAlarm(name, aws)) throw new Error(`an alarm with the name "${name}" is there already`);
    await putAlarm(name, props, aws, tagList(textMap(props, "tagsAll")));
    return name;
  },

  async read(id, _known, aws) {
    const found = await findAlarm(id, aws);
    if (!found) return undefined;
    const tags = new ListTagsForResourceCommand({ ResourceARN: found.AlarmArn });
    return {
      alarmActions: found.AlarmActions,
      alarmDescription: found.AlarmDescription,
      arn: found.AlarmArn,
      comparisonOperator: found.ComparisonOperator,
      datapointsToAlarm: found.DatapointsToAlarm,
      dimensions: Object.fromEntries((found.Dimensions ?? []).map(({ Name, Value }) => [Name, Value])),
      evaluationPeriods: found.EvaluationPeriods,
      metricName: found.MetricName,
      name: found.AlarmName,
      namespace: found.Namespace,
      period: found.Period,
      statistic: found.Statistic,
      threshold: found.Threshold,
      treatMissingData: found.TreatMissingData ?? "missing",
      tags: tagMap((await cloudwatch(aws).send(tags)).Tags),
    };
  },

  update: (id, props, _old, _changed, aws) => putAlarm(id, props, aws),

  async delete(id, _props, aws) {
    const request = new DeleteAlarmsCommand({ AlarmNames: [id] });
    await unlessGone(cloudwatch(aws).send(request), "ResourceNotFound", "ResourceNotFoundException");
  },
};

async function findAlarm(name: string, aws: AwsContext): Promise<MetricAlarm | undefined> {
  const request = new DescribeAlarmsCommand({ AlarmNames: [name], AlarmTypes: ["MetricAlarm"] });
  return (await cloudwatch(aws).send(request)).MetricAlarms?.[0];
}

/** @param Tags taken at creation only. */
async function putAlarm(name: string, props: Props, aws: AwsContext, Tags?: Tag[]): Promise<void> {
  await cloudwatch(aws).send(
    new PutMetricAlarmCommand({
      AlarmName: name,
      AlarmActions: texts(props, "alarmActions"),
      AlarmDescription: text(props, "alarmDescription"),
      ComparisonOperator: requiredText(props, "comparisonOperator") as ComparisonOperator,
      DatapointsToAlarm: number(props, "datapointsToAlarm"),
      Dimensions: Object.entries(textMap(props, "dimensions")).map(([Name, Value]) => ({ Name, Value })),
      EvaluationPeriods: number(props, "evaluationPeriods"),
      MetricName: text(props, "metricName"),
      Namespace: text(props, "namespace"),
      Period: number(props, "period"),
      Statistic: text(props, "statistic") as Statistic,
      Threshold: number(props, "threshold"),
      TreatMissingData: text(props, "treatMissingData"),
      Tags,
    }),
  );
}

export const cloudwatchResources: Record<string, AwsResource> = {
  "aws:cloudwatch/logGroup:LogGroup": logGroup,
  "aws:cloudwatch/metricAlarm:MetricAlarm": metricAlarm,
};
