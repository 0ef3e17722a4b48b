import {
  AllocateAddressCommand,
  AttachInternetGatewayCommand,
  CreateInternetGatewayCommand,
  CreateNatGatewayCommand,
  CreateVpcEndpointCommand,
  DeleteInternetGatewayCommand,
  DeleteNatGatewayCommand,
  DeleteVpcEndpointsCommand,
  DescribeAddressesCommand,
  DescribeInternetGatewaysCommand,
  DescribeNatGatewaysCommand,
  DescribeVpcEndpointsCommand,
  DetachInternetGatewayCommand,
  type InternetGateway,
  ModifyVpcEndpointCommand,
  type NatGateway,
  ReleaseAddressCommand,
  type VpcEndpoint,
} from "@aws-sdk/client-ec2";
import type { Operation } from "../protocol/handler.ts";
import { ec2, ec2Tags, tagSpecifications } from "./ec2.ts";
import { unlessGone } from "./errors.ts";
import { requiredText, text, texts } from "./props.ts";
import type { AwsContext, AwsResource } from "./resource.ts";
import { tagMap } from "./tags.ts";
import { untilTaken, waitFor } from "./waiting.ts";

const internetGateway: AwsResource = {
  inputs: { vpcId: { required: true } },
  tags: ec2Tags,
  async create(props, aws, op) {
    const request = { TagSpecifications: tagSpecifications("internet-gateway", props) };
    const made = await ec2(aws).send(new CreateInternetGatewayCommand(request));
    const id = made.InternetGateway?.InternetGatewayId ?? "";
    op.made(id);
    await attach(id, requiredText(props, "vpcId"), aws);
    return id;
  },
  async read(id, _known, aws) {
    const found = await findInternetGateway(id, aws);
    return found && { tags: tagMap(found.Tags), vpcId: found.Attachments?.[0]?.VpcId };
  },
  async update(id, props, _old, _changed, aws, op) {
    await detach(id, aws, op);
    await attach(id, requiredText(props, "vpcId"), aws);
  },
  async delete(id, _props, aws, op) {
    await detach(id, aws, op);
    const call = ec2(aws).send(new DeleteInternetGatewayCommand({ InternetGatewayId: id }));
    await unlessGone(call, "InvalidInternetGatewayID.NotFound");
  },
};

async function findInternetGateway(id: string, aws: AwsContext): Promise<InternetGateway | undefined> {
  const call = ec2(aws).send(new DescribeInternetGatewaysCommand({ InternetGatewayIds: [id] }));
  return (await unlessGone(call, "InvalidInternetGatewayID.NotFound"))?.InternetGateways?.[0];
}

async function attach(InternetGatewayId: string, VpcId: string, aws: AwsContext): Promise<void> {
  await ec2(aws).send(new AttachInternetGatewayCommand({ InternetGatewayId, VpcId }));
}

async function detach(id: string, aws: AwsContext, op: Operation): Promise<void> {
  const vpcId = (await findInternetGateway(id, aws))?.Attachments?.[0]?.VpcId;
  if (vpcId === undefined) return;
  const done = ["Gateway.NotAttached", "InvalidInternetGatewayID.NotFound"];
  const wait = { until: `internet gateway ${id} is detached from ${vpcId}`, timeoutSeconds: 1200, done };
  await untilTaken(op, wait, () =>
    ec2(aws).send(new DetachInternetGatewayCommand({ InternetGatewayId: id, VpcId: vpcId })),
  );
}

const eip: AwsResource = {
  inputs: { domain: { required: true, allowed: ["vpc"], forcesNew: true } },
  tags: ec2Tags,
  async create(props, aws) {
    const request = { Domain: "vpc", TagSpecifications: tagSpecifications("elastic-ip", props) } as const;
    return (await ec2(aws).send(new AllocateAddressCommand(request))).AllocationId ?? "";
  },
  async read(id, _known, aws) {
    const call = ec2(aws).send(new DescribeAddressesCommand({ AllocationIds: [id] }));
    const found = (await unlessGone(call, "InvalidAllocationID.NotFound"))?.Addresses?.[0];
    return found && { domain: found.Domain, tags: tagMap(found.Tags) };
  },
  async delete(id, _props, aws, op) {
    // A gateway that was just deleted keeps its address for a moment: it is refused as in use, or as another account's.
    const again = ["AuthFailure", "InvalidIPAddress.InUse"];
    const wait = { until: `address ${id} is free`, timeoutSeconds: 180, again, done: ["InvalidAllocationID.NotFound"] };
    await untilTaken(op, wait, () => ec2(aws).send(new ReleaseAddressCommand({ AllocationId: id })));
  },
};

