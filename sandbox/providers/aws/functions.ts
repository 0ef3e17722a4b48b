import * as autoscaling from "@aws-sdk/client-auto-scaling";
import * as ec2 from "@aws-sdk/client-ec2";
import * as ecr from "@aws-sdk/client-ecr";
import * as eks from "@aws-sdk/client-eks";
import * as iam from "@aws-sdk/client-iam";
import * as ssm from "@aws-sdk/client-ssm";
import * as sts from "@aws-sdk/client-sts";
import type { Outputs } from "./input-rule.ts";
import { flag, items, requiredText, text, texts } from "./props.ts";
import type { AwsFunction } from "./resource.ts";

const getCallerIdentity: AwsFunction = {
  arguments: {},
  global: true,
  async invoke(_args, aws) {
    const { Account, Arn, UserId } = await aws.client(sts.STSClient).send(new sts.GetCallerIdentityCommand({}));
    return { id: Account, accountId: Account, arn: Arn, userId: UserId };
  },
};

const getAvailabilityZones: AwsFunction = {
  arguments: { excludeZoneIds: {}, filters: {}, state: {} },
  async invoke(args, aws) {
    const given = items(args, "filters").map((filter) => ({
      Name: requiredText(filter, "name"),
      Values: texts(filter, "values") ?? [],
    }));
    const state = text(args, "state");
    const Filters = state ? [{ Name: "state", Values: [state] }, ...given] : given;
    // EC2 refuses an empty list.
    const request = new ec2.DescribeAvailabilityZonesCommand(Filters.length > 0 ? { Filters } : {});
    const { AvailabilityZones = [] } = await aws.client(ec2.EC2Client).send(request);
    const excluded = texts(args, "excludeZoneIds") ?? [];
    const zones = AvailabilityZones.filter(({ ZoneId = "" }) => !excluded.includes(ZoneId));
    return { id: aws.region, names: zones.map(({ ZoneName = "" }) => ZoneName).sort() };
  },
};

/** A password for the registry, valid for twelve hours; not a secret, as with the official plugin. */
const getAuthorizationToken: AwsFunction = {
  arguments: { registryId: {} },
  async invoke(args, aws) {
    const registryId = text(args, "registryId");
    const request = new ecr.GetAuthorizationTokenCommand(registryId ? { registryIds: [registryId] } : {});
    const [data] = (await aws.client(ecr.ECRClient).send(request)).authorizationData ?? [];
    const token = Buffer.from(data?.authorizationToken ?? "", "base64").toString("utf8");
    const [userName, password, more] = token.split(":");
    if (!userName || !password || more !== undefined) throw new Error("unknown ECR authorization token format");
    return { id: aws.region, registryId, proxyEndpoint: data?.proxyEndpoint, userName, password };
  },
};

/** Memory is in MiB. */
const getInstanceType: AwsFunction = {
  arguments: { instanceType: { required: true } },
  async invoke(args, aws) {
    const InstanceTypes = [requiredText(args, "instanceType") as ec2._InstanceType];
    const answer = await aws.client(ec2.EC2Client).send(new ec2.DescribeInstanceTypesCommand({ InstanceTypes }));
    const [info] = answer.InstanceTypes ?? [];
    if (!info) throw new Error(`no matching EC2 Instance Type found: ${InstanceTypes}`);
    return {
      id: info.InstanceType,
      instanceType: info.InstanceType,
      defaultVcpus: info.VCpuInfo?.DefaultVCpus,
      hypervisor: info.Hypervisor,
      maximumIpv4AddressesPerInterface: info.NetworkInfo?.Ipv4AddressesPerInterface,
      maximumNetworkInterfaces: info.NetworkInfo?.MaximumNetworkInterfaces,
      memorySize: info.MemoryInfo?.SizeInMiB,
      supportedArchitectures: info.ProcessorInfo?.SupportedArchitectures ?? [],
    };
  },
};

