import {
  AssociateRouteTableCommand,
  CreateRouteCommand,
  type CreateRouteRequest,
  CreateRouteTableCommand,
  DeleteRouteCommand,
  DeleteRouteTableCommand,
  DescribeRouteTablesCommand,
  DisassociateRouteTableCommand,
  EC2Client,
  ReplaceRouteCommand,
  type Route,
  type RouteTable,
  type RouteTableAssociation,
} from "@aws-sdk/client-ec2";
import { ec2Arn } from "./ec2-arn.ts";
import { tagSpecifications, updateTags } from "./ec2-tags.ts";
import { unlessGone } from "./errors.ts";
import { exactlyOne } from "./exactly-one.ts";
import { refuseImport } from "./no-import.ts";
import { requiredText, text } from "./props.ts";
import type { AwsContext, AwsResource, Outputs, Props } from "./resource.ts";
import { untilTaken } from "./retry.ts";
import { routeId } from "./route-id.ts";
import { tagMap } from "./tag-changes.ts";
import { waitFor } from "./wait.ts";

/** Routes within the table are resources of their own; given in line, both would fight over them. */
const routeTable: AwsResource = {
  inputs: { vpcId: { required: true, forcesNew: true } },
  tagged: true,
  async create(props, aws, op) {
    const request = {
      VpcId: requiredText(props, "vpcId"),
      TagSpecifications: tagSpecifications("route-table", props),
    };
    const id = (await aws.client(EC2Client).send(new CreateRouteTableCommand(request))).RouteTable?.RouteTableId ?? "";
    op.made(id);
    await waitFor(op, { until: `route table ${id} is there`, timeoutSeconds: 300 }, () => findTable(id, aws));
    return id;
  },
  async read(id, _known, aws) {
    const found = await findTable(id, aws);
    if (!found) return undefined;
    return {
      arn: ec2Arn(aws, "route-table", id, found.OwnerId),
      ownerId: found.OwnerId,
      propagatingVgws: (found.PropagatingVgws ?? []).map(({ GatewayId }) => GatewayId),
      routes: (found.Routes ?? []).filter(isOwn).map(asListed),
      tags: tagMap(found.Tags),
      vpcId: found.VpcId,
    };
  },
  update: updateTags,
  async delete(id, _props, aws, op) {
    for (const { RouteTableAssociationId, Main } of (await findTable(id, aws))?.Associations ?? []) {
      if (RouteTableAssociationId && !Main) await disassociate(RouteTableAssociationId, aws);
    }
    const wait = { until: `route table ${id} is free`, timeoutSeconds: 300 };
    const passing = { again: ["DependencyViolation"], done: ["InvalidRouteTableID.NotFound"] };
    await untilTaken(op, wait, passing, () =>
      aws.client(EC2Client).send(new DeleteRouteTableCommand({ RouteTableId: id })),
    );
  },
};

const DESTINATIONS = ["destinationCidrBlock", "destinationIpv6CidrBlock", "destinationPrefixListId"] as const;
const TARGETS = [
  "egressOnlyGatewayId",
  "gatewayId",
  "natGatewayId",
  "networkInterfaceId",
  "transitGatewayId",
  "vpcEndpointId",
  "vpcPeeringConnectionId",
] as const;

const route: AwsResource = {
  inputs: {
    routeTableId: { required: true, forcesNew: true },
    destinationCidrBlock: { forcesNew: true },
    destinationIpv6CidrBlock: { forcesNew: true },
    destinationPrefixListId: { forcesNew: true },
    egressOnlyGatewayId: {},
    gatewayId: {},
    natGatewayId: {},
    networkInterfaceId: { computed: true },
    transitGatewayId: {},
    vpcEndpointId: {},
    vpcPeeringConnectionId: {},
  },
  changing: ["instanceId", "instanceOwnerId", "state"],
  validate: (props) => [...exactlyOne(props, DESTINATIONS), ...exactlyOne(props, TARGETS)],
  async create(props, aws, op) {
    const table = requiredText(props, "routeTableId");
    // EC2 takes a route that is there when its target is the same; two resources would then own it.
    if (await findRoute(props, aws)) {
      throw new Error(`route table ${table} has a route to ${destinationOf(props)} already: import or delete it`);
    }
    await aws.client(EC2Client).send(new CreateRouteCommand(routeRequest(props)));
    const id = routeId(table, destinationOf(props));
    op.made(id);
    await waitFor(op, { until: `route ${id} is there`, timeoutSeconds: 300 }, () => findRoute(props, aws));
    return id;
  },
  async read(_id, known, aws) {
    refuseImport(known, "its table and destination");
    const found = await findRoute(known, aws);
    if (!found) return undefined;
    return {
      destinationCidrBlock: found.DestinationCidrBlock,
      destinationIpv6CidrBlock: found.DestinationIpv6CidrBlock,
      destinationPrefixListId: found.DestinationPrefixListId,
      instanceId: found.InstanceId,
      instanceOwnerId: found.InstanceOwnerId,
      origin: found.Origin,
      routeTableId: known.routeTableId,
      state: found.State,
      ...targetsOf(found),
    };
  },
  async update(_id, props, _old, _changed, aws) {
    await aws.client(EC2Client).send(new ReplaceRouteCommand(routeRequest(props)));
  },
  async delete(id, props, aws, op) {
    const { RouteTableId, DestinationCidrBlock, DestinationIpv6CidrBlock, DestinationPrefixListId } =
      routeRequest(props);
    const request = { RouteTableId, DestinationCidrBlock, DestinationIpv6CidrBlock, DestinationPrefixListId };
    const call = aws.client(EC2Client).send(new DeleteRouteCommand(request));
    if (!(await unlessGone(call, "InvalidRoute.NotFound", "InvalidRouteTableID.NotFound"))) return;
    await waitFor(op, { until: `route ${id} is gone`, timeoutSeconds: 300 }, async () =>
      (await findRoute(props, aws)) ? undefined : true,
    );
  },
};

