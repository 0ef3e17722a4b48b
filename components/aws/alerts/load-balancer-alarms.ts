import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { AlertsConfig } from "../../../config/environment.ts";

const PERIOD_SECONDS = 60;

export interface LoadBalancerAlarmsArgs {
  /** The load balancer and its target group in CloudWatch's metrics. */
  dimensions: { LoadBalancer: pulumi.Input<string>; TargetGroup: pulumi.Input<string> };
  config: AlertsConfig;
  /** SNS topic that is notified when an alarm goes off, and when it is over. */
  topicArn: pulumi.Input<string>;
}

type Rule = Required<
  Pick<
    aws.cloudwatch.MetricAlarmArgs,
    "alarmDescription" | "metricName" | "statistic" | "comparisonOperator" | "threshold" | "treatMissingData"
  >
> & { minutes: number };

/**
 * CloudWatch alarms that say when the site is down or answers with errors, seen from the load balancer.
 * The metrics: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
 *
 * Costs 0.10 USD a month for each alarm in us-east-1. The metrics are free.
 */
export class LoadBalancerAlarms extends pulumi.ComponentResource {
  constructor(name: string, args: LoadBalancerAlarmsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:aws:LoadBalancerAlarms", name, {}, opts);
    const { targetErrors, loadBalancerErrors, unhealthyNodes, noHealthyNode } = args.config;

    if (targetErrors.enabled) {
      this.createAlarm(`${name}-lb-target`, args, {
        alarmDescription: `The services of ${name} answer ${targetErrors.perMinute} requests a minute or more with 5xx.`,
        ...errors("HTTPCode_Target_5XX_Count", targetErrors),
      });
    }
    if (loadBalancerErrors.enabled) {
      this.createAlarm(
        `${name}-lb-errors`,
        // CloudWatch has no sum of it by target group: an answer of the load balancer itself belongs to none.
        { ...args, dimensions: { LoadBalancer: args.dimensions.LoadBalancer } },
        {
          alarmDescription:
            `The load balancer of ${name} answers ${loadBalancerErrors.perMinute} requests a minute or more with 5xx: ` +
            "no node answers, or none in time.",
          ...errors("HTTPCode_ELB_5XX_Count", loadBalancerErrors),
        },
      );
    }
    if (unhealthyNodes.enabled) {
      this.createAlarm(`${name}-lb-health`, args, {
        alarmDescription: `${unhealthyNodes.nodes} or more nodes of ${name} fail the load balancer's health check.`,
        metricName: "UnHealthyHostCount",
        statistic: "Maximum",
        comparisonOperator: "GreaterThanOrEqualToThreshold",
        threshold: unhealthyNodes.nodes,
        minutes: unhealthyNodes.minutes,
        // Without targets there is no data. That is the alarm lb-outage.
        treatMissingData: "notBreaching",
      });
    }
    if (noHealthyNode.enabled) {
      this.createAlarm(`${name}-lb-outage`, args, {
        alarmDescription: `${name} is down: no node passes the load balancer's health check.`,
        metricName: "HealthyHostCount",
        // Not the minimum: the part of the load balancer in one zone may see no node while the others do.
        statistic: "Maximum",
        comparisonOperator: "LessThanThreshold",
        threshold: 1,
        minutes: noHealthyNode.minutes,
        // CloudWatch has no data of a target group without targets, and then nothing serves. With targets this metric is reported
        // without requests too: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/elb-metricscollected.html
        treatMissingData: "breaching",
      });
    }
    this.registerOutputs({});
  }

  private createAlarm(
    name: string,
    {
      topicArn,
      dimensions,
    }: Pick<LoadBalancerAlarmsArgs, "topicArn"> & { dimensions: Record<string, pulumi.Input<string>> },
    { minutes, ...rule }: Rule,
  ): void {
    new aws.cloudwatch.MetricAlarm(
      name,
      {
        ...rule,
        namespace: "AWS/ApplicationELB",
        dimensions,
        period: PERIOD_SECONDS,
        evaluationPeriods: minutes,
        datapointsToAlarm: minutes,
        alarmActions: [topicArn],
        // People who were woken also learn that it is over.
        okActions: [topicArn],
      },
      { parent: this },
    );
  }
}

/** CloudWatch has no data of a minute without errors. */
function errors(metricName: string, { perMinute, minutes }: { perMinute: number; minutes: number }) {
  return {
    metricName,
    statistic: "Sum",
    comparisonOperator: "GreaterThanOrEqualToThreshold",
    threshold: perMinute,
    minutes,
    treatMissingData: "notBreaching",
  };
}
