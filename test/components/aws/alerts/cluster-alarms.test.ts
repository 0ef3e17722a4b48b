import { describe, expect, it } from "vitest";
import { ClusterAlarms } from "../../../../components/aws/alerts/cluster-alarms.ts";
import { alertsOf } from "../../../config/settings.ts";
import { declareAll } from "../declared.ts";

const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";
const TOPIC = "arn:aws:sns:ap-northeast-2:123456789012:shop-prod-alerts-0a1b2c3";

const declare = (config: Parameters<typeof alertsOf>[0] = {}, containerInsights = true) =>
  declareAll(
    (opts) =>
      new ClusterAlarms(
        "shop-prod",
        { clusterName: "shop-prod", config: alertsOf(config), containerInsights, topicArn: TOPIC },
        opts,
      ),
  );

describe("ClusterAlarms", () => {
  it("notifies when an alarm goes off and when it is over, for the whole cluster", async () => {
    const alarms = (await declare()).all.filter(({ type }) => type === ALARM);
    expect(alarms).toHaveLength(3);
    for (const { inputs } of alarms) {
      expect(inputs).toMatchObject({
        // CloudWatch matches all dimensions: with another one there would be no data, and the alarm would never go off.
        dimensions: { ClusterName: "shop-prod" },
        comparisonOperator: "GreaterThanOrEqualToThreshold",
        alarmActions: [TOPIC],
        okActions: [TOPIC],
        datapointsToAlarm: inputs.evaluationPeriods,
      });
    }
  });

  it("counts pods without a node by the metric that EKS sends for free", async () => {
    const declared = await declare({ podsWaiting: { pods: 4, minutes: 20 } }, false);
    expect(declared.named(ALARM)).toEqual(["shop-prod-kube-queue"]);
    expect(declared.one(ALARM).inputs).toMatchObject({
      namespace: "AWS/EKS",
      metricName: "scheduler_pending_pods_UNSCHEDULABLE",
      statistic: "Sum",
      threshold: 4,
      period: 60,
      evaluationPeriods: 20,
    });
  });

  it("counts nodes and restarts by the metrics of Container Insights", async () => {
    const declared = await declare({
      nodesNotReady: { nodes: 2, minutes: 7 },
      podRestarts: { restarts: 9, minutes: 30 },
    });
    expect(declared.one(ALARM, "shop-prod-kube-nodes").inputs).toMatchObject({
      namespace: "ContainerInsights",
      metricName: "cluster_failed_node_count",
      statistic: "Maximum",
      threshold: 2,
      period: 60,
      evaluationPeriods: 7,
      treatMissingData: "missing",
    });
    expect(declared.one(ALARM, "shop-prod-kube-crash").inputs).toMatchObject({
      namespace: "ContainerInsights",
      metricName: "pod_number_of_container_restarts",
      statistic: "Sum",
      threshold: 9,
      period: 1800,
      evaluationPeriods: 1,
    });
  });

  it.each([
    ["podsWaiting", "shop-prod-kube-queue"],
    ["nodesNotReady", "shop-prod-kube-nodes"],
    ["podRestarts", "shop-prod-kube-crash"],
  ])("%s can be turned off", async (alarm, name) => {
    const alarms = (await declare({ [alarm]: { enabled: false } })).named(ALARM);
    expect(alarms).toHaveLength(2);
    expect(alarms).not.toContain(name);
  });
});
