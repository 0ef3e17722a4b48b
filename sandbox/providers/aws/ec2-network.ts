import {
  CreateSubnetCommand,
  CreateVpcCommand,
  DeleteSubnetCommand,
  DeleteVpcCommand,
  DescribeNetworkAclsCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcAttributeCommand,
  DescribeVpcsCommand,
  EC2Client,
  type HostnameType,
  ModifySubnetAttributeCommand,
  type ModifySubnetAttributeRequest,
  ModifyVpcAttributeCommand,
  type ModifyVpcAttributeRequest,
  type Subnet,
  type Vpc,
  type VpcAttributeName,
} from "@aws-sdk/client-ec2";
import { ec2Arn } from "./ec2-arn.ts";
import { tagSpecifications, updateTags } from "./ec2-tags.ts";
import { unlessGone } from "./errors.ts";
import { flag, requiredText, text } from "./props.ts";
import type { AwsContext, AwsResource, Outputs } from "./resource.ts";
import { untilTaken } from "./retry.ts";
import { tagMap } from "./tag-changes.ts";
import { waitFor } from "./wait.ts";

const vpc: AwsResource = {
  inputs: {
    cidrBlock: { computed: true, forcesNew: true },
    enableDnsHostnames: { computed: true },
    enableDnsSupport: { default: true },
    enableNetworkAddressUsageMetrics: { computed: true },
  },
  tagged: true,
  async create(props, aws, op) {
    const request = { CidrBlock: text(props, "cidrBlock"), TagSpecifications: tagSpecifications("vpc", props) };
    const made = await aws.client(EC2Client).send(new CreateVpcCommand(request));
    const id = made.Vpc?.VpcId ?? "";
    op.made(id);
    await waitFor(op, { until: `VPC ${id} is available`, timeoutSeconds: 600 }, async () =>
      (await findVpc(id, aws))?.State === "available" ? true : undefined,
    );
    if (flag(props, "enableDnsSupport") === false)
      await modifyVpc(aws, { VpcId: id, EnableDnsSupport: { Value: false } });
    if (flag(props, "enableDnsHostnames")) await modifyVpc(aws, { VpcId: id, EnableDnsHostnames: { Value: true } });
    if (flag(props, "enableNetworkAddressUsageMetrics")) {
      await modifyVpc(aws, { VpcId: id, EnableNetworkAddressUsageMetrics: { Value: true } });
    }
    return id;
  },
  async read(id, _known, aws) {
    const found = await findVpc(id, aws);
    if (!found) return undefined;
    const [attributes, defaults] = await Promise.all([vpcAttributes(id, aws), vpcDefaults(id, aws)]);
    return {
      ...attributes,
      ...defaults,
      arn: ec2Arn(aws, "vpc", id, found.OwnerId),
      cidrBlock: found.CidrBlock,
      dhcpOptionsId: found.DhcpOptionsId,
      instanceTenancy: found.InstanceTenancy,
      ownerId: found.OwnerId,
      tags: tagMap(found.Tags),
    };
  },
  async update(id, props, old, changed, aws) {
    const value = (name: string): { Value: boolean } => ({ Value: flag(props, name) ?? false });
    // Names need DNS itself: it is switched on before them.
    if (changed.has("enableDnsSupport")) {
      await modifyVpc(aws, { VpcId: id, EnableDnsSupport: value("enableDnsSupport") });
    }
    if (changed.has("enableDnsHostnames")) {
      await modifyVpc(aws, { VpcId: id, EnableDnsHostnames: value("enableDnsHostnames") });
    }
    if (changed.has("enableNetworkAddressUsageMetrics")) {
      const metrics = value("enableNetworkAddressUsageMetrics");
      await modifyVpc(aws, { VpcId: id, EnableNetworkAddressUsageMetrics: metrics });
    }
    await updateTags(id, props, old, changed, aws);
  },
  async delete(id, _props, aws, op) {
    const wait = { until: `nothing is left in VPC ${id}`, timeoutSeconds: 300 };
    const passing = { again: ["DependencyViolation"], done: ["InvalidVpcID.NotFound"] };
    await untilTaken(op, wait, passing, () => aws.client(EC2Client).send(new DeleteVpcCommand({ VpcId: id })));
  },
};

