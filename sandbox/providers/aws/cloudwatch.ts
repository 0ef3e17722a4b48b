import { logGroup } from "./cloudwatch-log-group.ts";
import { metricAlarm } from "./cloudwatch-metric-alarm.ts";
import type { AwsResource } from "./resource.ts";

export const cloudwatchResources: Record<string, AwsResource> = {
  "aws:cloudwatch/logGroup:LogGroup": logGroup,
  "aws:cloudwatch/metricAlarm:MetricAlarm": metricAlarm,
};
