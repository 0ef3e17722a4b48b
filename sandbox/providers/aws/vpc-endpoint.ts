import {
  CreateVpcEndpointCommand,
  DeleteVpcEndpointsCommand,
  DescribePrefixListsCommand,
  DescribeVpcEndpointsCommand,
  EC2Client,
  ModifyVpcEndpointCommand,
  type VpcEndpoint,
  type VpcEndpointType,
} from "@aws-sdk/client-ec2";
import { ec2Arn } from "./ec2-arn.ts";
import { tagSpecifications, updateTags } from "./ec2-tags.ts";
import { unlessGone } from "./errors.ts";
import { ownChanges } from "./own-changes.ts";
import { flag, requiredText, text, texts } from "./props.ts";
import type { AwsContext, AwsResource, Props } from "./resource.ts";
import { tagMap } from "./tag-changes.ts";
import { waitFor } from "./wait.ts";

const NO_ENDPOINT = ["InvalidVpcEndpointId.NotFound", "InvalidVpcEndpoint.NotFound"];

const vpcEndpoint: AwsResource = {
  inputs: {
    vpcId: { required: true, forcesNew: true },
    // Optional with the official plugin, for endpoints that lead to other things than a service.
    serviceName: { required: true, forcesNew: true },
    vpcEndpointType: { default: "Gateway", forcesNew: true },
    policy: { computed: true, json: "policy" },
    privateDnsEnabled: { computed: true },
    routeTableIds: { computed: true, set: true },
    securityGroupIds: { computed: true, set: true },
    subnetIds: { computed: true, set: true },
  },
  changing: ["dnsEntries", "networkInterfaceIds"],
  tagged: true,
  async create(props, aws, op) {
    const made = await aws.client(EC2Client).send(
      new CreateVpcEndpointCommand({
        VpcId: requiredText(props, "vpcId"),
        ServiceName: requiredText(props, "serviceName"),
        VpcEndpointType: text(props, "vpcEndpointType") as VpcEndpointType | undefined,
        PolicyDocument: text(props, "policy"),
        PrivateDnsEnabled: flag(props, "privateDnsEnabled") ?? false,
        RouteTableIds: texts(props, "routeTableIds"),
        SecurityGroupIds: texts(props, "securityGroupIds"),
        SubnetIds: texts(props, "subnetIds"),
        TagSpecifications: tagSpecifications("vpc-endpoint", props),
      }),
    );
    const id = made.VpcEndpoint?.VpcEndpointId ?? "";
    op.made(id);
    await waitFor(op, { until: `endpoint ${id} is available`, timeoutSeconds: 600 }, async () => {
      const found = await findEndpoint(id, aws);
      const state = found?.State?.toLowerCase();
      if (state === "failed" || state === "rejected") {
        throw new Error(`endpoint ${id} is ${state}: ${found?.LastError?.Message ?? "AWS gives no reason"}`);
      }
      return state === "available" || state === "pendingacceptance" ? true : undefined;
    });
    return id;
  },
  async read(id, _known, aws) {
    const found = await findEndpoint(id, aws);
    if (!found) return undefined;
    const list = await prefixList(found.ServiceName, aws);
    return {
      arn: ec2Arn(aws, "vpc-endpoint", id, found.OwnerId),
      cidrBlocks: list?.Cidrs,
      dnsEntries: found.DnsEntries?.map(({ DnsName, HostedZoneId }) => ({
        dnsName: DnsName,
        hostedZoneId: HostedZoneId,
      })),
      networkInterfaceIds: found.NetworkInterfaceIds,
      ownerId: found.OwnerId,
      policy: found.PolicyDocument,
      prefixListId: list?.PrefixListId,
      privateDnsEnabled: found.PrivateDnsEnabled,
      requesterManaged: found.RequesterManaged,
      routeTableIds: found.RouteTableIds,
      securityGroupIds: found.Groups?.map(({ GroupId }) => GroupId),
      serviceName: found.ServiceName,
      state: found.State,
      subnetIds: found.SubnetIds,
      tags: tagMap(found.Tags),
      vpcEndpointType: found.VpcEndpointType,
      vpcId: found.VpcId,
    };
  },
  async update(id, props, old, changed, aws) {
    const [routeTables, groups, subnets] = ["routeTableIds", "securityGroupIds", "subnetIds"].map((name) =>
      changed.has(name) ? steps(props, old, name) : {},
    );
    if (ownChanges(changed).length > 0) {
      await aws.client(EC2Client).send(
        new ModifyVpcEndpointCommand({
          VpcEndpointId: id,
          PolicyDocument: changed.has("policy") ? text(props, "policy") : undefined,
          PrivateDnsEnabled: changed.has("privateDnsEnabled") ? flag(props, "privateDnsEnabled") : undefined,
          AddRouteTableIds: routeTables?.add,
          RemoveRouteTableIds: routeTables?.remove,
          AddSecurityGroupIds: groups?.add,
          RemoveSecurityGroupIds: groups?.remove,
          AddSubnetIds: subnets?.add,
          RemoveSubnetIds: subnets?.remove,
        }),
      );
    }
    await updateTags(id, props, old, changed, aws);
  },
  async delete(id, _props, aws, op) {
    const answer = await aws.client(EC2Client).send(new DeleteVpcEndpointsCommand({ VpcEndpointIds: [id] }));
    for (const { Error: fault } of answer.Unsuccessful ?? []) {
      if (!NO_ENDPOINT.includes(fault?.Code ?? "")) throw new Error(`${fault?.Code}: ${fault?.Message}`);
    }
    await waitFor(op, { until: `endpoint ${id} is gone`, timeoutSeconds: 600 }, async () =>
      (await findEndpoint(id, aws)) ? undefined : true,
    );
  },
};

export const vpcEndpointResources: Record<string, AwsResource> = { "aws:ec2/vpcEndpoint:VpcEndpoint": vpcEndpoint };

async function findEndpoint(id: string, aws: AwsContext): Promise<VpcEndpoint | undefined> {
  const call = aws.client(EC2Client).send(new DescribeVpcEndpointsCommand({ VpcEndpointIds: [id] }));
  const found = (await unlessGone(call, ...NO_ENDPOINT))?.VpcEndpoints?.[0];
  return found?.State?.toLowerCase() === "deleted" ? undefined : found;
}

/** The addresses of a service, which route tables and rules name as a whole. */
async function prefixList(serviceName: string | undefined, aws: AwsContext) {
  const Filters = [{ Name: "prefix-list-name", Values: [serviceName ?? ""] }];
  return (await aws.client(EC2Client).send(new DescribePrefixListsCommand({ Filters }))).PrefixLists?.[0];
}

/** What to add and to remove; AWS refuses empty lists. */
function steps(props: Props, old: Props, name: string): { add?: string[]; remove?: string[] } {
  const [next, before] = [texts(props, name) ?? [], texts(old, name) ?? []];
  const add = next.filter((each) => !before.includes(each));
  const remove = before.filter((each) => !next.includes(each));
  return { ...(add.length > 0 ? { add } : {}), ...(remove.length > 0 ? { remove } : {}) };
}
