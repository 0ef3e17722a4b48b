import { describe, expect, test } from "vitest";
import { serveFunction } from "../../sandbox/providers/aws/function-handler.ts";
import { functions } from "../../sandbox/providers/aws/functions.ts";
import { type PropertyMap, Unknown } from "../../sandbox/providers/protocol/value.ts";
import { FakeAccount, REGION } from "./aws-fakes.ts";

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

  test("answers the zones by name, without the excluded ones", async () => {
    const filters = [{ name: "opt-in-status", values: ["opt-in-not-required"] }];
    const args = { state: "available", filters, excludeZoneIds: ["apne2-azb"] };
    const { result, asked } = await call(token, args, answers);
    expect(result).toMatchObject({
      id: REGION,
      names: [`${REGION}a`, `${REGION}c`],
      zoneIds: ["apne2-aza", "apne2-azc"],
    });
    expect(result.groupNames).toEqual([REGION]);
    expect(asked[0]?.input).toEqual({
      Filters: [
        { Name: "state", Values: ["available"] },
        { Name: "opt-in-status", Values: ["opt-in-not-required"] },
      ],
    });
  });

  test("asks in the region that is named", async () => {
    const { result, asked } = await call(token, { region: "eu-west-1" }, answers);
    expect(result.region).toBe("eu-west-1");
    expect(asked).toEqual([{ command: "DescribeAvailabilityZones", input: {}, region: "eu-west-1" }]);
  });
});

describe("getVpc", () => {
  const token = "aws:ec2/getVpc:getVpc";
  const vpc = {
    VpcId: "vpc-1",
    CidrBlock: "10.0.0.0/16",
    OwnerId: "1",
    IsDefault: false,
    State: "available",
    Tags: [
      { Key: "Name", Value: "shop" },
      { Key: "aws:x", Value: "y" },
    ],
    CidrBlockAssociationSet: [
      { AssociationId: "a-1", CidrBlock: "10.0.0.0/16", CidrBlockState: { State: "associated" } },
    ],
  };
  const answers = (...Vpcs: unknown[]) => ({
    DescribeVpcs: () => ({ Vpcs }),
    DescribeVpcAttribute: ({ Attribute }: { Attribute: string }) => ({
      [Attribute.replace(/^e/, "E")]: { Value: Attribute === "enableDnsSupport" },
    }),
    DescribeRouteTables: () => ({ RouteTables: [{ RouteTableId: "rtb-1" }] }),
  });

  test("answers the one that fits", async () => {
    const { result, asked } = await call(token, { id: "vpc-1", tags: { Name: "shop" } }, answers(vpc));
    expect(result).toMatchObject({
      id: "vpc-1",
      arn: `arn:aws:ec2:${REGION}:1:vpc/vpc-1`,
      cidrBlock: "10.0.0.0/16",
      cidrBlockAssociations: [{ associationId: "a-1", cidrBlock: "10.0.0.0/16", state: "associated" }],
      enableDnsSupport: true,
      enableDnsHostnames: false,
      mainRouteTableId: "rtb-1",
      tags: { Name: "shop" },
    });
    expect(asked[0]?.input).toEqual({ VpcIds: ["vpc-1"], Filters: [{ Name: "tag:Name", Values: ["shop"] }] });
  });

  test("of none or several says so", async () => {
    await expect(call(token, { default: true }, answers())).rejects.toThrow(/no matching EC2 VPC found/);
    await expect(call(token, {}, answers(vpc, vpc))).rejects.toThrow(/2 EC2 VPCs match; give id/);
  });
});

