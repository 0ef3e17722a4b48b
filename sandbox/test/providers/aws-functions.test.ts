import { describe, expect, test } from "vitest";
import { serveFunction } from "../../providers/aws/function-handler.ts";
import { functions } from "../../providers/aws/functions.ts";
import { type PropertyMap, Unknown } from "../../providers/protocol/value.ts";
import { FakeAccount, REGION } from "./aws-fakes.ts";
import { emulated } from "./emulated-resource.ts";

async function call(token: string, args: PropertyMap, answers: Record<string, (input: never) => unknown> = {}) {
  const account = new FakeAccount(answers);
  const row = functions[token];
  if (!row) throw new Error(`no function ${token}`);
  return { result: await serveFunction(token, row, () => account)(args), asked: account.asked };
}

const refusal = (name: string): never => {
  throw Object.assign(new Error("no such thing"), { name, $metadata: {} });
};

describe("getAvailabilityZones", () => {
  const token = "aws:index/getAvailabilityZones:getAvailabilityZones";
  const zone = (letter: string) => ({ ZoneName: REGION + letter, ZoneId: `apne2-az${letter}`, GroupName: REGION });
  const answers = { DescribeAvailabilityZones: () => ({ AvailabilityZones: ["c", "a", "b"].map(zone) }) };

  test("returns the zones by name, without the excluded ones", async () => {
    const filters = [{ name: "opt-in-status", values: ["opt-in-not-required"] }];
    const args = { state: "available", filters, excludeZoneIds: ["apne2-azb"] };
    const { result, asked } = await call(token, args, answers);
    expect(result).toEqual({ id: REGION, region: REGION, names: [`${REGION}a`, `${REGION}c`] });
    expect(asked[0]?.input).toEqual({
      Filters: [
        { Name: "state", Values: ["available"] },
        { Name: "opt-in-status", Values: ["opt-in-not-required"] },
      ],
    });
  });

  test("uses the given region", async () => {
    const { result, asked } = await call(token, { region: "eu-west-1" }, answers);
    expect(result.region).toBe("eu-west-1");
    expect(asked).toEqual([{ command: "DescribeAvailabilityZones", input: {}, region: "eu-west-1" }]);
  });
});

describe("getVpc", () => {
  const token = "aws:ec2/getVpc:getVpc";

  test("returns its range", async () => {
    const vpc = { VpcId: "vpc-1", CidrBlock: "10.0.0.0/16" };
    const { result, asked } = await call(token, { id: "vpc-1" }, { DescribeVpcs: () => ({ Vpcs: [vpc] }) });
    expect(result).toMatchObject({ id: "vpc-1", cidrBlock: "10.0.0.0/16" });
    expect(asked[0]?.input).toEqual({ VpcIds: ["vpc-1"] });
  });

  test("fails for an unknown one with an error that the program recognises", async () => {
    const unknown = { DescribeVpcs: () => refusal("InvalidVpcID.NotFound") };
    await expect(call(token, { id: "vpc-1" }, unknown)).rejects.toThrow(/InvalidVpcID/);
    await expect(call(token, { id: "vpc-1" }, { DescribeVpcs: () => ({}) })).rejects.toThrow(/no matching EC2 VPC/);
  });
});

describe("getSubnet", () => {
  const token = "aws:ec2/getSubnet:getSubnet";

  test("returns its VPC, zone and range", async () => {
    const subnet = { SubnetId: "subnet-1", VpcId: "vpc-1", AvailabilityZone: `${REGION}a`, CidrBlock: "10.0.1.0/24" };
    const { result } = await call(token, { id: "subnet-1" }, { DescribeSubnets: () => ({ Subnets: [subnet] }) });
    expect(result).toMatchObject({ vpcId: "vpc-1", availabilityZone: `${REGION}a`, cidrBlock: "10.0.1.0/24" });
  });

  test("fails for an unknown one with an error that the program recognises", async () => {
    const unknown = { DescribeSubnets: () => refusal("InvalidSubnetID.NotFound") };
    await expect(call(token, { id: "subnet-1" }, unknown)).rejects.toThrow(/InvalidSubnetID/);
    await expect(call(token, { id: "subnet-1" }, { DescribeSubnets: () => ({}) })).rejects.toThrow(/no matching/);
  });
});

