import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from "@aws-sdk/client-auto-scaling";
import {
  CreateLaunchTemplateCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DeleteLaunchTemplateCommand,
  DeleteSubnetCommand,
  DeleteVpcCommand,
  DescribeInstanceTypesCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import { ECRClient, GetAuthorizationTokenCommand, PutLifecyclePolicyCommand } from "@aws-sdk/client-ecr";
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
import { apiUrl, registryHost } from "../../paths.ts";
import { emulated, unique } from "./emulated-resource.ts";

const ec2 = emulated.client(EC2Client);
const ecr = emulated.client(ECRClient);
const eks = emulated.client(EKSClient);
const scaling = emulated.client(AutoScalingClient);
const ssm = emulated.client(SSMClient);

const parameter = async (name: string) => (await ssm.send(new GetParameterCommand({ Name: name }))).Parameter?.Value;

describe("public facts", () => {
  test("versions of Kubernetes are in support, or not, by today's date", async () => {
    const { clusterVersions = [] } = await eks.send(new DescribeClusterVersionsCommand({ includeAll: true }));
    expect(clusterVersions.map(({ clusterVersion }) => clusterVersion)).toEqual(["1.36", "1.35", "1.34", "1.33"]);
    for (const { endOfStandardSupportDate, versionStatus } of clusterVersions) {
      const supported = Date.now() < (endOfStandardSupportDate?.getTime() ?? 0) + 24 * 3600_000;
      expect(versionStatus === "STANDARD_SUPPORT").toBe(supported);
    }
  });

  test("images have one id per version, architecture and day", async () => {
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
    await expect(parameter(named("arm64", "v20261301"))).rejects.toThrow(/ParameterNotFound|not found/);
  });

  test("instance types have their real properties, and an unknown type is an error", async () => {
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

  test("ECR uses the machine's registry and validates lifecycle policies", async () => {
    const { authorizationData } = await ecr.send(new GetAuthorizationTokenCommand({}));
    expect(authorizationData?.[0]?.proxyEndpoint).toBe(`http://${registryHost}`);
    const selection = { tagStatus: "tagged", tagPatternList: ["*-*-*-*-*"], countType: "imageCountMoreThan" };
    const rules = [{ rulePriority: 1, selection: { ...selection, countNumber: 1 }, action: { type: "expire" } }];
    const request = { repositoryName: "any", lifecyclePolicyText: JSON.stringify({ rules }) };
    await expect(ecr.send(new PutLifecyclePolicyCommand(request))).rejects.toThrow(/four wildcards at most/);
  });
});

describe("a cluster", () => {
  const name = unique("emulated");
  const subnets: string[] = [];
  let vpc: string | undefined;
  let template: string | undefined;

  beforeAll(async () => {
    vpc = (await ec2.send(new CreateVpcCommand({ CidrBlock: "10.77.0.0/16" }))).Vpc?.VpcId;
    for (const [index, zone] of ["a", "b"].entries()) {
      const place = { VpcId: vpc, CidrBlock: `10.77.${index}.0/24`, AvailabilityZone: `${emulated.region}${zone}` };
      subnets.push((await ec2.send(new CreateSubnetCommand(place))).Subnet?.SubnetId ?? "");
    }
    const network = { resourcesVpcConfig: { subnetIds: subnets }, roleArn: "arn:aws:iam::123456789012:role/any" };
    await eks.send(new CreateClusterCommand({ name, version: "1.35", ...network }));
    await waitUntilClusterActive({ client: eks, maxWaitTime: 20, minDelay: 1 }, { name });
    const data = { LaunchTemplateName: name, LaunchTemplateData: { ImageId: "ami-1" } };
    template = (await ec2.send(new CreateLaunchTemplateCommand(data))).LaunchTemplate?.LaunchTemplateId;
    const scalingConfig = { minSize: 2, maxSize: 4, desiredSize: 2 };
    const nodes = { subnets, nodeRole: "arn:aws:iam::123456789012:role/nodes", scalingConfig };
    const launchTemplate = { id: template, version: "1" };
    await eks.send(new CreateNodegroupCommand({ clusterName: name, nodegroupName: "main", ...nodes, launchTemplate }));
  });

  afterAll(async () => {
    await eks.send(new DeleteNodegroupCommand({ clusterName: name, nodegroupName: "main" }));
    await eks.send(new DeleteClusterCommand({ name }));
    await ec2.send(new DeleteLaunchTemplateCommand({ LaunchTemplateId: template }));
    for (const SubnetId of subnets) await ec2.send(new DeleteSubnetCommand({ SubnetId }));
    await ec2.send(new DeleteVpcCommand({ VpcId: vpc }));
  });

  const group = async () => {
    const { nodegroup } = await eks.send(new DescribeNodegroupCommand({ clusterName: name, nodegroupName: "main" }));
    const wanted = { AutoScalingGroupNames: [nodegroup?.resources?.autoScalingGroups?.[0]?.name ?? ""] };
    return (await scaling.send(new DescribeAutoScalingGroupsCommand(wanted))).AutoScalingGroups?.[0];
  };

  test("has the endpoint of the sandbox's cluster", async () => {
    const { cluster } = await eks.send(new DescribeClusterCommand({ name }));
    expect(cluster?.endpoint).toBe(apiUrl);
    expect(Buffer.from(cluster?.certificateAuthority?.data ?? "", "base64").toString()).toContain("BEGIN CERTIFICATE");
  });

  test("has an Auto Scaling group with the size of the node group", async () => {
    expect(await group()).toMatchObject({ MinSize: 2, MaxSize: 4, DesiredCapacity: 2 });
    const scalingConfig = { minSize: 2, maxSize: 6, desiredSize: 3 };
    await eks.send(new UpdateNodegroupConfigCommand({ clusterName: name, nodegroupName: "main", scalingConfig }));
    expect(await group()).toMatchObject({ MaxSize: 6, DesiredCapacity: 3 });
  });

  test("keeps its network from being deleted", async () => {
    await expect(ec2.send(new DeleteSubnetCommand({ SubnetId: subnets[0] }))).rejects.toThrow(/has dependencies/);
    await expect(ec2.send(new DeleteVpcCommand({ VpcId: vpc }))).rejects.toThrow(/has dependencies/);
  });
});