describe("getInstanceType", () => {
  const token = "aws:ec2/getInstanceType:getInstanceType";

  test("answers what the type has", async () => {
    const info = {
      InstanceType: "t3.medium",
      BurstablePerformanceSupported: true,
      VCpuInfo: { DefaultVCpus: 2, ValidCores: [1] },
      MemoryInfo: { SizeInMiB: 4096 },
      ProcessorInfo: { SupportedArchitectures: ["x86_64"] },
      NetworkInfo: {
        MaximumNetworkInterfaces: 3,
        Ipv4AddressesPerInterface: 6,
        NetworkCards: [{ NetworkCardIndex: 0 }],
      },
      EbsInfo: { NvmeSupport: "required", EbsOptimizedInfo: { MaximumIops: 11800 } },
      GpuInfo: { TotalGpuMemoryInMiB: 16, Gpus: [{ Name: "T4", Count: 1, MemoryInfo: { SizeInMiB: 16 } }] },
    };
    const answers = { DescribeInstanceTypes: () => ({ InstanceTypes: [info] }) };
    const { result } = await call(token, { instanceType: "t3.medium" }, answers);
    expect(result).toMatchObject({
      id: "t3.medium",
      burstablePerformanceSupported: true,
      defaultVcpus: 2,
      memorySize: 4096,
      supportedArchitectures: ["x86_64"],
      maximumNetworkInterfaces: 3,
      maximumIpv4AddressesPerInterface: 6,
      networkCards: [{ index: 0 }],
      ebsPerformanceMaximumIops: 11800,
      gpuses: [{ name: "T4", count: 1, memorySize: 16 }],
      fpgas: [],
    });
  });

  test("of a name that EC2 does not know names it", async () => {
    const unknown = { DescribeInstanceTypes: () => refusal("InvalidInstanceType") };
    const fault = /no matching EC2 Instance Type found: ap-northeast-2 has no "t9.huge"/;
    await expect(call(token, { instanceType: "t9.huge" }, unknown)).rejects.toThrow(fault);
    const none = { DescribeInstanceTypes: () => ({ InstanceTypes: [] }) };
    await expect(call(token, { instanceType: "t9.huge" }, none)).rejects.toThrow(fault);
  });
});

test("getAuthorizationToken answers user and password, in the open as the official plugin does", async () => {
  const authorizationToken = Buffer.from("AWS:pass").toString("base64");
  const data = { authorizationToken, expiresAt: new Date(0), proxyEndpoint: "https://1.dkr.ecr" };
  const token = "aws:ecr/getAuthorizationToken:getAuthorizationToken";
  const answer = (...authorizationData: unknown[]) => ({ GetAuthorizationToken: () => ({ authorizationData }) });
  const { result, asked } = await call(token, { registryId: "1" }, answer(data));
  expect(result).toEqual({
    id: REGION,
    region: REGION,
    registryId: "1",
    authorizationToken,
    expiresAt: "1970-01-01T00:00:00Z",
    proxyEndpoint: "https://1.dkr.ecr",
    userName: "AWS",
    password: "pass",
  });
  expect(asked[0]?.input).toEqual({ registryIds: ["1"] });
  await expect(call(token, {}, answer())).rejects.toThrow(/unknown ECR authorization token format/);
});

test("getParameter answers the value, decrypted unless told otherwise", async () => {
  const token = "aws:ssm/getParameter:getParameter";
  const Parameter = { Name: "/ami", ARN: "arn", Type: "String", Value: "ami-1", Version: 3 };
  const { result, asked } = await call(token, { name: "/ami" }, { GetParameter: () => ({ Parameter }) });
  expect(result).toMatchObject({
    id: "/ami",
    value: "ami-1",
    insecureValue: "ami-1",
    version: 3,
    withDecryption: true,
  });
  expect(asked[0]?.input).toEqual({ Name: "/ami", WithDecryption: true });
  const sealed = { GetParameter: () => ({ Parameter: { ...Parameter, Type: "SecureString" } }) };
  expect((await call(token, { name: "/ami" }, sealed)).result).not.toHaveProperty("insecureValue");
  const none = { GetParameter: () => refusal("ParameterNotFound") };
  await expect(call(token, { name: "/nope" }, none)).rejects.toThrow(/no SSM parameter "\/nope" in ap-northeast-2/);
});