describe("getInstanceTypeOfferings", () => {
  const token = "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings";
  const args = (type: string) => ({
    locationType: "availability-zone",
    filters: [{ name: "instance-type", values: [type] }],
  });

  test("returns the zones of the emulated region that offer the type", async () => {
    const row = functions[token];
    if (!row) throw new Error(`no function ${token}`);
    const locations = async (type: string) => (await row.invoke(args(type), emulated)).locations;
    expect(await locations("m6i.large")).toEqual(["a", "b", "c"].map((zone) => `${REGION}${zone}`));
    expect(await locations("m4.large")).toEqual(["a", "b"].map((zone) => `${REGION}${zone}`));
  });
});

describe("getInstanceType", () => {
  const token = "aws:ec2/getInstanceType:getInstanceType";

  test("returns the properties of the type", async () => {
    const info = {
      InstanceType: "t3.medium",
      Hypervisor: "nitro",
      VCpuInfo: { DefaultVCpus: 2 },
      MemoryInfo: { SizeInMiB: 4096 },
      ProcessorInfo: { SupportedArchitectures: ["x86_64"] },
      NetworkInfo: { MaximumNetworkInterfaces: 3, Ipv4AddressesPerInterface: 6 },
    };
    const answers = { DescribeInstanceTypes: () => ({ InstanceTypes: [info] }) };
    const { result } = await call(token, { instanceType: "t3.medium" }, answers);
    expect(result).toMatchObject({
      id: "t3.medium",
      defaultVcpus: 2,
      hypervisor: "nitro",
      memorySize: 4096,
      supportedArchitectures: ["x86_64"],
      maximumNetworkInterfaces: 3,
      maximumIpv4AddressesPerInterface: 6,
    });
  });

  test("fails for an unknown type with an error that the program recognises", async () => {
    const unknown = { DescribeInstanceTypes: () => refusal("InvalidInstanceType") };
    await expect(call(token, { instanceType: "t9.huge" }, unknown)).rejects.toThrow(/InvalidInstanceType: no such/);
  });
});

test("getAuthorizationToken returns user and password, not as secrets, like the official plugin", async () => {
  const authorizationToken = Buffer.from("AWS:pass").toString("base64");
  const data = { authorizationToken, proxyEndpoint: "https://1.dkr.ecr" };
  const token = "aws:ecr/getAuthorizationToken:getAuthorizationToken";
  const answer = (...authorizationData: unknown[]) => ({ GetAuthorizationToken: () => ({ authorizationData }) });
  const { result, asked } = await call(token, { registryId: "1" }, answer(data));
  expect(result).toMatchObject({ proxyEndpoint: "https://1.dkr.ecr", userName: "AWS", password: "pass" });
  expect(asked[0]?.input).toEqual({ registryIds: ["1"] });
  await expect(call(token, {}, answer())).rejects.toThrow(/unknown ECR authorization token format/);
});

test("getParameter returns the value, or fails with an error that the program recognises", async () => {
  const token = "aws:ssm/getParameter:getParameter";
  const Parameter = { Name: "/ami", Value: "ami-1" };
  const { result } = await call(token, { name: "/ami" }, { GetParameter: () => ({ Parameter }) });
  expect(result).toMatchObject({ id: "/ami", name: "/ami", value: "ami-1" });
  const none = { GetParameter: () => refusal("ParameterNotFound") };
  await expect(call(token, { name: "/nope" }, none)).rejects.toThrow(/ParameterNotFound: no such thing/);
});

test("getClusterVersions returns each version with the end of its support", async () => {
  const answer = await functions["aws:eks/getClusterVersions:getClusterVersions"]?.invoke(
    { includeAll: true },
    emulated,
  );
  expect(answer?.clusterVersions).toContainEqual({
    clusterVersion: "1.35",
    endOfStandardSupportDate: "2027-03-27T00:00:00Z",
    versionStatus: expect.stringMatching(/_SUPPORT/),
  });
});