const subnet: AwsResource = {
  inputs: {
    vpcId: { required: true, forcesNew: true },
    cidrBlock: { computed: true, forcesNew: true },
    availabilityZone: { computed: true, forcesNew: true },
    availabilityZoneId: { computed: true, forcesNew: true },
    mapPublicIpOnLaunch: { default: false },
    enableResourceNameDnsARecordOnLaunch: { default: false },
    privateDnsHostnameTypeOnLaunch: { computed: true },
  },
  tagged: true,
  validate: ({ availabilityZone, availabilityZoneId }) =>
    availabilityZone !== undefined && availabilityZoneId !== undefined
      ? [{ property: "availabilityZoneId", reason: 'conflicts with "availabilityZone": give one of them' }]
      : [],
  async create(props, aws, op) {
    const made = await aws.client(EC2Client).send(
      new CreateSubnetCommand({
        VpcId: requiredText(props, "vpcId"),
        CidrBlock: text(props, "cidrBlock"),
        AvailabilityZone: text(props, "availabilityZone"),
        AvailabilityZoneId: text(props, "availabilityZoneId"),
        TagSpecifications: tagSpecifications("subnet", props),
      }),
    );
    const id = made.Subnet?.SubnetId ?? "";
    op.made(id);
    await waitFor(op, { until: `subnet ${id} is available`, timeoutSeconds: 600 }, async () =>
      (await findSubnet(id, aws))?.State === "available" ? true : undefined,
    );
    const hostnames = text(props, "privateDnsHostnameTypeOnLaunch") as HostnameType | undefined;
    if (flag(props, "mapPublicIpOnLaunch")) {
      await modifySubnet(aws, { SubnetId: id, MapPublicIpOnLaunch: { Value: true } });
    }
    if (hostnames) await modifySubnet(aws, { SubnetId: id, PrivateDnsHostnameTypeOnLaunch: hostnames });
    if (flag(props, "enableResourceNameDnsARecordOnLaunch")) {
      await modifySubnet(aws, { SubnetId: id, EnableResourceNameDnsARecordOnLaunch: { Value: true } });
    }
    return id;
  },
  async read(id, _known, aws) {
    const found = await findSubnet(id, aws);
    if (!found) return undefined;
    return {
      arn: found.SubnetArn ?? ec2Arn(aws, "subnet", id, found.OwnerId),
      availabilityZone: found.AvailabilityZone,
      availabilityZoneId: found.AvailabilityZoneId,
      cidrBlock: found.CidrBlock,
      enableResourceNameDnsARecordOnLaunch: found.PrivateDnsNameOptionsOnLaunch?.EnableResourceNameDnsARecord ?? false,
      mapPublicIpOnLaunch: found.MapPublicIpOnLaunch ?? false,
      ownerId: found.OwnerId,
      privateDnsHostnameTypeOnLaunch: found.PrivateDnsNameOptionsOnLaunch?.HostnameType,
      tags: tagMap(found.Tags),
      vpcId: found.VpcId,
    };
  },
  // EC2 takes one attribute in a request.
  async update(id, props, old, changed, aws) {
    const value = (name: string): { Value: boolean } => ({ Value: flag(props, name) ?? false });
    if (changed.has("mapPublicIpOnLaunch")) {
      await modifySubnet(aws, { SubnetId: id, MapPublicIpOnLaunch: value("mapPublicIpOnLaunch") });
    }
    if (changed.has("privateDnsHostnameTypeOnLaunch")) {
      const type = text(props, "privateDnsHostnameTypeOnLaunch") as HostnameType | undefined;
      await modifySubnet(aws, { SubnetId: id, PrivateDnsHostnameTypeOnLaunch: type });
    }
    if (changed.has("enableResourceNameDnsARecordOnLaunch")) {
      const record = value("enableResourceNameDnsARecordOnLaunch");
      await modifySubnet(aws, { SubnetId: id, EnableResourceNameDnsARecordOnLaunch: record });
    }
    await updateTags(id, props, old, changed, aws);
  },
  async delete(id, _props, aws, op) {
    const wait = { until: `nothing is left in subnet ${id}`, timeoutSeconds: 1200 };
    const passing = { again: ["DependencyViolation"], done: ["InvalidSubnetID.NotFound"] };
    await untilTaken(op, wait, passing, () => aws.client(EC2Client).send(new DeleteSubnetCommand({ SubnetId: id })));
  },
};