test("getClusterVersions answers every page", async () => {
  const pages = [
    { nextToken: "2", clusterVersions: [{ clusterVersion: "1.35", defaultVersion: true, releaseDate: new Date(0) }] },
    { clusterVersions: [{ clusterVersion: "1.34", versionStatus: "STANDARD_SUPPORT" }] },
  ];
  const { result, asked } = await call(
    "aws:eks/getClusterVersions:getClusterVersions",
    { clusterVersionsOnlies: ["1.35", "1.34"] },
    { DescribeClusterVersions: ({ nextToken }: { nextToken?: string }) => pages[nextToken ? 1 : 0] },
  );
  expect(result.clusterVersions).toEqual([
    { clusterVersion: "1.35", defaultVersion: true, releaseDate: "1970-01-01T00:00:00Z" },
    { clusterVersion: "1.34", versionStatus: "STANDARD_SUPPORT" },
  ]);
  expect(asked.map(({ input }) => input)).toMatchObject([{ clusterVersions: ["1.35", "1.34"] }, { nextToken: "2" }]);
});

describe("getSessionContext", () => {
  const token = "aws:iam/getSessionContext:getSessionContext";

  test("answers the role behind an assumed role, with its path", async () => {
    const Role = { Arn: "arn:aws:iam::1:role/aws-reserved/sso/admin", RoleId: "AROA" };
    const arn = "arn:aws:sts::1:assumed-role/admin/anna";
    const { result, asked } = await call(token, { arn }, { GetRole: () => ({ Role }) });
    expect(result).toEqual({
      id: arn,
      arn,
      issuerArn: Role.Arn,
      issuerId: "AROA",
      issuerName: "admin",
      sessionName: "anna",
    });
    expect(asked[0]?.input).toEqual({ RoleName: "admin" });
  });

  test("answers any other ARN as it is, and asks nobody", async () => {
    const arn = "arn:aws:iam::1:user/anna";
    const { result, asked } = await call(token, { arn });
    expect(result).toMatchObject({ issuerArn: arn, issuerName: "", sessionName: "" });
    expect(asked).toEqual([]);
  });
});

test("getOpenIdConnectProvider finds the provider by its URL", async () => {
  const arn = "arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com";
  const token = "aws:iam/getOpenIdConnectProvider:getOpenIdConnectProvider";
  const answers = {
    ListOpenIDConnectProviders: () => ({ OpenIDConnectProviderList: [{ Arn: "arn:x/other" }, { Arn: arn }] }),
    GetOpenIDConnectProvider: () => ({ Url: "token.actions.githubusercontent.com", ClientIDList: ["sts"] }),
  };
  const { result } = await call(token, { url: "https://token.actions.githubusercontent.com" }, answers);
  expect(result).toMatchObject({ id: arn, arn, clientIdLists: ["sts"], thumbprintLists: [] });
  await expect(call(token, { url: "https://nobody" }, answers)).rejects.toThrow(
    /no OpenID Connect provider for "https:/,
  );
  await expect(call(token, {}, answers)).rejects.toThrow(/give one of arn and url/);
});

describe("arguments", () => {
  test("that are needed, not known yet, or not taken are said to be", async () => {
    const token = "aws:ssm/getParameter:getParameter";
    await expect(call(token, {})).rejects.toThrow(`invoking ${token}: "name" was left out; give it`);
    await expect(call(token, { name: Unknown.value })).rejects.toThrow(/an argument is not known yet/);
    await expect(call(token, { name: "a", path: "b" })).rejects.toThrow(
      /does not take "path" \(it takes: name, region, withDecryption\)/,
    );
    const global = "aws:index/getCallerIdentity:getCallerIdentity";
    await expect(call(global, { region: REGION })).rejects.toThrow(/does not take "region" \(it takes: id\)/);
  });
});
