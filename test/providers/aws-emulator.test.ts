import {
  AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  DescribeScalingActivitiesCommand,
  PutScalingPolicyCommand,
} from "@aws-sdk/client-auto-scaling";
import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  PutMetricAlarmCommand,
  SetAlarmStateCommand,
} from "@aws-sdk/client-cloudwatch";
import {
  CreateSubnetCommand,
  CreateVpcCommand,
  DeleteSubnetCommand,
  DeleteVpcCommand,
  DescribeImagesCommand,
  DescribeInstanceTypesCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import { ECRClient, GetAuthorizationTokenCommand } from "@aws-sdk/client-ecr";
import {
  CreateClusterCommand,
  CreateNodegroupCommand,
  DeleteClusterCommand,
  DeleteNodegroupCommand,
  DescribeClusterCommand,
  DescribeClusterVersionsCommand,
  DescribeNodegroupCommand,
  EKSClient,
  UpdateNodegroupConfigCommand,
  waitUntilClusterActive,
} from "@aws-sdk/client-eks";
import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { apiUrl, registryHost } from "../../sandbox/paths.ts";
import { emulated, unique } from "./aws-life.ts";

const ec2 = emulated.client(EC2Client);
const eks = emulated.client(EKSClient);
const scaling = emulated.client(AutoScalingClient);
const ssm = emulated.client(SSMClient);

const parameter = async (name: string) => (await ssm.send(new GetParameterCommand({ Name: name }))).Parameter?.Value;

describe("public facts", () => {
  test("versions of Kubernetes are in support, or not, by today's date", async () => {
    const { clusterVersions = [] } = await eks.send(new DescribeClusterVersionsCommand({ includeAll: true }));
    expect(clusterVersions.map(({ clusterVersion }) => clusterVersion)).toEqual(["1.35", "1.34", "1.33"]);
    for (const { endOfStandardSupportDate, versionStatus } of clusterVersions) {
      const supported = Date.now() < (endOfStandardSupportDate?.getTime() ?? 0) + 24 * 3600_000;
      expect(versionStatus === "STANDARD_SUPPORT").toBe(supported);
    }
  });

  test("images have one id for each version, architecture and day, and EC2 knows them", async () => {
    const base = "/aws/service/eks/optimized-ami/1.35/amazon-linux-2023";
    const named = (arch: string, day: string) =>
      `${base}/${arch}/standard/amazon-eks-node-al2023-${arch}-standard-1.35-${day}/image_id`;
    const [recommended, pinned, other] = await Promise.all(
      [`${base}/x86_64/standard/recommended/image_id`, named("arm64", "v20260801"), named("arm64", "v20260802")].map(
        parameter,
      ),
    );
    expect(new Set([recommended, pinned, other]).size).toBe(3);
    expect(await parameter(named("arm64", "v20260801"))).toBe(pinned);
    const { Images = [] } = await ec2.send(new DescribeImagesCommand({ ImageIds: [pinned ?? ""] }));
    expect(Images).toMatchObject([
      { Architecture: "arm64", Name: "amazon-eks-node-al2023-arm64-standard-1.35-v20260801" },
    ]);
    await expect(parameter(named("arm64", "v20261301"))).rejects.toThrow(/ParameterNotFound|not found/);
  });

  test("instance types have their own facts, and a type that there is not is an error", async () => {
    const { InstanceTypes = [] } = await ec2.send(
      new DescribeInstanceTypesCommand({ InstanceTypes: ["t4g.small", "m6i.large"] }),
    );
    const facts = InstanceTypes.map((type) => [
      type.InstanceType,
      type.VCpuInfo?.DefaultVCpus,
      type.MemoryInfo?.SizeInMiB,
      type.NetworkInfo?.MaximumNetworkInterfaces,
      type.NetworkInfo?.Ipv4AddressesPerInterface,
      type.ProcessorInfo?.SupportedArchitectures?.[0],
    ]);
    expect(facts).toEqual([
      ["t4g.small", 2, 2048, 3, 4, "arm64"],
      ["m6i.large", 2, 8192, 3, 10, "x86_64"],
    ]);
    const unknown = ec2.send(new DescribeInstanceTypesCommand({ InstanceTypes: ["t3.enormous" as "t3.large"] }));
    await expect(unknown).rejects.toMatchObject({ name: "InvalidInstanceType" });
  });

  test("images of ECR lie in the machine's registry", async () => {
    const { authorizationData } = await emulated.client(ECRClient).send(new GetAuthorizationTokenCommand({}));
    expect(authorizationData?.[0]?.proxyEndpoint).toBe(`http://${registryHost}`);
  });
});

describe("a cluster", () => {
  const name = unique("emulated");
  const subnets: string[] = [];
  let vpc: string | undefined;

  beforeAll(async () => {
    vpc = (await ec2.send(new CreateVpcCommand({ CidrBlock: "10.77.0.0/16" }))).Vpc?.VpcId;
    for (const [index, zone] of ["a", "b"].entries()) {
      const place = { VpcId: vpc, CidrBlock: `10.77.${index}.0/24`, AvailabilityZone: `${emulated.region}${zone}` };
      subnets.push((await ec2.send(new CreateSubnetCommand(place))).Subnet?.SubnetId ?? "");
    }
    const network = { resourcesVpcConfig: { subnetIds: subnets }, roleArn: "arn:aws:iam::123456789012:role/any" };
    await eks.send(new CreateClusterCommand({ name, version: "1.35", ...network }));
    await waitUntilClusterActive({ client: eks, maxWaitTime: 20, minDelay: 1 }, { name });
    const scalingConfig = { minSize: 2, maxSize: 4, desiredSize: 2 };
    const nodeRole = "arn:aws:iam::123456789012:role/nodes";
    await eks.send(
      new CreateNodegroupCommand({ clusterName: name, nodegroupName: "main", subnets, nodeRole, scalingConfig }),
    );
  });

  afterAll(async () => {
    await eks.send(new DeleteNodegroupCommand({ clusterName: name, nodegroupName: "main" }));
    await eks.send(new DeleteClusterCommand({ name }));
    for (const SubnetId of subnets) await ec2.send(new DeleteSubnetCommand({ SubnetId }));
    await ec2.send(new DeleteVpcCommand({ VpcId: vpc }));
  });

  const nodeGroup = async () =>
    (await eks.send(new DescribeNodegroupCommand({ clusterName: name, nodegroupName: "main" }))).nodegroup;
  const groupName = async () => (await nodeGroup())?.resources?.autoScalingGroups?.[0]?.name ?? "";
  const group = async () => {
    const wanted = { AutoScalingGroupNames: [await groupName()] };
    return (await scaling.send(new DescribeAutoScalingGroupsCommand(wanted))).AutoScalingGroups?.[0];
  };

  test("answers with the API that is here", async () => {
    const { cluster } = await eks.send(new DescribeClusterCommand({ name }));
    expect(cluster?.endpoint).toBe(apiUrl);
    expect(Buffer.from(cluster?.certificateAuthority?.data ?? "", "base64").toString()).toContain("BEGIN CERTIFICATE");
  });

  test("has nodes in an Auto Scaling group, whose size follows the node group's", async () => {
    expect(await group()).toMatchObject({ MinSize: 2, MaxSize: 4, DesiredCapacity: 2 });
    const scalingConfig = { minSize: 2, maxSize: 6, desiredSize: 3 };
    await eks.send(new UpdateNodegroupConfigCommand({ clusterName: name, nodegroupName: "main", scalingConfig }));
    expect(await group()).toMatchObject({ MaxSize: 6, DesiredCapacity: 3 });
    expect((await group())?.Instances).toHaveLength(3);
  });

  test("grows when an alarm sets a scaling policy off, no further than its most", async () => {
    const AutoScalingGroupName = await groupName();
    const steps = { StepAdjustments: [{ MetricIntervalLowerBound: 0, ScalingAdjustment: 2 }] };
    const policy = { PolicyName: "out", PolicyType: "StepScaling", AdjustmentType: "ChangeInCapacity", ...steps };
    const { PolicyARN = "" } = await scaling.send(new PutScalingPolicyCommand({ AutoScalingGroupName, ...policy }));
    const metrics = emulated.client(CloudWatchClient);
    const metric = { Namespace: "AWS/EC2", MetricName: "CPUUtilization", Statistic: "Average" as const, Period: 60 };
    const when = { EvaluationPeriods: 1, Threshold: 50, ComparisonOperator: "GreaterThanThreshold" as const };
    await metrics.send(new PutMetricAlarmCommand({ AlarmName: name, ...metric, ...when, AlarmActions: [PolicyARN] }));
    const before = (await group())?.DesiredCapacity ?? 0;
    for (const StateValue of ["ALARM", "OK", "ALARM", "OK", "ALARM"] as const)
      await metrics.send(new SetAlarmStateCommand({ AlarmName: name, StateValue, StateReason: "a test" }));
    expect(before).toBeLessThan(6);
    expect((await nodeGroup())?.scalingConfig?.desiredSize).toBe(6);
    const { Activities = [] } = await scaling.send(new DescribeScalingActivitiesCommand({ AutoScalingGroupName }));
    expect(Activities[0]?.Description).toMatch(/^Launching a new EC2 instance: i-/);
    expect(Activities[0]?.Cause).toContain(`monitor alarm ${name} in state ALARM`);
    await metrics.send(new DeleteAlarmsCommand({ AlarmNames: [name] }));
  });
});
