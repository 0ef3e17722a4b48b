import {
  AssociateRouteTableCommand,
  CreateRouteCommand,
  CreateRouteTableCommand,
  DeleteRouteCommand,
  DeleteRouteTableCommand,
  DescribeRouteTablesCommand,
  DisassociateRouteTableCommand,
  ReplaceRouteCommand,
  type Route,
  type RouteTable,
  type RouteTableAssociation,
} from "@aws-sdk/client-ec2";
import { ec2, ec2Tags, tagSpecifications } from "./ec2.ts";
import { unlessGone } from "./errors.ts";
import { requiredText, text } from "./props.ts";
import type { AwsContext, AwsResource, Props } from "./resource.ts";
import { tagMap } from "./tags.ts";
import { untilTaken } from "./waiting.ts";

/** Routes within the table are resources of their own; given in line, both would fight over them. */
const routeTable: AwsResource = {
  inputs: { vpcId: { required: true, forcesNew: true } },
  tags: ec2Tags,
  async create(props, aws) {
    const request = {
      VpcId: requiredText(props, "vpcId"),
      TagSpecifications: tagSpecifications("route-table", props),
    };
    return (await ec2(aws).send(new CreateRouteTableCommand(request))).RouteTable?.RouteTableId ?? "";
  },
  async read(id, _known, aws) {
    const found = await findTable(id, aws);
    return found && { tags: tagMap(found.Tags), vpcId: found.VpcId };
  },
  async delete(id, _props, aws, op) {
    for (const { RouteTableAssociationId, Main } of (await findTable(id, aws))?.Associations ?? []) {
      if (RouteTableAssociationId && !Main) await disassociate(RouteTableAssociationId, aws);
    }
    const wait = { until: `route table ${id} is free`, timeoutSeconds: 300, done: ["InvalidRouteTableID.NotFound"] };
    await untilTaken(op, wait, () => ec2(aws).send(new DeleteRouteTableCommand({ RouteTableId: id })));
  },
};

async function findTable(id: string, aws: AwsContext): Promise<RouteTable | undefined> {
  const call = ec2(aws).send(new DescribeRouteTablesCommand({ RouteTableIds: [id] }));
  return (await unlessGone(call, "InvalidRouteTableID.NotFound"))?.RouteTables?.[0];
}

const route: AwsResource = {
  inputs: {
    routeTableId: { required: true, forcesNew: true },
    destinationCidrBlock: { required: true, forcesNew: true },
    gatewayId: {},
    natGatewayId: {},
  },
  oneOf: ["gatewayId", "natGatewayId"],
  async create(props, aws) {
    const { RouteTableId, DestinationCidrBlock } = place(props);
    // EC2 takes a route that is there when its target is the same; two resources would then own it.
    if (await findRoute(props, aws)) {
      throw new Error(`route table ${RouteTableId} has a route to ${DestinationCidrBlock} already: delete it`);
    }
    await ec2(aws).send(new CreateRouteCommand({ ...place(props), ...target(props) }));
    return routeId(RouteTableId, DestinationCidrBlock);
  },
  async read(_id, known, aws) {
    const found = await findRoute(known, aws);
    if (!found) return undefined;
    const { routeTableId, destinationCidrBlock } = known;
    return { routeTableId, destinationCidrBlock, gatewayId: found.GatewayId, natGatewayId: found.NatGatewayId };
  },
  async update(_id, props, _old, _changed, aws) {
    await ec2(aws).send(new ReplaceRouteCommand({ ...place(props), ...target(props) }));
  },
  async delete(_id, props, aws) {
    const call = ec2(aws).send(new DeleteRouteCommand(place(props)));
    await unlessGone(call, "InvalidRoute.NotFound", "InvalidRouteTableID.NotFound");
  },
};

const place = (props: Props) => ({
  RouteTableId: requiredText(props, "routeTableId"),
  DestinationCidrBlock: requiredText(props, "destinationCidrBlock"),
});

const target = (props: Props) => ({ GatewayId: text(props, "gatewayId"), NatGatewayId: text(props, "natGatewayId") });

async function findRoute(props: Props, aws: AwsContext): Promise<Route | undefined> {
  const { RouteTableId, DestinationCidrBlock: wanted } = place(props);
  return (await findTable(RouteTableId, aws))?.Routes?.find((each) => each.DestinationCidrBlock === wanted);
}

/** The id of a route, which AWS has none for: `r-`, its table and the CRC-32 of its destination, as in zip files. */
export function routeId(routeTableId: string, destination: string): string {
  let crc = 0xffffffff;
  // `zlib.crc32` is younger than the oldest Node that is served.
  for (const byte of Buffer.from(destination)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return `r-${routeTableId}${~crc >>> 0}`;
}

const routeTableAssociation: AwsResource = {
  inputs: { routeTableId: { required: true }, subnetId: { required: true, forcesNew: true } },
  async create(props, aws) {
    const request = { RouteTableId: requiredText(props, "routeTableId"), SubnetId: requiredText(props, "subnetId") };
    return (await ec2(aws).send(new AssociateRouteTableCommand(request))).AssociationId ?? "";
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

async function findAssociation(id: string, aws: AwsContext): Promise<RouteTableAssociation | undefined> {
  const Filters = [{ Name: "association.route-table-association-id", Values: [id] }];
  const found = await ec2(aws).send(new DescribeRouteTablesCommand({ Filters }));
  const associations = found.RouteTables?.flatMap(({ Associations = [] }) => Associations);
  return associations?.find(({ RouteTableAssociationId }) => RouteTableAssociationId === id);
}

async function disassociate(id: string, aws: AwsContext): Promise<void> {
  const call = ec2(aws).send(new DisassociateRouteTableCommand({ AssociationId: id }));
  await unlessGone(call, "InvalidAssociationID.NotFound");
}

export const routeResources: Record<string, AwsResource> = {
  "aws:ec2/routeTable:RouteTable": routeTable,
  "aws:ec2/route:Route": route,
  "aws:ec2/routeTableAssociation:RouteTableAssociation": routeTableAssociation,
};
