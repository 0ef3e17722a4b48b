import {
  type Address,
  AllocateAddressCommand,
  AttachInternetGatewayCommand,
  type ConnectivityType,
  CreateInternetGatewayCommand,
  CreateNatGatewayCommand,
  DeleteInternetGatewayCommand,
  DeleteNatGatewayCommand,
  DescribeAddressesCommand,
  DescribeInternetGatewaysCommand,
  DescribeNatGatewaysCommand,
  DetachInternetGatewayCommand,
  type DomainType,
  EC2Client,
  type InternetGateway,
  type NatGateway,
  ReleaseAddressCommand,
} from "@aws-sdk/client-ec2";
import type { Operation } from "../protocol/handler.ts";
import { ec2Arn } from "./ec2-arn.ts";
import { tagSpecifications, updateTags } from "./ec2-tags.ts";
import { unlessGone } from "./errors.ts";
import { requiredText, text } from "./props.ts";
import type { AwsContext, AwsResource } from "./resource.ts";
import { untilTaken } from "./retry.ts";
import { tagMap } from "./tag-changes.ts";
import { waitFor } from "./wait.ts";

const internetGateway: AwsResource = {
  inputs: { vpcId: { computed: true } },
  tagged: true,
  async create(props, aws, op) {
    const request = { TagSpecifications: tagSpecifications("internet-gateway", props) };
    const made = await aws.client(EC2Client).send(new CreateInternetGatewayCommand(request));
    const id = made.InternetGateway?.InternetGatewayId ?? "";
    op.made(id);
    await attach(id, text(props, "vpcId"), aws);
    return id;
  },
  async read(id, _known, aws) {
    const found = await findInternetGateway(id, aws);
    if (!found) return undefined;
    return {
      arn: ec2Arn(aws, "internet-gateway", id, found.OwnerId),
      ownerId: found.OwnerId,
      tags: tagMap(found.Tags),
      vpcId: found.Attachments?.[0]?.VpcId,
    };
  },
  async update(id, props, old, changed, aws, op) {
    if (changed.has("vpcId")) {
      await detach(id, aws, op);
      await attach(id, text(props, "vpcId"), aws);
    }
    await updateTags(id, props, old, changed, aws);
  },
  async delete(id, _props, aws, op) {
    await detach(id, aws, op);
    const wait = { until: `internet gateway ${id} is free`, timeoutSeconds: 1200 };
    const passing = { again: ["DependencyViolation"], done: ["InvalidInternetGatewayID.NotFound"] };
    await untilTaken(op, wait, passing, () =>
      aws.client(EC2Client).send(new DeleteInternetGatewayCommand({ InternetGatewayId: id })),
    );
  },
};

const eip: AwsResource = {
  inputs: {
    domain: { computed: true, forcesNew: true },
    networkBorderGroup: { computed: true, forcesNew: true },
    publicIpv4Pool: { computed: true, forcesNew: true },
  },
  tagged: true,
  async create(props, aws) {
    const made = await aws.client(EC2Client).send(
      new AllocateAddressCommand({
        Domain: text(props, "domain") as DomainType | undefined,
        NetworkBorderGroup: text(props, "networkBorderGroup"),
        PublicIpv4Pool: text(props, "publicIpv4Pool"),
        TagSpecifications: tagSpecifications("elastic-ip", props),
      }),
    );
    return made.AllocationId ?? "";
  },
  async read(id, _known, aws) {
    const found = await findAddress(id, aws);
    if (!found) return undefined;
    return {
      allocationId: id,
      arn: ec2Arn(aws, "elastic-ip", id),
      associationId: found.AssociationId,
      domain: found.Domain,
      networkBorderGroup: found.NetworkBorderGroup,
      networkInterface: found.NetworkInterfaceId,
      privateIp: found.PrivateIpAddress,
      publicIp: found.PublicIp,
      publicIpv4Pool: found.PublicIpv4Pool,
      tags: tagMap(found.Tags),
    };
  },
  update: updateTags,
  async delete(id, _props, aws, op) {
    const wait = { until: `address ${id} is free`, timeoutSeconds: 180 };
    // A gateway that was just deleted keeps its address for a moment: it is refused as in use, or as another account's.
    const passing = { again: ["AuthFailure", "InvalidIPAddress.InUse"], done: ["InvalidAllocationID.NotFound"] };
    await untilTaken(op, wait, passing, () =>
      aws.client(EC2Client).send(new ReleaseAddressCommand({ AllocationId: id })),
    );
  },
};

