import * as ec2 from "@aws-sdk/client-ec2";
import type { Operation } from "../../protocol/handler.ts";
import { declared, send } from "../declared-resource.ts";
import { unlessGone } from "../errors.ts";
import { valueAt } from "../mapping.ts";
import { text, texts } from "../props.ts";
import { type AwsContext, type AwsResource, fixed } from "../resource.ts";
import { ec2Service } from "../services.ts";
import { retryUntilAccepted } from "../waiting.ts";

const vpc = declared(ec2Service, {
  tagged: "vpc",
  identity: "VpcId",
  gone: ["InvalidVpcID.NotFound"],
  inputs: {
    cidrBlock: fixed,
    // EC2 takes one attribute in a request.
    enableDnsHostnames: { computed: true, api: "EnableDnsHostnames.Value", sent: "later" },
    enableDnsSupport: { default: true, api: "EnableDnsSupport.Value", sent: "later" },
  },
  outputs: { ownerId: "OwnerId" },
  create: ec2.CreateVpcCommand,
  id: "Vpc.VpcId",
  read: {
    command: ec2.DescribeVpcsCommand,
    by: "VpcIds[0]",
    found: "Vpcs",
    more: (_, VpcId) =>
      (["enableDnsSupport", "enableDnsHostnames"] as const).map(
        (Attribute) => new ec2.DescribeVpcAttributeCommand({ VpcId, Attribute }),
      ),
  },
  update: [
    // Names need DNS itself: it is switched on before them.
    { on: ["enableDnsSupport"], command: ec2.ModifyVpcAttributeCommand },
    { on: ["enableDnsHostnames"], command: ec2.ModifyVpcAttributeCommand },
  ],
  delete: { command: ec2.DeleteVpcCommand, retry: { until: "nothing is left in VPC", seconds: 300 } },
});

const subnet = declared(ec2Service, {
  tagged: "subnet",
  identity: "SubnetId",
  gone: ["InvalidSubnetID.NotFound"],
  inputs: {
    vpcId: fixed,
    cidrBlock: fixed,
    availabilityZone: fixed,
    mapPublicIpOnLaunch: {
      default: false,
      api: "MapPublicIpOnLaunch.Value",
      read: "MapPublicIpOnLaunch",
      sent: "later",
    },
  },
  create: ec2.CreateSubnetCommand,
  id: "Subnet.SubnetId",
  read: { command: ec2.DescribeSubnetsCommand, by: "SubnetIds[0]", found: "Subnets" },
  update: [{ on: ["mapPublicIpOnLaunch"], command: ec2.ModifySubnetAttributeCommand }],
  delete: { command: ec2.DeleteSubnetCommand, retry: { until: "nothing is left in subnet", seconds: 1200 } },
});

/** Of a VPC, to a log group. */
const flowLog = declared(ec2Service, {
  tagged: "vpc-flow-log",
  identity: "FlowLogIds[0]",
  gone: ["InvalidFlowLogId.NotFound"],
  inputs: {
    vpcId: { ...fixed, api: "ResourceIds[0]", read: "ResourceId" },
    iamRoleArn: { ...fixed, api: "DeliverLogsPermissionArn" },
    logDestination: fixed,
    trafficType: fixed,
  },
  create: { command: ec2.CreateFlowLogsCommand, with: { ResourceType: "VPC", LogDestinationType: "cloud-watch-logs" } },
  id: "FlowLogIds[0]",
  read: { command: ec2.DescribeFlowLogsCommand, found: "FlowLogs" },
  delete: ec2.DeleteFlowLogsCommand,
});

const NO_INTERNET_GATEWAY = "InvalidInternetGatewayID.NotFound";

const internetGateway = declared(ec2Service, {
  tagged: "internet-gateway",
  identity: "InternetGatewayId",
  gone: [NO_INTERNET_GATEWAY],
  inputs: { vpcId: { required: true, sent: "later", read: "Attachments[0].VpcId" } },
  create: ec2.CreateInternetGatewayCommand,
  id: "InternetGateway.InternetGatewayId",
  read: { command: ec2.DescribeInternetGatewaysCommand, by: "InternetGatewayIds[0]", found: "InternetGateways" },
  update: [
    {
      on: ["vpcId"],
      async calls({ id, props, aws, op }) {
        await detach(id, aws, op);
        return [new ec2.AttachInternetGatewayCommand({ InternetGatewayId: id, VpcId: text(props, "vpcId") })];
      },
    },
  ],
  delete: { command: ec2.DeleteInternetGatewayCommand, before: (id, _props, aws, op) => detach(id, aws, op) },
});