export const networkResources: Record<string, AwsResource> = {
  "aws:ec2/vpc:Vpc": vpc,
  "aws:ec2/subnet:Subnet": subnet,
};

async function findVpc(id: string, aws: AwsContext): Promise<Vpc | undefined> {
  const call = aws.client(EC2Client).send(new DescribeVpcsCommand({ VpcIds: [id] }));
  return (await unlessGone(call, "InvalidVpcID.NotFound"))?.Vpcs?.[0];
}

async function findSubnet(id: string, aws: AwsContext): Promise<Subnet | undefined> {
  const call = aws.client(EC2Client).send(new DescribeSubnetsCommand({ SubnetIds: [id] }));
  return (await unlessGone(call, "InvalidSubnetID.NotFound"))?.Subnets?.[0];
}

async function vpcAttributes(id: string, aws: AwsContext): Promise<Outputs> {
  const ask = (Attribute: VpcAttributeName) =>
    aws.client(EC2Client).send(new DescribeVpcAttributeCommand({ VpcId: id, Attribute }));
  const [support, hostnames, metrics] = await Promise.all([
    ask("enableDnsSupport"),
    ask("enableDnsHostnames"),
    ask("enableNetworkAddressUsageMetrics"),
  ]);
  return {
    enableDnsSupport: support.EnableDnsSupport?.Value,
    enableDnsHostnames: hostnames.EnableDnsHostnames?.Value,
    enableNetworkAddressUsageMetrics: metrics.EnableNetworkAddressUsageMetrics?.Value,
  };
}

/** Ids of what AWS makes with a VPC. */
async function vpcDefaults(id: string, aws: AwsContext): Promise<Outputs> {
  const ec2 = aws.client(EC2Client);
  const inVpc = (Name: string, value: string) => ({
    Filters: [
      { Name: "vpc-id", Values: [id] },
      { Name, Values: [value] },
    ],
  });
  const [acls, tables, groups] = await Promise.all([
    ec2.send(new DescribeNetworkAclsCommand(inVpc("default", "true"))),
    ec2.send(new DescribeRouteTablesCommand(inVpc("association.main", "true"))),
    ec2.send(new DescribeSecurityGroupsCommand(inVpc("group-name", "default"))),
  ]);
  const mainRouteTableId = tables.RouteTables?.[0]?.RouteTableId;
  return {
    defaultNetworkAclId: acls.NetworkAcls?.[0]?.NetworkAclId,
    defaultRouteTableId: mainRouteTableId,
    defaultSecurityGroupId: groups.SecurityGroups?.[0]?.GroupId,
    mainRouteTableId,
  };
}

async function modifyVpc(aws: AwsContext, request: ModifyVpcAttributeRequest): Promise<void> {
  await aws.client(EC2Client).send(new ModifyVpcAttributeCommand(request));
}

async function modifySubnet(aws: AwsContext, request: ModifySubnetAttributeRequest): Promise<void> {
  await aws.client(EC2Client).send(new ModifySubnetAttributeCommand(request));
}