test("getSessionContext returns the role of a session, with its path, and any other ARN unchanged", async () => {
  const token = "aws:iam/getSessionContext:getSessionContext";
  const Role = { Arn: "arn:aws:iam::1:role/aws-reserved/sso/admin" };
  const assumed = await call(token, { arn: "arn:aws:sts::1:assumed-role/admin/anna" }, { GetRole: () => ({ Role }) });
  expect(assumed.result.issuerArn).toBe(Role.Arn);
  expect(assumed.asked[0]?.input).toEqual({ RoleName: "admin" });
  const user = await call(token, { arn: "arn:aws:iam::1:user/anna" });
  expect(user.result.issuerArn).toBe("arn:aws:iam::1:user/anna");
});

test("getOpenIdConnectProvider finds the provider by its URL", async () => {
  const arn = "arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com";
  const token = "aws:iam/getOpenIdConnectProvider:getOpenIdConnectProvider";
  const list = [{ Arn: "arn:aws:iam::1:oidc-provider/my-token.actions.githubusercontent.com" }, { Arn: arn }];
  const answers = { ListOpenIDConnectProviders: () => ({ OpenIDConnectProviderList: list }) };
  const { result } = await call(token, { url: "https://token.actions.githubusercontent.com" }, answers);
  expect(result).toEqual({ id: arn, arn });
  await expect(call(token, { url: "https://nobody" }, answers)).rejects.toThrow(/no OpenID Connect provider for "http/);
});

describe("a node group", () => {
  const names = { clusterName: "prod", nodeGroupName: "prod-a" };

  test("is found by its cluster, or fails with an error that the program recognises", async () => {
    const token = "aws:eks/getNodeGroups:getNodeGroups";
    const { result } = await call(
      token,
      { clusterName: "prod" },
      { ListNodegroups: () => ({ nodegroups: ["prod-a"] }) },
    );
    expect(result.names).toEqual(["prod-a"]);
    const none = { ListNodegroups: () => refusal("ResourceNotFoundException") };
    await expect(call(token, { clusterName: "prod" }, none)).rejects.toThrow(/ResourceNotFoundException/);
  });

  test("has an Auto Scaling group, which has its sizes", async () => {
    const resources = { autoScalingGroups: [{ name: "eks-a" }] };
    const nodegroup = { capacityType: "SPOT", instanceTypes: ["t3.medium"], resources };
    const group = await call("aws:eks/getNodeGroup:getNodeGroup", names, { DescribeNodegroup: () => ({ nodegroup }) });
    expect(group.result).toMatchObject({
      capacityType: "SPOT",
      instanceTypes: ["t3.medium"],
      resources: [{ autoscalingGroups: [{ name: "eks-a" }] }],
    });
    const token = "aws:autoscaling/getGroup:getGroup";
    const AutoScalingGroups = [{ MinSize: 2, MaxSize: 6, DesiredCapacity: 3 }];
    const sizes = await call(token, { name: "eks-a" }, { DescribeAutoScalingGroups: () => ({ AutoScalingGroups }) });
    expect(sizes.result).toMatchObject({ minSize: 2, maxSize: 6, desiredCapacity: 3 });
    const none = { DescribeAutoScalingGroups: () => ({}) };
    await expect(call(token, { name: "eks-a" }, none)).rejects.toThrow(/no Auto Scaling group is named eks-a/);
  });
});

test("missing, unknown and unaccepted arguments are errors", async () => {
  const token = "aws:ssm/getParameter:getParameter";
  await expect(call(token, {})).rejects.toThrow(`invoking ${token}: "name" is missing`);
  await expect(call(token, { name: Unknown.value })).rejects.toThrow(/an argument is not known yet/);
  await expect(call(token, { name: "a", path: "b" })).rejects.toThrow(
    /does not take "path" \(it takes: name, region\)/,
  );
  const global = "aws:index/getCallerIdentity:getCallerIdentity";
  await expect(call(global, { region: REGION })).rejects.toThrow(/does not take "region" \(it takes: nothing\)/);
});
