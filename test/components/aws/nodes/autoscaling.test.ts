import { describe, expect, it } from "vitest";
import { Autoscaling } from "../../../../components/aws/nodes/autoscaling.ts";
import { scalingThresholds } from "../../../../components/aws/nodes/scaling-thresholds.ts";
import { nodeGroupOf } from "../../../config/settings.ts";
import { Declarations, type Declared } from "../declared.ts";

const POLICY = "aws:autoscaling/policy:Policy";
const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";
const TOPIC = "arn:aws:sns:ap-northeast-2:123456789012:alerts";
const arnOf = (name: string) => `arn:aws:autoscaling:ap-northeast-2:123456789012:scalingPolicy:${name}`;

async function autoscaling(config: Parameters<typeof nodeGroupOf>[0] = {}, topicArn?: string): Promise<Declared[]> {
  // The sign of its step tells which policy it is.
  const policy = ({ stepAdjustments }: Record<string, unknown>) => {
    const [step] = stepAdjustments as { scalingAdjustment: number }[];
    return { arn: arnOf((step?.scalingAdjustment ?? 0) > 0 ? "out" : "in") };
  };
  const declarations = await Declarations.begin({ answers: { [POLICY]: policy } });
  new Autoscaling(
    "shop-prod",
    {
      autoScalingGroupName: "eks-1",
      config: nodeGroupOf(config),
      ...(topicArn && { topicArn }),
    },
    declarations.opts,
  );
  await declarations.settle();
  return declarations.all;
}

const named = (declared: Declared[], type: string, name: string) =>
  declared.find((resource) => resource.type === type && resource.name === `shop-prod-${name}`)?.inputs;

describe("with autoscaler: cpu-asg", () => {
  it("adds one node above scaleOut, and two half way from there to 100 %", async () => {
    expect(named(await autoscaling(), POLICY, "scale-out")).toEqual({
      autoscalingGroupName: "eks-1",
      policyType: "StepScaling",
      adjustmentType: "ChangeInCapacity",
      metricAggregationType: "Average",
      estimatedInstanceWarmup: 180,
      stepAdjustments: [
        { metricIntervalLowerBound: "0", metricIntervalUpperBound: "25", scalingAdjustment: 1 },
        { metricIntervalLowerBound: "25", scalingAdjustment: 2 },
      ],
    });
  });

  it("removes one node below scaleIn", async () => {
    expect(named(await autoscaling(), POLICY, "scale-in")).toMatchObject({
      policyType: "StepScaling",
      adjustmentType: "ChangeInCapacity",
      stepAdjustments: [{ metricIntervalUpperBound: "0", scalingAdjustment: -1 }],
    });
  });

  it("alarms after two high or fifteen low minutes, and ignores missing data", async () => {
    const declared = await autoscaling({}, TOPIC);
    const common = {
      namespace: "AWS/EC2",
      metricName: "CPUUtilization",
      dimensions: { AutoScalingGroupName: "eks-1" },
      statistic: "Average",
      period: 60,
      treatMissingData: "notBreaching",
    };
    expect(named(declared, ALARM, "cpu-high")).toMatchObject({
      ...common,
      comparisonOperator: "GreaterThanThreshold",
      threshold: 50,
      evaluationPeriods: 2,
      datapointsToAlarm: 2,
      alarmActions: [arnOf("out"), TOPIC],
    });
    expect(named(declared, ALARM, "cpu-low")).toMatchObject({
      ...common,
      comparisonOperator: "LessThanThreshold",
      threshold: 30,
      evaluationPeriods: 15,
      datapointsToAlarm: 15,
      alarmActions: [arnOf("in")],
    });
  });

  it("uses the thresholds in the config", async () => {
    const declared = await autoscaling({ cpu: { scaleOut: 75, scaleIn: 20, warmupSeconds: 300 } });
    expect(named(declared, ALARM, "cpu-high")).toMatchObject({ threshold: 75, alarmActions: [arnOf("out")] });
    expect(named(declared, ALARM, "cpu-low")).toMatchObject({ threshold: 20 });
    expect(named(declared, POLICY, "scale-out")).toMatchObject({
      estimatedInstanceWarmup: 300,
      stepAdjustments: [{ metricIntervalUpperBound: "13" }, { metricIntervalLowerBound: "13" }],
    });
  });
});

describe.each(["cluster-autoscaler", "none"] as const)("with autoscaler: %s", (autoscaler) => {
  it("there is no scaling policy, and only high CPU alarms", async () => {
    const declared = await autoscaling({ autoscaler }, TOPIC);
    expect(declared.filter(({ type }) => type === POLICY)).toEqual([]);
    const alarms = declared.filter(({ type }) => type === ALARM).map(({ name, inputs }) => [name, inputs.alarmActions]);
    expect(alarms).toEqual([["shop-prod-cpu-high", [TOPIC]]]);
  });

  it("the alarm notifies nobody without a topic", async () => {
    const declared = await autoscaling({ autoscaler });
    const actions = declared.filter(({ type }) => type === ALARM).map(({ inputs }) => inputs.alarmActions);
    expect(actions).toEqual([[]]);
  });
});

it("has a second step above every threshold", () => {
  for (let scaleOut = 1; scaleOut <= 99; scaleOut++) {
    const { scaleOutByTwo } = scalingThresholds(nodeGroupOf({ cpu: { scaleOut } }));
    expect(scaleOutByTwo).toBeGreaterThan(scaleOut);
    expect(scaleOutByTwo).toBeLessThanOrEqual(100);
  }
});
