import {
  CloudWatchClient,
  ComparisonOperator,
  DeleteAlarmsCommand,
  DescribeAlarmsCommand,
  ListTagsForResourceCommand,
  type MetricAlarm,
  PutMetricAlarmCommand,
  StandardUnit,
  Statistic,
  TagResourceCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-cloudwatch";
import { unlessGone } from "./errors.ts";
import { exactlyOne } from "./exactly-one.ts";
import { type InputFault, notAmong, notWithin } from "./input-faults.ts";
import { flag, number, requiredText, text, textMap, texts } from "./props.ts";
import type { AwsContext, AwsResource, Props } from "./resource.ts";
import { tagChanges, tagList, tagMap } from "./tag-changes.ts";

/** `aws:cloudwatch/metricAlarm:MetricAlarm` on one metric. */
export const metricAlarm: AwsResource = {
  tagged: true,
  autoname: "name",
  inputs: {
    actionsEnabled: { default: true },
    alarmActions: { set: true },
    alarmDescription: {},
    comparisonOperator: { required: true },
    datapointsToAlarm: {},
    dimensions: {},
    evaluationPeriods: { required: true },
    extendedStatistic: {},
    insufficientDataActions: { set: true },
    metricName: { required: true },
    name: { computed: true, forcesNew: true },
    namespace: { required: true },
    okActions: { set: true },
    period: { required: true },
    statistic: {},
    threshold: { required: true },
    treatMissingData: { default: "missing" },
    unit: {},
  },

  validate: alarmFaults,

  async create(props, aws) {
    const name = requiredText(props, "name");
    // The call takes over what is there; a name that is taken is a mistake all the same.
    if (await describe(name, aws)) throw new Error(`an alarm with the name "${name}" is there already`);
    await put(name, props, aws, tagList(textMap(props, "tagsAll")));
    return name;
  },

  async read(id, _known, aws) {
    const found = await describe(id, aws);
    if (!found) return undefined;
    const tags = new ListTagsForResourceCommand({ ResourceARN: found.AlarmArn });
    return {
      actionsEnabled: found.ActionsEnabled,
      alarmActions: found.AlarmActions,
      alarmDescription: found.AlarmDescription,
      arn: found.AlarmArn,
      comparisonOperator: found.ComparisonOperator,
      datapointsToAlarm: found.DatapointsToAlarm,
      dimensions: Object.fromEntries((found.Dimensions ?? []).map(({ Name, Value }) => [Name, Value])),
      evaluationPeriods: found.EvaluationPeriods,
      extendedStatistic: found.ExtendedStatistic,
      insufficientDataActions: found.InsufficientDataActions,
      metricName: found.MetricName,
      name: found.AlarmName,
      namespace: found.Namespace,
      okActions: found.OKActions,
      period: found.Period,
      statistic: found.Statistic,
      threshold: found.Threshold,
      treatMissingData: found.TreatMissingData ?? "missing",
      unit: found.Unit,
      tags: tagMap((await aws.client(CloudWatchClient).send(tags)).Tags),
    };
  },

  async update(id, props, old, changed, aws) {
    if ([...changed].some((name) => name !== "tagsAll")) await put(id, props, aws);
    if (!changed.has("tagsAll")) return;
    const cloudwatch = aws.client(CloudWatchClient);
    const ResourceARN = requiredText(old, "arn");
    const { added, removed } = tagChanges(props, old);
    if (removed.length > 0) await cloudwatch.send(new UntagResourceCommand({ ResourceARN, TagKeys: removed }));
    const Tags = tagList(added);
    if (Tags) await cloudwatch.send(new TagResourceCommand({ ResourceARN, Tags }));
  },

  async delete(id, _props, aws) {
    const request = new DeleteAlarmsCommand({ AlarmNames: [id] });
    await unlessGone(aws.client(CloudWatchClient).send(request), "ResourceNotFound", "ResourceNotFoundException");
  },
};

function alarmFaults(props: Props): InputFault[] {
  const period = number(props, "period") ?? 60;
  return [
    ...exactlyOne(props, ["statistic", "extendedStatistic"]),
    ...(period % 60 === 0 ? [] : notAmong("period", period, [10, 20, 30, "multiples of 60"])),
    ...notAmong("comparisonOperator", props.comparisonOperator, Object.values(ComparisonOperator)),
    ...notAmong("statistic", props.statistic, Object.values(Statistic)),
    ...notAmong("treatMissingData", props.treatMissingData, ["breaching", "ignore", "missing", "notBreaching"]),
    ...notAmong("unit", props.unit, Object.values(StandardUnit)),
    ...notWithin("datapointsToAlarm", props.datapointsToAlarm, 1),
    ...notWithin("evaluationPeriods", props.evaluationPeriods, 1),
  ];
}

async function describe(name: string, aws: AwsContext): Promise<MetricAlarm | undefined> {
  const request = new DescribeAlarmsCommand({ AlarmNames: [name], AlarmTypes: ["MetricAlarm"] });
  return (await aws.client(CloudWatchClient).send(request)).MetricAlarms?.[0];
}

/** @param Tags taken at creation only. */
async function put(
  name: string,
  props: Props,
  aws: AwsContext,
  Tags?: { Key: string; Value: string }[],
): Promise<void> {
  await aws.client(CloudWatchClient).send(
    new PutMetricAlarmCommand({
      AlarmName: name,
      ActionsEnabled: flag(props, "actionsEnabled"),
      AlarmActions: texts(props, "alarmActions"),
      AlarmDescription: text(props, "alarmDescription"),
      ComparisonOperator: requiredText(props, "comparisonOperator") as ComparisonOperator,
      DatapointsToAlarm: number(props, "datapointsToAlarm"),
      Dimensions: Object.entries(textMap(props, "dimensions")).map(([Name, Value]) => ({ Name, Value })),
      EvaluationPeriods: number(props, "evaluationPeriods"),
      ExtendedStatistic: text(props, "extendedStatistic"),
      InsufficientDataActions: texts(props, "insufficientDataActions"),
      MetricName: text(props, "metricName"),
      Namespace: text(props, "namespace"),
      OKActions: texts(props, "okActions"),
      Period: number(props, "period"),
      Statistic: text(props, "statistic") as Statistic | undefined,
      Threshold: number(props, "threshold"),
      TreatMissingData: text(props, "treatMissingData"),
      Unit: text(props, "unit") as StandardUnit | undefined,
      Tags,
    }),
  );
}