/** A public one. */
const natGateway: AwsResource = {
  inputs: {
    allocationId: { required: true, forcesNew: true },
    subnetId: { required: true, forcesNew: true },
  },
  tags: ec2Tags,
  async create(props, aws, op) {
    const made = await ec2(aws).send(
      new CreateNatGatewayCommand({
        SubnetId: requiredText(props, "subnetId"),
        AllocationId: text(props, "allocationId"),
        TagSpecifications: tagSpecifications("natgateway", props),
      }),
    );
    const id = made.NatGateway?.NatGatewayId ?? "";
    op.made(id);
    await waitFor(op, { until: `NAT gateway ${id} is available`, timeoutSeconds: 600 }, async () => {
      const found = await findNatGateway(id, aws);
      if (found?.State !== "failed") return found?.State === "available" ? true : undefined;
      throw new Error(`NAT gateway ${id} failed: ${found.FailureCode}: ${found.FailureMessage}`);
    });
    return id;
  },
  async read(id, _known, aws) {
    const found = await findNatGateway(id, aws);
    if (!found) return undefined;
    const [address] = found.NatGatewayAddresses ?? [];
    return { allocationId: address?.AllocationId, subnetId: found.SubnetId, tags: tagMap(found.Tags) };
  },
  async delete(id, _props, aws, op) {
    const call = ec2(aws).send(new DeleteNatGatewayCommand({ NatGatewayId: id }));
    if (!(await unlessGone(call, "NatGatewayNotFound"))) return;
    await waitFor(op, { until: `NAT gateway ${id} is gone`, timeoutSeconds: 1800 }, async () =>
      (await findNatGateway(id, aws)) ? undefined : true,
    );
  },
};

/** AWS tells of a deleted gateway for an hour more. */
async function findNatGateway(id: string, aws: AwsContext): Promise<NatGateway | undefined> {
  const call = ec2(aws).send(new DescribeNatGatewaysCommand({ NatGatewayIds: [id] }));
  const found = (await unlessGone(call, "NatGatewayNotFound"))?.NatGateways?.[0];
  return found?.State === "deleted" ? undefined : found;
}

const NO_ENDPOINT = ["InvalidVpcEndpointId.NotFound", "InvalidVpcEndpoint.NotFound"];

/** A gateway endpoint: a service that route tables lead to. */
const vpcEndpoint: AwsResource = {
  inputs: {
    vpcId: { required: true, forcesNew: true },
    serviceName: { required: true, forcesNew: true },
    vpcEndpointType: { default: "Gateway", allowed: ["Gateway"], forcesNew: true },
    routeTableIds: { required: true, set: true },
  },
  tags: ec2Tags,
  async create(props, aws, op) {
    const made = await ec2(aws).send(
      new CreateVpcEndpointCommand({
        VpcId: requiredText(props, "vpcId"),
        ServiceName: requiredText(props, "serviceName"),
        VpcEndpointType: "Gateway",
        RouteTableIds: texts(props, "routeTableIds"),
        TagSpecifications: tagSpecifications("vpc-endpoint", props),
      }),
    );
    const id = made.VpcEndpoint?.VpcEndpointId ?? "";
    op.made(id);
    await waitFor(op, { until: `endpoint ${id} is available`, timeoutSeconds: 600 }, async () => {
      const found = await findEndpoint(id, aws);
      const state = found?.State?.toLowerCase();
      if (state !== "failed") return state === "available" ? true : undefined;
      throw new Error(`endpoint ${id} failed: ${found?.LastError?.Message ?? "AWS gives no reason"}`);
    });
    return id;
  },
  async read(id, _known, aws) {
    const found = await findEndpoint(id, aws);
    if (!found) return undefined;
    return {
      routeTableIds: found.RouteTableIds,
      serviceName: found.ServiceName,
      tags: tagMap(found.Tags),
      vpcEndpointType: found.VpcEndpointType,
      vpcId: found.VpcId,
    };
  },
  async update(id, props, old, _changed, aws) {
    const [next, before] = [texts(props, "routeTableIds") ?? [], texts(old, "routeTableIds") ?? []];
    const AddRouteTableIds = next.filter((each) => !before.includes(each));
    const RemoveRouteTableIds = before.filter((each) => !next.includes(each));
    const request = {
      VpcEndpointId: id,
      // AWS refuses empty lists.
      ...(AddRouteTableIds.length > 0 && { AddRouteTableIds }),
      ...(RemoveRouteTableIds.length > 0 && { RemoveRouteTableIds }),
    };
    await ec2(aws).send(new ModifyVpcEndpointCommand(request));
  },
  async delete(id, _props, aws, op) {
    const answer = await ec2(aws).send(new DeleteVpcEndpointsCommand({ VpcEndpointIds: [id] }));
    for (const { Error: fault } of answer.Unsuccessful ?? []) {
      if (!NO_ENDPOINT.includes(fault?.Code ?? "")) throw new Error(`${fault?.Code}: ${fault?.Message}`);
    }
    await waitFor(op, { until: `endpoint ${id} is gone`, timeoutSeconds: 600 }, async () =>
      (await findEndpoint(id, aws)) ? undefined : true,
    );
  },
};

async function findEndpoint(id: string, aws: AwsContext): Promise<VpcEndpoint | undefined> {
  const call = ec2(aws).send(new DescribeVpcEndpointsCommand({ VpcEndpointIds: [id] }));
  const found = (await unlessGone(call, ...NO_ENDPOINT))?.VpcEndpoints?.[0];
  return found?.State?.toLowerCase() === "deleted" ? undefined : found;
}

export const gatewayResources: Record<string, AwsResource> = {
  "aws:ec2/internetGateway:InternetGateway": internetGateway,
  "aws:ec2/eip:Eip": eip,
  "aws:ec2/natGateway:NatGateway": natGateway,
  "aws:ec2/vpcEndpoint:VpcEndpoint": vpcEndpoint,
};
