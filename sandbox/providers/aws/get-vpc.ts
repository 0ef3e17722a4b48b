import {
  DescribeRouteTablesCommand,
  DescribeVpcAttributeCommand,
  DescribeVpcsCommand,
  EC2Client,
  type Vpc,
  type VpcAttributeName,
} from "@aws-sdk/client-ec2";
import { filtersOf } from "./filters.ts";
import { flag, text, textMap } from "./props.ts";
import type { AwsContext, AwsFunction, Outputs, Props } from "./resource.ts";
import { withoutAwsTags } from "./system-tags.ts";
import { tagMap } from "./tag-changes.ts";

/** `aws.ec2.getVpc`: the one VPC that fits the arguments. */
export const getVpc: AwsFunction = {
  arguments: { cidrBlock: {}, default: {}, dhcpOptionsId: {}, filters: {}, id: {}, state: {}, tags: {} },
  async invoke(args, aws) {
    const vpc = await findVpc(args, aws);
    const id = vpc.VpcId ?? "";
    const attribute = async (name: VpcAttributeName): Promise<boolean | undefined> => {
      const answer = await aws.client(EC2Client).send(new DescribeVpcAttributeCommand({ VpcId: id, Attribute: name }));
      return (answer.EnableDnsHostnames ?? answer.EnableDnsSupport ?? answer.EnableNetworkAddressUsageMetrics)?.Value;
    };
    const [hostnames, support, metrics, routeTable] = await Promise.all([
      attribute("enableDnsHostnames"),
      attribute("enableDnsSupport"),
      attribute("enableNetworkAddressUsageMetrics"),
      mainRouteTable(id, aws),
    ]);
    return {
      id,
      arn: `arn:${aws.partition}:ec2:${aws.region}:${vpc.OwnerId}:vpc/${id}`,
      cidrBlock: vpc.CidrBlock,
      cidrBlockAssociations: (vpc.CidrBlockAssociationSet ?? []).map((association) => ({
        associationId: association.AssociationId,
        cidrBlock: association.CidrBlock,
        state: association.CidrBlockState?.State,
      })),
      default: vpc.IsDefault,
      dhcpOptionsId: vpc.DhcpOptionsId,
      enableDnsHostnames: hostnames,
      enableDnsSupport: support,
      enableNetworkAddressUsageMetrics: metrics,
      filters: args.filters,
      instanceTenancy: vpc.InstanceTenancy,
      ...ipv6Of(vpc),
      mainRouteTableId: routeTable,
      ownerId: vpc.OwnerId,
      state: vpc.State,
      tags: withoutAwsTags(tagMap(vpc.Tags)),
    };
  },
};

async function findVpc(args: Props, aws: AwsContext): Promise<Vpc> {
  const id = text(args, "id");
  const tags = Object.entries(textMap(args, "tags")).map(([key, value]) => [`tag:${key}`, value]);
  const own = {
    cidr: text(args, "cidrBlock"),
    "dhcp-options-id": text(args, "dhcpOptionsId"),
    // EC2 cannot be asked for those that are not the default one.
    "is-default": flag(args, "default") ? "true" : undefined,
    state: text(args, "state"),
    ...Object.fromEntries(tags),
  };
  const { Vpcs = [] } = await aws
    .client(EC2Client)
    .send(new DescribeVpcsCommand({ Filters: filtersOf(own, args), ...(id ? { VpcIds: [id] } : {}) }));
  const [vpc, another] = Vpcs;
  if (!vpc) throw new Error("no matching EC2 VPC found; check id, filters and tags, and the region");
  if (another) throw new Error(`${Vpcs.length} EC2 VPCs match; give id, or filters and tags that fit only one`);
  return vpc;
}

function ipv6Of(vpc: Vpc): Outputs {
  const associations = vpc.Ipv6CidrBlockAssociationSet ?? [];
  return {
    ipv6AssociationId: associations[0]?.AssociationId ?? "",
    ipv6CidrBlock: associations[0]?.Ipv6CidrBlock ?? "",
    ipv6CidrBlockAssociations: associations.map((association) => ({
      associationId: association.AssociationId,
      ipSource: association.IpSource,
      ipv6AddressAttribute: association.Ipv6AddressAttribute,
      ipv6CidrBlock: association.Ipv6CidrBlock,
      ipv6Pool: association.Ipv6Pool,
      networkBorderGroup: association.NetworkBorderGroup,
      state: association.Ipv6CidrBlockState?.State,
    })),
  };
}

async function mainRouteTable(vpcId: string, aws: AwsContext): Promise<string> {
  const Filters = [
    { Name: "vpc-id", Values: [vpcId] },
    { Name: "association.main", Values: ["true"] },
  ];
  const { RouteTables } = await aws.client(EC2Client).send(new DescribeRouteTablesCommand({ Filters }));
  return RouteTables?.[0]?.RouteTableId ?? "";
}