/** Where instance types are offered: one entry for each type and place. */
const getInstanceTypeOfferings: AwsFunction = {
  arguments: { filters: {}, locationType: {} },
  async invoke(args, aws) {
    const Filters = items(args, "filters").map((filter) => ({
      Name: requiredText(filter, "name"),
      Values: texts(filter, "values") ?? [],
    }));
    const LocationType = text(args, "locationType") as ec2.LocationType | undefined;
    const request = { ...(LocationType && { LocationType }), ...(Filters.length > 0 && { Filters }) };
    const offerings: ec2.InstanceTypeOffering[] = [];
    for await (const page of ec2.paginateDescribeInstanceTypeOfferings(
      { client: aws.client(ec2.EC2Client) },
      request,
    )) {
      offerings.push(...(page.InstanceTypeOfferings ?? []));
    }
    return {
      ...args,
      id: aws.region,
      instanceTypes: offerings.map((one) => one.InstanceType),
      locations: offerings.map((one) => one.Location),
      locationTypes: offerings.map((one) => one.LocationType),
    };
  },
};

const getSubnet: AwsFunction = {
  arguments: { id: { required: true } },
  async invoke(args, aws) {
    const id = requiredText(args, "id");
    const { Subnets = [] } = await aws.client(ec2.EC2Client).send(new ec2.DescribeSubnetsCommand({ SubnetIds: [id] }));
    if (!Subnets[0]) throw new Error(`no matching EC2 Subnet found: ${id}`);
    const { VpcId: vpcId, AvailabilityZone: availabilityZone, CidrBlock: cidrBlock } = Subnets[0];
    return { id, vpcId, availabilityZone, cidrBlock };
  },
};

const getVpc: AwsFunction = {
  arguments: { id: { required: true } },
  async invoke(args, aws) {
    const id = requiredText(args, "id");
    const { Vpcs = [] } = await aws.client(ec2.EC2Client).send(new ec2.DescribeVpcsCommand({ VpcIds: [id] }));
    if (!Vpcs[0]) throw new Error(`no matching EC2 VPC found: ${id}`);
    const { CidrBlock: cidrBlock, CidrBlockAssociationSet = [] } = Vpcs[0];
    const cidrBlockAssociations = CidrBlockAssociationSet.map((one) => ({
      associationId: one.AssociationId,
      cidrBlock: one.CidrBlock,
      state: one.CidrBlockState?.State,
    }));
    return { id, cidrBlock, cidrBlockAssociations };
  },
};

const getParameter: AwsFunction = {
  arguments: { name: { required: true } },
  async invoke(args, aws) {
    const request = new ssm.GetParameterCommand({ Name: requiredText(args, "name"), WithDecryption: true });
    const { Parameter } = await aws.client(ssm.SSMClient).send(request);
    return { id: Parameter?.Name, name: Parameter?.Name, value: Parameter?.Value };
  },
};

/** The Kubernetes versions of EKS, with the ends of their support. */
const getClusterVersions: AwsFunction = {
  arguments: { includeAll: {} },
  async invoke(args, aws) {
    const clusterVersions: Outputs[] = [];
    const request = { includeAll: flag(args, "includeAll") };
    for await (const page of eks.paginateDescribeClusterVersions({ client: aws.client(eks.EKSClient) }, request)) {
      for (const { clusterVersion, endOfStandardSupportDate, versionStatus } of page.clusterVersions ?? []) {
        const end = endOfStandardSupportDate?.toISOString().replace(/\.\d+Z$/, "Z");
        clusterVersions.push({ clusterVersion, endOfStandardSupportDate: end, versionStatus });
      }
    }
    return { ...args, clusterVersions };
  },
};

const getNodeGroups: AwsFunction = {
  arguments: { clusterName: { required: true } },
  async invoke(args, aws) {
    const clusterName = requiredText(args, "clusterName");
    const { nodegroups = [] } = await aws.client(eks.EKSClient).send(new eks.ListNodegroupsCommand({ clusterName }));
    return { id: clusterName, clusterName, names: nodegroups };
  },
};