const natGateway: AwsResource = {
  inputs: {
    subnetId: { required: true, forcesNew: true },
    allocationId: { forcesNew: true },
    connectivityType: { default: "public", forcesNew: true },
    privateIp: { computed: true, forcesNew: true },
  },
  tagged: true,
  validate: ({ allocationId, connectivityType }) => {
    if (connectivityType === "private" && allocationId !== undefined) {
      return [{ property: "allocationId", reason: 'a NAT gateway of connectivityType "private" takes no address' }];
    }
    return [];
  },
  async create(props, aws, op) {
    const made = await aws.client(EC2Client).send(
      new CreateNatGatewayCommand({
        SubnetId: requiredText(props, "subnetId"),
        AllocationId: text(props, "allocationId"),
        ConnectivityType: text(props, "connectivityType") as ConnectivityType | undefined,
        PrivateIpAddress: text(props, "privateIp"),
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
    const addresses = found.NatGatewayAddresses ?? [];
    const address = addresses.length === 1 ? addresses[0] : addresses.find(({ IsPrimary }) => IsPrimary);
    return {
      allocationId: address?.AllocationId,
      associationId: address?.AssociationId,
      connectivityType: found.ConnectivityType,
      networkInterfaceId: address?.NetworkInterfaceId,
      privateIp: address?.PrivateIp,
      publicIp: address?.PublicIp,
      subnetId: found.SubnetId,
      tags: tagMap(found.Tags),
      vpcId: found.VpcId,
    };
  },
  update: updateTags,
  async delete(id, _props, aws, op) {
    const call = aws.client(EC2Client).send(new DeleteNatGatewayCommand({ NatGatewayId: id }));
    if (!(await unlessGone(call, "NatGatewayNotFound"))) return;
    await waitFor(op, { until: `NAT gateway ${id} is gone`, timeoutSeconds: 1800 }, async () =>
      (await findNatGateway(id, aws)) ? undefined : true,
    );
  },
};

export const gatewayResources: Record<string, AwsResource> = {
  "aws:ec2/internetGateway:InternetGateway": internetGateway,
  "aws:ec2/eip:Eip": eip,
  "aws:ec2/natGateway:NatGateway": natGateway,
};

async function findInternetGateway(id: string, aws: AwsContext): Promise<InternetGateway | undefined> {
  const call = aws.client(EC2Client).send(new DescribeInternetGatewaysCommand({ InternetGatewayIds: [id] }));
  return (await unlessGone(call, "InvalidInternetGatewayID.NotFound"))?.InternetGateways?.[0];
}

async function findAddress(id: string, aws: AwsContext): Promise<Address | undefined> {
  const call = aws.client(EC2Client).send(new DescribeAddressesCommand({ AllocationIds: [id] }));
  return (await unlessGone(call, "InvalidAllocationID.NotFound"))?.Addresses?.[0];
}

/** AWS tells of a deleted gateway for an hour more. */
async function findNatGateway(id: string, aws: AwsContext): Promise<NatGateway | undefined> {
  const call = aws.client(EC2Client).send(new DescribeNatGatewaysCommand({ NatGatewayIds: [id] }));
  const found = (await unlessGone(call, "NatGatewayNotFound"))?.NatGateways?.[0];
  return found?.State === "deleted" ? undefined : found;
}

async function attach(id: string, vpcId: string | undefined, aws: AwsContext): Promise<void> {
  if (vpcId === undefined) return;
  const request = { InternetGatewayId: id, VpcId: vpcId };
  await aws.client(EC2Client).send(new AttachInternetGatewayCommand(request));
}

async function detach(id: string, aws: AwsContext, op: Operation): Promise<void> {
  const vpcId = (await findInternetGateway(id, aws))?.Attachments?.[0]?.VpcId;
  if (vpcId === undefined) return;
  const wait = { until: `internet gateway ${id} is detached from ${vpcId}`, timeoutSeconds: 1200 };
  const done = ["Gateway.NotAttached", "InvalidInternetGatewayID.NotFound"];
  await untilTaken(op, wait, { again: ["DependencyViolation"], done }, () =>
    aws.client(EC2Client).send(new DetachInternetGatewayCommand({ InternetGatewayId: id, VpcId: vpcId })),
  );
}
