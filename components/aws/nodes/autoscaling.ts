import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { NodeGroupConfig } from "../../../config/index.ts";
import { type ScalingThresholds, scalingThresholds } from "./scaling-thresholds.ts";

const PERIOD_SECONDS = 60;
/** A node is added soon, and taken away late: a lull between two peaks is not to end nodes. */
const SCALE_OUT_MINUTES = 2;
const SCALE_IN_MINUTES = 15;

export interface AutoscalingArgs {
  autoScalingGroupName: pulumi.Input<string>;
  config: NodeGroupConfig;
  /** Told of high CPU. @default - nobody */
  topicArn?: pulumi.Input<string>;
}

/**
 * Alarms on the CPU of the nodes. With `autoscaler: cpu-asg` a high one adds nodes, and tells of it, and a low one takes them
 * away. Otherwise the number of nodes is another's business: there is only the high one, and it only tells. The
 * cluster-autoscaler itself is in cluster-autoscaler.ts.
 */
export class Autoscaling extends pulumi.ComponentResource {
  constructor(name: string, args: AutoscalingArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:aws:Autoscaling", name, {}, opts);
    const { config, topicArn } = args;
    const thresholds = scalingThresholds(config);
    const tell = topicArn === undefined ? [] : [topicArn];

    if (config.autoscaler === "cpu-asg") {
      this.alarmHigh(name, args, thresholds, [this.scaleOut(name, args, thresholds).arn, ...tell]);
      // Nodes that go are told of by the group itself: see alerts.ts.
      this.alarmLow(name, args, thresholds, [this.scaleIn(name, args, thresholds).arn]);
    } else {
      // Low CPU is no news: it comes with every night.
      this.alarmHigh(name, args, thresholds, tell);
    }
    this.registerOutputs({});
  }

  /** Source: https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-simple-step.html; bounds count from the threshold. */
  private scaleOut(
    name: string,
    { autoScalingGroupName }: AutoscalingArgs,
    { scaleOut, scaleOutFar, warmupSeconds }: ScalingThresholds,
  ): aws.autoscaling.Policy {
    const far = String(scaleOutFar - scaleOut);
    return new aws.autoscaling.Policy(
      `${name}-scale-out`,
      {
        autoscalingGroupName: autoScalingGroupName,
        policyType: "StepScaling",
        adjustmentType: "ChangeInCapacity",
        metricAggregationType: "Average",
        estimatedInstanceWarmup: warmupSeconds,
        stepAdjustments: [
          { metricIntervalLowerBound: "0", metricIntervalUpperBound: far, scalingAdjustment: 1 },
          { metricIntervalLowerBound: far, scalingAdjustment: 2 },
        ],
      },
      { parent: this },
    );
  }

  /** One at a time: while a node is ending, Auto Scaling takes no other for the same step. */
  private scaleIn(
    name: string,
    { autoScalingGroupName }: AutoscalingArgs,
    { warmupSeconds }: ScalingThresholds,
  ): aws.autoscaling.Policy {
    return new aws.autoscaling.Policy(
      `${name}-scale-in`,
      {
        autoscalingGroupName: autoScalingGroupName,
        policyType: "StepScaling",
        adjustmentType: "ChangeInCapacity",
        metricAggregationType: "Average",
        estimatedInstanceWarmup: warmupSeconds,
        stepAdjustments: [{ metricIntervalUpperBound: "0", scalingAdjustment: -1 }],
      },
      { parent: this },
    );
  }

  private alarmHigh(
    name: string,
    args: AutoscalingArgs,
    { scaleOut }: ScalingThresholds,
    alarmActions: pulumi.Input<string>[],
  ): void {
    this.createAlarm(`${name}-cpu-high`, args, {
      alarmDescription: `The nodes of ${name} use more than ${scaleOut} % of their CPU.`,
      comparisonOperator: "GreaterThanThreshold",
      threshold: scaleOut,
      evaluationPeriods: SCALE_OUT_MINUTES,
      alarmActions,
    });
  }

  private alarmLow(
    name: string,
    args: AutoscalingArgs,
    { scaleIn }: ScalingThresholds,
    alarmActions: pulumi.Input<string>[],
  ): void {
    this.createAlarm(`${name}-cpu-low`, args, {
      alarmDescription: `The nodes of ${name} use less than ${scaleIn} % of their CPU.`,
      comparisonOperator: "LessThanThreshold",
      threshold: scaleIn,
      evaluationPeriods: SCALE_IN_MINUTES,
      alarmActions,
    });
  }

  private createAlarm(
    name: string,
    { autoScalingGroupName }: AutoscalingArgs,
    rule: Pick<
      aws.cloudwatch.MetricAlarmArgs,
      "alarmDescription" | "comparisonOperator" | "threshold" | "alarmActions"
    > & { evaluationPeriods: number },
  ): void {
    new aws.cloudwatch.MetricAlarm(
      name,
      {
        ...rule,
        namespace: "AWS/EC2",
        metricName: "CPUUtilization",
        dimensions: { AutoScalingGroupName: autoScalingGroupName },
        statistic: "Average",
        period: PERIOD_SECONDS,
        datapointsToAlarm: rule.evaluationPeriods,
        // No data is no reason to add a node, and least of all one to take one away.
        treatMissingData: "notBreaching",
      },
      { parent: this },
    );
  }
}