const routeTableAssociation: AwsResource = {
  inputs: { routeTableId: { required: true }, subnetId: { required: true, forcesNew: true } },
  async create(props, aws, op) {
    const request = { RouteTableId: requiredText(props, "routeTableId"), SubnetId: requiredText(props, "subnetId") };
    const id = (await aws.client(EC2Client).send(new AssociateRouteTableCommand(request))).AssociationId ?? "";
    op.made(id);
    await waitFor(op, { until: `association ${id} is there`, timeoutSeconds: 300 }, () => findAssociation(id, aws));
    return id;
  },
  async read(id, _known, aws) {
    const found = await findAssociation(id, aws);
    return found && { routeTableId: found.RouteTableId, subnetId: found.SubnetId };
  },
  // The official plugin swaps the table, which gives the association another id, and loses it: the next update makes it again
  // and fails. https://github.com/pulumi/pulumi-aws/issues/3911
  async update(id, props, old) {
    throw new Error(
      `association ${id} cannot go from route table ${old.routeTableId} to ${props.routeTableId} in place: the official ` +
        'plugin would lose it. Give it the options { replaceOnChanges: ["routeTableId"], deleteBeforeReplace: true }',
    );
  },
  async delete(id, _props, aws) {
    await disassociate(id, aws);
  },
};

export const routeResources: Record<string, AwsResource> = {
  "aws:ec2/routeTable:RouteTable": routeTable,
  "aws:ec2/route:Route": route,
  "aws:ec2/routeTableAssociation:RouteTableAssociation": routeTableAssociation,
};

function destinationOf(props: Props): string {
  const name = DESTINATIONS.find((each) => text(props, each) !== undefined);
  if (name === undefined) throw new Error("a route without a destination, though it was checked for");
  return requiredText(props, name);
}

function routeRequest(props: Props): CreateRouteRequest {
  return {
    RouteTableId: requiredText(props, "routeTableId"),
    DestinationCidrBlock: text(props, "destinationCidrBlock"),
    DestinationIpv6CidrBlock: text(props, "destinationIpv6CidrBlock"),
    DestinationPrefixListId: text(props, "destinationPrefixListId"),
    EgressOnlyInternetGatewayId: text(props, "egressOnlyGatewayId"),
    GatewayId: text(props, "gatewayId"),
    NatGatewayId: text(props, "natGatewayId"),
    NetworkInterfaceId: text(props, "networkInterfaceId"),
    TransitGatewayId: text(props, "transitGatewayId"),
    VpcEndpointId: text(props, "vpcEndpointId"),
    VpcPeeringConnectionId: text(props, "vpcPeeringConnectionId"),
  };
}

/** AWS names the endpoint that a route leads to as its gateway. */
function targetsOf(found: Route): Outputs {
  const toEndpoint = found.GatewayId?.startsWith("vpce-");
  return {
    egressOnlyGatewayId: found.EgressOnlyInternetGatewayId,
    gatewayId: toEndpoint ? undefined : found.GatewayId,
    natGatewayId: found.NatGatewayId,
    networkInterfaceId: found.NetworkInterfaceId,
    transitGatewayId: found.TransitGatewayId,
    vpcEndpointId: toEndpoint ? found.GatewayId : undefined,
    vpcPeeringConnectionId: found.VpcPeeringConnectionId,
  };
}

/** Neither the VPC's own route nor one of a gateway endpoint or a VPN. */
function isOwn({ DestinationPrefixListId, GatewayId, Origin }: Route): boolean {
  const ofEndpoint = DestinationPrefixListId !== undefined && GatewayId?.startsWith("vpce-");
  return GatewayId !== "local" && !ofEndpoint && Origin !== "EnableVgwRoutePropagation";
}

function asListed(found: Route): Outputs {
  return {
    cidrBlock: found.DestinationCidrBlock,
    destinationPrefixListId: found.DestinationPrefixListId,
    ipv6CidrBlock: found.DestinationIpv6CidrBlock,
    ...targetsOf(found),
  };
}

async function findTable(id: string, aws: AwsContext): Promise<RouteTable | undefined> {
  const call = aws.client(EC2Client).send(new DescribeRouteTablesCommand({ RouteTableIds: [id] }));
  return (await unlessGone(call, "InvalidRouteTableID.NotFound"))?.RouteTables?.[0];
}

async function findRoute(props: Props, aws: AwsContext): Promise<Route | undefined> {
  const destination = destinationOf(props);
  const table = await findTable(requiredText(props, "routeTableId"), aws);
  return table?.Routes?.find((each) =>
    [each.DestinationCidrBlock, each.DestinationIpv6CidrBlock, each.DestinationPrefixListId].includes(destination),
  );
}

async function findAssociation(id: string, aws: AwsContext): Promise<RouteTableAssociation | undefined> {
  const Filters = [{ Name: "association.route-table-association-id", Values: [id] }];
  const found = await aws.client(EC2Client).send(new DescribeRouteTablesCommand({ Filters }));
  const associations = found.RouteTables?.flatMap(({ Associations = [] }) => Associations);
  return associations?.find(({ RouteTableAssociationId }) => RouteTableAssociationId === id);
}

async function disassociate(id: string, aws: AwsContext): Promise<void> {
  const call = aws.client(EC2Client).send(new DisassociateRouteTableCommand({ AssociationId: id }));
  await unlessGone(call, "InvalidAssociationID.NotFound");
}
