import { describe, expect, it } from "vitest";
import { LoadBalancerAlarms } from "../../../../components/aws/alerts/load-balancer-alarms.ts";
import { alertsOf } from "../../../config/settings.ts";
import { declareAll } from "../declared.ts";

const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";
const TOPIC = "arn:aws:sns:ap-northeast-2:123456789012:shop-prod-alerts-0a1b2c3";
const dimensions = { LoadBalancer: "app/lb-shop-prod/1", TargetGroup: "targetgroup/http-shop-prod/1" };

const declare = (config: Parameters<typeof alertsOf>[0] = {}) =>
  declareAll(
    (opts) => new LoadBalancerAlarms("shop-prod", { dimensions, config: alertsOf(config), topicArn: TOPIC }, opts),
  );

describe("LoadBalancerAlarms", () => {
  it("notifies when an alarm goes off and when it is over, of metrics of the load balancer each minute", async () => {
    const alarms = (await declare()).all.filter(({ type }) => type === ALARM);
    expect(alarms).toHaveLength(4);
    for (const { inputs } of alarms) {
      expect(inputs).toMatchObject({
        namespace: "AWS/ApplicationELB",
        period: 60,
        alarmActions: [TOPIC],
        okActions: [TOPIC],
        datapointsToAlarm: inputs.evaluationPeriods,
      });
    }
  });

  it("counts errors of the services and of the load balancer itself, and takes a minute without data as one without", async () => {
    const declared = await declare({
      targetErrors: { perMinute: 7, minutes: 4 },
      loadBalancerErrors: { perMinute: 3 },
    });
    const rule = {
      statistic: "Sum",
      comparisonOperator: "GreaterThanOrEqualToThreshold",
      treatMissingData: "notBreaching",
    };
    expect(declared.one(ALARM, "shop-prod-lb-target").inputs).toMatchObject({
      ...rule,
      metricName: "HTTPCode_Target_5XX_Count",
      threshold: 7,
      evaluationPeriods: 4,
      dimensions,
    });
    const own = declared.one(ALARM, "shop-prod-lb-errors").inputs;
    expect(own).toMatchObject({ ...rule, metricName: "HTTPCode_ELB_5XX_Count", threshold: 3, evaluationPeriods: 2 });
    // With a target group CloudWatch has no such metric, and the alarm would never go off.
    expect(own.dimensions).toEqual({ LoadBalancer: dimensions.LoadBalancer });
  });

  it("counts unhealthy nodes", async () => {
    const declared = await declare({ unhealthyNodes: { nodes: 2, minutes: 5 } });
    expect(declared.one(ALARM, "shop-prod-lb-health").inputs).toMatchObject({
      metricName: "UnHealthyHostCount",
      comparisonOperator: "GreaterThanOrEqualToThreshold",
      threshold: 2,
      evaluationPeriods: 5,
      dimensions,
    });
  });

  it("goes off when no node is healthy, and when there is none at all", async () => {
    expect((await declare()).one(ALARM, "shop-prod-lb-outage").inputs).toMatchObject({
      metricName: "HealthyHostCount",
      statistic: "Maximum",
      comparisonOperator: "LessThanThreshold",
      threshold: 1,
      treatMissingData: "breaching",
      dimensions,
    });
  });

  it.each([
    ["targetErrors", "lb-target"],
    ["loadBalancerErrors", "lb-errors"],
    ["unhealthyNodes", "lb-health"],
    ["noHealthyNode", "lb-outage"],
  ])("has no alarm of alerts.%s if that is off", async (field, end) => {
    const names = (await declare({ [field]: { enabled: false } })).named(ALARM);
    expect(names).toHaveLength(3);
    expect(names).not.toContain(`shop-prod-${end}`);
  });
});
