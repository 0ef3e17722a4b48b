import { crc32 } from "node:zlib";
import * as ec2 from "@aws-sdk/client-ec2";
import { declared, send } from "../declared-resource.ts";
import { unlessGone } from "../errors.ts";
import { valueAt } from "../mapping.ts";
import { type AwsResource, fixed } from "../resource.ts";
import { ec2Service } from "../services.ts";

/** Its routes are resources of their own: given in line, both would fight over them. */
const routeTable = declared(ec2Service, {
  tagged: "route-table",
  identity: "RouteTableId",
  gone: ["InvalidRouteTableID.NotFound", "InvalidAssociationID.NotFound"],
  inputs: { vpcId: fixed },
  create: ec2.CreateRouteTableCommand,
  id: "RouteTable.RouteTableId",
  read: { command: ec2.DescribeRouteTablesCommand, by: "RouteTableIds[0]", found: "RouteTables" },
  delete: {
    command: ec2.DeleteRouteTableCommand,
    async before(id, _props, aws) {
      const find = send(aws, ec2Service, new ec2.DescribeRouteTablesCommand({ RouteTableIds: [id] }));
      const table = await unlessGone(find, ["InvalidRouteTableID.NotFound"]);
      const ids = valueAt(table, "RouteTables[0].Associations[].RouteTableAssociationId") as string[] | undefined;
      const main = valueAt(table, "RouteTables[0].Associations[].Main") as boolean[] | undefined;
      for (const [index, AssociationId] of (ids ?? []).entries()) {
        if (main?.[index]) continue;
        const call = send(aws, ec2Service, new ec2.DisassociateRouteTableCommand({ AssociationId }));
        await unlessGone(call, ["InvalidAssociationID.NotFound"]);
      }
    },
    retry: { until: "nothing uses route table", seconds: 300 },
  },
});

const route = declared(ec2Service, {
  identity: (_, { routeTableId, destinationCidrBlock }) => ({
    RouteTableId: routeTableId,
    DestinationCidrBlock: destinationCidrBlock,
  }),
  gone: ["InvalidRoute.NotFound", "InvalidRouteTableID.NotFound"],
  inputs: {
    routeTableId: { ...fixed, returned: false },
    destinationCidrBlock: fixed,
    gatewayId: {},
    natGatewayId: {},
  },
  oneOf: ["gatewayId", "natGatewayId"],
  create: ec2.CreateRouteCommand,
  id: ({ routeTableId, destinationCidrBlock }) => routeId(String(routeTableId), String(destinationCidrBlock)),
  // EC2 takes a route that exists when its target is the same; two resources would then own it.
  exists: ({ routeTableId, destinationCidrBlock }) =>
    `route table ${routeTableId} has a route to ${destinationCidrBlock} already: delete it`,
  read: {
    command: ec2.DescribeRouteTablesCommand,
    by: (_, { routeTableId }) => ({ RouteTableIds: [routeTableId] }),
    found: "RouteTables[0].Routes",
    match: ({ DestinationCidrBlock }, _, { destinationCidrBlock }) => DestinationCidrBlock === destinationCidrBlock,
  },
  update: [ec2.ReplaceRouteCommand],
  delete: ec2.DeleteRouteCommand,
});

/** The id of a route, which has none in AWS: `r-`, its table and the CRC-32 of its destination. */
export function routeId(routeTableId: string, destination: string): string {
  return `r-${routeTableId}${crc32(destination)}`;
}

const routeTableAssociation = declared(ec2Service, {
  identity: "AssociationId",
  gone: ["InvalidAssociationID.NotFound"],
  inputs: { routeTableId: { required: true }, subnetId: fixed },
  create: ec2.AssociateRouteTableCommand,
  id: "AssociationId",
  read: {
    command: ec2.DescribeRouteTablesCommand,
    by: (id) => ({ Filters: [{ Name: "association.route-table-association-id", Values: [id] }] }),
    found: "RouteTables[0].Associations",
    match: ({ RouteTableAssociationId }, id) => RouteTableAssociationId === id,
  },
  update: [
    {
      // The official plugin swaps the table, which gives the association another id, and loses it: the next update
      // creates it again and fails. https://github.com/pulumi/pulumi-aws/issues/3911
      calls({ id, props, old }) {
        throw new Error(
          `association ${id} cannot go from route table ${old.routeTableId} to ${props.routeTableId} in place: the ` +
            'official plugin would lose it. Set { replaceOnChanges: ["routeTableId"], deleteBeforeReplace: true }',
        );
      },
    },
  ],
  delete: ec2.DisassociateRouteTableCommand,
});

export const routeResources: Record<string, AwsResource> = {
  "aws:ec2/routeTable:RouteTable": routeTable,
  "aws:ec2/route:Route": route,
  "aws:ec2/routeTableAssociation:RouteTableAssociation": routeTableAssociation,
};