const getNodeGroup: AwsFunction = {
  arguments: { clusterName: { required: true }, nodeGroupName: { required: true } },
  async invoke(args, aws) {
    const [clusterName, nodegroupName] = [requiredText(args, "clusterName"), requiredText(args, "nodeGroupName")];
    const request = new eks.DescribeNodegroupCommand({ clusterName, nodegroupName });
    const { nodegroup } = await aws.client(eks.EKSClient).send(request);
    const groups = nodegroup?.resources?.autoScalingGroups ?? [];
    return {
      ...args,
      id: `${clusterName}:${nodegroupName}`,
      capacityType: nodegroup?.capacityType,
      instanceTypes: nodegroup?.instanceTypes ?? [],
      resources: [{ autoscalingGroups: groups.map(({ name }) => ({ name })) }],
      status: nodegroup?.status,
      subnetIds: nodegroup?.subnets ?? [],
    };
  },
};

const getAutoScalingGroup: AwsFunction = {
  arguments: { name: { required: true } },
  async invoke(args, aws) {
    const id = requiredText(args, "name");
    const request = new autoscaling.DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [id] });
    const [group] = (await aws.client(autoscaling.AutoScalingClient).send(request)).AutoScalingGroups ?? [];
    if (!group) throw new Error(`no Auto Scaling group is named ${id}`);
    return { ...args, id, desiredCapacity: group.DesiredCapacity, maxSize: group.MaxSize, minSize: group.MinSize };
  },
};

/** The ARN of a session of a role: `arn:aws:sts::123456789012:assumed-role/admin/anna`. */
const ASSUMED_ROLE = /^arn:[^:]*:sts:[^:]*:[^:]*:assumed-role\/(?:.+\/)?([^/]+)\/[^/]{2,}$/;

/** The role behind an assumed role. Any other ARN is answered as it is. */
const getSessionContext: AwsFunction = {
  arguments: { arn: { required: true } },
  global: true,
  async invoke(args, aws) {
    const arn = requiredText(args, "arn");
    const RoleName = ASSUMED_ROLE.exec(arn)?.[1];
    if (!RoleName) return { id: arn, arn, issuerArn: arn };
    const { Role } = await aws.client(iam.IAMClient).send(new iam.GetRoleCommand({ RoleName }));
    return { id: arn, arn, issuerArn: Role?.Arn };
  },
};

const getOpenIdConnectProvider: AwsFunction = {
  arguments: { url: { required: true } },
  global: true,
  async invoke(args, aws) {
    const url = requiredText(args, "url");
    const { OpenIDConnectProviderList = [] } = await aws
      .client(iam.IAMClient)
      .send(new iam.ListOpenIDConnectProvidersCommand({}));
    const arn = OpenIDConnectProviderList.find(({ Arn }) => Arn?.endsWith(url.replace(/^https:\//, "")))?.Arn;
    if (!arn) throw new Error(`the account has no OpenID Connect provider for "${url}"; create it, or check the URL`);
    return { id: arn, arn };
  },
};

/** All functions that are served, by token. */
export const functions: Record<string, AwsFunction> = {
  "aws:index/getCallerIdentity:getCallerIdentity": getCallerIdentity,
  "aws:index/getAvailabilityZones:getAvailabilityZones": getAvailabilityZones,
  "aws:ecr/getAuthorizationToken:getAuthorizationToken": getAuthorizationToken,
  "aws:ec2/getInstanceType:getInstanceType": getInstanceType,
  "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings": getInstanceTypeOfferings,
  "aws:ec2/getSubnet:getSubnet": getSubnet,
  "aws:ec2/getVpc:getVpc": getVpc,
  "aws:ssm/getParameter:getParameter": getParameter,
  "aws:eks/getClusterVersions:getClusterVersions": getClusterVersions,
  "aws:eks/getNodeGroups:getNodeGroups": getNodeGroups,
  "aws:eks/getNodeGroup:getNodeGroup": getNodeGroup,
  "aws:autoscaling/getGroup:getGroup": getAutoScalingGroup,
  "aws:iam/getSessionContext:getSessionContext": getSessionContext,
  "aws:iam/getOpenIdConnectProvider:getOpenIdConnectProvider": getOpenIdConnectProvider,
};
