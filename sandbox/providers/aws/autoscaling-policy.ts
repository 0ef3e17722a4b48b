import {
  AutoScalingClient,
  DeletePolicyCommand,
  DescribePoliciesCommand,
  type MetricType,
  PutScalingPolicyCommand,
  type ScalingPolicy,
  type StepAdjustment,
} from "@aws-sdk/client-auto-scaling";
import type { Plain } from "../protocol/value.ts";
import { unlessRefused } from "./autoscaling-errors.ts";
import { refuseImport } from "./no-import.ts";
import { flag, items, number, object, requiredText, text } from "./props.ts";
import type { AwsContext, AwsResource, InputRule, Props } from "./resource.ts";

/** Bounds are text so that they can be left out. */
const bound: InputRule = { same: (old: Plain, next: Plain) => Number(old) === Number(next) };

const policy: AwsResource = {
  inputs: {
    name: { computed: true, forcesNew: true },
    autoscalingGroupName: { required: true, forcesNew: true },
    policyType: { default: "SimpleScaling" },
    adjustmentType: {},
    cooldown: {},
    enabled: { default: true },
    estimatedInstanceWarmup: {},
    metricAggregationType: { computed: true },
    minAdjustmentMagnitude: {},
    scalingAdjustment: {},
    stepAdjustments: {
      set: true,
      fields: {
        metricIntervalLowerBound: bound,
        metricIntervalUpperBound: bound,
        scalingAdjustment: { required: true },
      },
    },
    targetTrackingConfiguration: {
      fields: {
        disableScaleIn: { default: false },
        predefinedMetricSpecification: {
          required: true,
          fields: { predefinedMetricType: { required: true }, resourceLabel: {} },
        },
        targetValue: { required: true },
      },
    },
  },
  validate: policyFaults,
  async create(props, aws) {
    await putPolicy(props, aws);
    return requiredText(props, "name");
  },
  async read(id, known, aws) {
    refuseImport(known, "its group");
    const found = await findPolicy(id, requiredText(known, "autoscalingGroupName"), aws);
    if (!found) return undefined;
    const tracking = found.TargetTrackingConfiguration;
    return {
      adjustmentType: found.AdjustmentType,
      arn: found.PolicyARN,
      autoscalingGroupName: found.AutoScalingGroupName,
      cooldown: found.Cooldown,
      enabled: found.Enabled,
      estimatedInstanceWarmup: found.EstimatedInstanceWarmup,
      metricAggregationType: found.MetricAggregationType,
      minAdjustmentMagnitude: found.MinAdjustmentMagnitude,
      name: found.PolicyName,
      policyType: found.PolicyType,
      scalingAdjustment: found.ScalingAdjustment,
      stepAdjustments: found.StepAdjustments?.map((step) => ({
        metricIntervalLowerBound: step.MetricIntervalLowerBound?.toString(),
        metricIntervalUpperBound: step.MetricIntervalUpperBound?.toString(),
        scalingAdjustment: step.ScalingAdjustment,
      })),
      targetTrackingConfiguration: tracking && {
        disableScaleIn: tracking.DisableScaleIn,
        predefinedMetricSpecification: {
          predefinedMetricType: tracking.PredefinedMetricSpecification?.PredefinedMetricType,
          resourceLabel: tracking.PredefinedMetricSpecification?.ResourceLabel,
        },
        targetValue: tracking.TargetValue,
      },
    };
  },
  update: (_id, props, _old, _changed, aws) => putPolicy(props, aws),
  async delete(id, props, aws) {
    const request = { AutoScalingGroupName: requiredText(props, "autoscalingGroupName"), PolicyName: id };
    await unlessRefused(
      aws.client(AutoScalingClient).send(new DeletePolicyCommand(request)),
      /not found|no scaling policy/i,
    );
  },
};

export const policyResources: Record<string, AwsResource> = { "aws:autoscaling/policy:Policy": policy };

function policyFaults(props: Props): { property: string; reason: string }[] {
  const type = text(props, "policyType") ?? "";
  const of = (...types: string[]): boolean => types.includes(type);
  const rules: [name: string, taken: boolean, needed: boolean][] = [
    ["scalingAdjustment", of("SimpleScaling"), of("SimpleScaling")],
    ["cooldown", of("SimpleScaling"), false],
    ["stepAdjustments", of("StepScaling"), of("StepScaling")],
    ["estimatedInstanceWarmup", of("StepScaling", "TargetTrackingScaling"), false],
    ["targetTrackingConfiguration", of("TargetTrackingScaling"), of("TargetTrackingScaling")],
  ];
  if (!of("SimpleScaling", "StepScaling", "TargetTrackingScaling")) {
    const reason = `was "${type}"; the stand-in for the aws plugin serves SimpleScaling, StepScaling and TargetTrackingScaling`;
    return [{ property: "policyType", reason }];
  }
  return rules.flatMap(([property, taken, needed]) => {
    const given = props[property] !== undefined;
    if (given && !taken) return [{ property, reason: `does not go with policyType "${type}": leave it out` }];
    return needed && !given ? [{ property, reason: `is needed with policyType "${type}"` }] : [];
  });
}

/** Makes it or changes all of it. */
async function putPolicy(props: Props, aws: AwsContext): Promise<void> {
  const tracking = object(props, "targetTrackingConfiguration");
  const metric = tracking && object(tracking, "predefinedMetricSpecification");
  const steps = items(props, "stepAdjustments").map(
    (step): StepAdjustment => ({
      MetricIntervalLowerBound: number(step, "metricIntervalLowerBound"),
      MetricIntervalUpperBound: number(step, "metricIntervalUpperBound"),
      ScalingAdjustment: number(step, "scalingAdjustment"),
    }),
  );
  await aws.client(AutoScalingClient).send(
    new PutScalingPolicyCommand({
      AutoScalingGroupName: requiredText(props, "autoscalingGroupName"),
      PolicyName: requiredText(props, "name"),
      PolicyType: text(props, "policyType"),
      AdjustmentType: text(props, "adjustmentType"),
      Cooldown: number(props, "cooldown"),
      Enabled: flag(props, "enabled"),
      EstimatedInstanceWarmup: number(props, "estimatedInstanceWarmup"),
      MetricAggregationType: text(props, "metricAggregationType"),
      MinAdjustmentMagnitude: number(props, "minAdjustmentMagnitude") || undefined,
      ScalingAdjustment: number(props, "scalingAdjustment"),
      StepAdjustments: steps.length > 0 ? steps : undefined,
      TargetTrackingConfiguration: tracking && {
        DisableScaleIn: flag(tracking, "disableScaleIn"),
        PredefinedMetricSpecification: metric && {
          PredefinedMetricType: text(metric, "predefinedMetricType") as MetricType,
          ResourceLabel: text(metric, "resourceLabel"),
        },
        TargetValue: number(tracking, "targetValue"),
      },
    }),
  );
}

async function findPolicy(name: string, group: string, aws: AwsContext): Promise<ScalingPolicy | undefined> {
  const call = new DescribePoliciesCommand({ AutoScalingGroupName: group, PolicyNames: [name] });
  const found = await unlessRefused(aws.client(AutoScalingClient).send(call), /not found/);
  return found?.ScalingPolicies?.find(({ PolicyName }) => PolicyName === name);
}