async function detach(id: string, aws: AwsContext, op: Operation): Promise<void> {
  const call = send(aws, ec2Service, new ec2.DescribeInternetGatewaysCommand({ InternetGatewayIds: [id] }));
  const VpcId = valueAt(await unlessGone(call, [NO_INTERNET_GATEWAY]), "InternetGateways[0].Attachments[0].VpcId");
  if (typeof VpcId !== "string") return;
  const done = ["Gateway.NotAttached", NO_INTERNET_GATEWAY];
  await retryUntilAccepted(
    op,
    { until: `nothing in ${VpcId} uses internet gateway ${id}`, timeoutSeconds: 1200, done },
    () => send(aws, ec2Service, new ec2.DetachInternetGatewayCommand({ InternetGatewayId: id, VpcId })),
  );
}

const eip = declared(ec2Service, {
  tagged: "elastic-ip",
  identity: "AllocationId",
  gone: ["InvalidAllocationID.NotFound"],
  inputs: { domain: { ...fixed, allowed: ["vpc"] } },
  create: ec2.AllocateAddressCommand,
  id: "AllocationId",
  read: { command: ec2.DescribeAddressesCommand, by: "AllocationIds[0]", found: "Addresses" },
  delete: {
    command: ec2.ReleaseAddressCommand,
    // A gateway keeps its address for a moment after its deletion: EC2 calls it in use, or another account's.
    retry: { until: "nothing uses address", seconds: 180, codes: ["AuthFailure", "InvalidIPAddress.InUse"] },
  },
});

const publicNatGateway = declared(ec2Service, {
  tagged: "natgateway",
  identity: "NatGatewayId",
  gone: ["NatGatewayNotFound"],
  inputs: { allocationId: { ...fixed, read: "NatGatewayAddresses[0].AllocationId" }, subnetId: fixed },
  create: ec2.CreateNatGatewayCommand,
  id: "NatGateway.NatGatewayId",
  read: {
    command: ec2.DescribeNatGatewaysCommand,
    by: "NatGatewayIds[0]",
    found: "NatGateways",
    // AWS knows a deleted gateway for another hour.
    isGone: ({ State }) => State === "deleted",
  },
  delete: ec2.DeleteNatGatewayCommand,
  states: {
    noun: "NAT gateway",
    at: "State",
    ready: "available",
    reason: ({ FailureCode, FailureMessage }) => `${FailureCode}: ${FailureMessage}`,
    seconds: { create: 600, delete: 1800 },
  },
});

/** A gateway endpoint: a service that route tables lead to. */
const vpcEndpoint = declared(ec2Service, {
  tagged: "vpc-endpoint",
  identity: "VpcEndpointIds[0]",
  gone: ["InvalidVpcEndpointId.NotFound", "InvalidVpcEndpoint.NotFound"],
  inputs: {
    vpcId: fixed,
    serviceName: fixed,
    vpcEndpointType: { default: "Gateway", allowed: ["Gateway"], forcesNew: true },
    routeTableIds: { required: true, set: true },
  },
  create: ec2.CreateVpcEndpointCommand,
  id: "VpcEndpoint.VpcEndpointId",
  read: {
    command: ec2.DescribeVpcEndpointsCommand,
    found: "VpcEndpoints",
    isGone: ({ State }) => String(State).toLowerCase() === "deleted",
  },
  update: [
    {
      calls({ id, props, old }) {
        const [next, before] = [texts(props, "routeTableIds") ?? [], texts(old, "routeTableIds") ?? []];
        const AddRouteTableIds = next.filter((table) => !before.includes(table));
        const RemoveRouteTableIds = before.filter((table) => !next.includes(table));
        return [
          new ec2.ModifyVpcEndpointCommand({
            VpcEndpointId: id,
            // AWS refuses empty lists.
            ...(AddRouteTableIds.length > 0 && { AddRouteTableIds }),
            ...(RemoveRouteTableIds.length > 0 && { RemoveRouteTableIds }),
          }),
        ];
      },
    },
  ],
  delete: ec2.DeleteVpcEndpointsCommand,
  states: {
    noun: "endpoint",
    at: "State",
    ready: "available",
    reason: (found) => String(valueAt(found, "LastError.Message") ?? "AWS gives no reason"),
    seconds: { create: 600, delete: 600 },
  },
});

export const networkResources: Record<string, AwsResource> = {
  "aws:ec2/vpc:Vpc": vpc,
  "aws:ec2/subnet:Subnet": subnet,
  "aws:ec2/flowLog:FlowLog": flowLog,
  "aws:ec2/internetGateway:InternetGateway": internetGateway,
  "aws:ec2/eip:Eip": eip,
  "aws:ec2/natGateway:NatGateway": publicNatGateway,
  "aws:ec2/vpcEndpoint:VpcEndpoint": vpcEndpoint,
};
