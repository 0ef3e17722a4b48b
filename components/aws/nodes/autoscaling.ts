import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { NodeGroupConfig } from "../../../config/index.ts";
import { type ScalingThresholds, scalingThresholds } from "./scaling-thresholds.ts";

const PERIOD_SECONDS = 60;
/** Fast out and slow in, so that a lull between two peaks does not remove nodes. */
const SCALE_OUT_MINUTES = 2;
const SCALE_IN_MINUTES = 15;

export interface AutoscalingArgs {
  autoScalingGroupName: pulumi.Input<string>;
  config: NodeGroupConfig;
  /** SNS topic that is notified of high CPU. @default none */
  topicArn?: pulumi.Input<string>;
}

/**
 * CloudWatch alarms on the CPU of the nodes. With `autoscaler: cpu-asg` the high alarm adds nodes and notifies, and the low one
 * removes nodes. With other autoscalers there is only the high alarm, and it only notifies.
 */
export class Autoscaling extends pulumi.ComponentResource {
  constructor(name: string, args: AutoscalingArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:aws:Autoscaling", name, {}, opts);
    const { config, topicArn } = args;
    const thresholds = scalingThresholds(config);
    const notify = topicArn === undefined ? [] : [topicArn];

    if (config.autoscaler === "cpu-asg") {
      const scaleOut = this.createScaleOutPolicy(name, args, thresholds);
      const scaleIn = this.createScaleInPolicy(name, args, thresholds);
      this.createHighCpuAlarm(name, args, thresholds, [scaleOut.arn, ...notify]);
      // Without a notification: the Auto Scaling group sends one for every node it removes (see alerts.ts).
      this.createLowCpuAlarm(name, args, thresholds, [scaleIn.arn]);
    } else {
      this.createHighCpuAlarm(name, args, thresholds, notify);
    }
    this.registerOutputs({});
  }

  /** The bounds are relative to the alarm's threshold: https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-simple-step.html */
  private createScaleOutPolicy(
    name: string,
    { autoScalingGroupName }: AutoscalingArgs,
    { scaleOut, scaleOutByTwo, warmupSeconds }: ScalingThresholds,
  ): aws.autoscaling.Policy {
    const secondStep = String(scaleOutByTwo - scaleOut);
    return new aws.autoscaling.Policy(
      `${name}-scale-out`,
      {
        autoscalingGroupName: autoScalingGroupName,
        policyType: "StepScaling",
        adjustmentType: "ChangeInCapacity",
        metricAggregationType: "Average",
        estimatedInstanceWarmup: warmupSeconds,
        stepAdjustments: [
          { metricIntervalLowerBound: "0", metricIntervalUpperBound: secondStep, scalingAdjustment: 1 },
          { metricIntervalLowerBound: secondStep, scalingAdjustment: 2 },
        ],
      },
      { parent: this },
    );
  }

  /** One node at a time: Auto Scaling removes no other for the same step while a node is terminating. */
  private createScaleInPolicy(
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

  private createHighCpuAlarm(
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

  private createLowCpuAlarm(
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
        // Missing data must neither add nor remove nodes.
        treatMissingData: "notBreaching",
      },
      { parent: this },
    );
  }
}
