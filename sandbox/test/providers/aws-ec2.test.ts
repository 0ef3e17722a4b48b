import {
  CreateTagsCommand,
  DeleteNatGatewayCommand,
  DeleteRouteCommand,
  DescribeAddressesCommand,
  DetachInternetGatewayCommand,
  DisassociateRouteTableCommand,
  EC2Client,
  ModifySubnetAttributeCommand,
  ModifyVpcAttributeCommand,
  ModifyVpcEndpointCommand,
  ReplaceRouteCommand,
} from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { routeId } from "../../providers/aws/resources/routes.ts";
import type { PropertyMap } from "../../providers/protocol/value.ts";
import { DEFAULT_TAGS, deleteAll, EmulatedResource, emulated, faults } from "./emulated-resource.ts";

const ec2 = emulated.client(EC2Client);

const VPC = "aws:ec2/vpc:Vpc";
const SUBNET = "aws:ec2/subnet:Subnet";
const GATEWAY = "aws:ec2/internetGateway:InternetGateway";
const NAT = "aws:ec2/natGateway:NatGateway";
const TABLE = "aws:ec2/routeTable:RouteTable";
const ROUTE = "aws:ec2/route:Route";
const ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation";

let vpc: EmulatedResource;
beforeAll(async () => {
  vpc = await EmulatedResource.create(VPC, { cidrBlock: "10.20.0.0/16" });
});
afterAll(deleteAll);

const placeAt = (cidrBlock: string): PropertyMap => ({
  availabilityZone: `${emulated.region}c`,
  cidrBlock,
  vpcId: vpc.id,
});
const subnet = (cidrBlock: string): Promise<EmulatedResource> => EmulatedResource.create(SUBNET, placeAt(cidrBlock));
const address = (): Promise<EmulatedResource> => EmulatedResource.create("aws:ec2/eip:Eip", { domain: "vpc" });

describe("VPC", () => {
  const given = { cidrBlock: "10.21.0.0/16", enableDnsHostnames: true, tags: { Name: "one" } };

  test("it takes its attributes and tags in place and shows who changed them", async () => {
    const one = await EmulatedResource.create(VPC, given);
    expect(one.id).toMatch(/^vpc-/);
    expect(one.state).toMatchObject({
      enableDnsHostnames: true,
      enableDnsSupport: true,
      ownerId: emulated.accountId,
      tagsAll: { ...DEFAULT_TAGS, Name: "one" },
    });
    await one.update({ ...given, enableDnsHostnames: false, tags: { team: "two" } });
    expect(one.state.tagsAll).toEqual({ ...DEFAULT_TAGS, team: "two" });
    await one.update({ ...given, enableDnsSupport: false });
    await one.update(given);

    await ec2.send(new ModifyVpcAttributeCommand({ VpcId: one.id, EnableDnsHostnames: { Value: false } }));
    await ec2.send(new CreateTagsCommand({ Resources: [one.id], Tags: [{ Key: "by", Value: "hand" }] }));
    await one.refresh();
    expect(await one.diff(given)).toEqual(["delete tags.by", "delete tagsAll.by", "update enableDnsHostnames"]);
    expect(await one.diff({ ...given, cidrBlock: "10.22.0.0/16" })).toContain("update cidrBlock!");
    await one.delete();
  });

  test("a property that the stand-in does not serve is refused, not dropped", async () => {
    expect(await faults(VPC, { cidrBlock: "10.0.0.0/16", instanceTenancy: "dedicated" })).toEqual([
      expect.stringMatching(/^instanceTenancy: the stand-in for the aws plugin does not take "instanceTenancy"/),
    ]);
  });
});

test("a subnet: public addresses change in place, place and range force a new one", async () => {
  const given = placeAt("10.20.0.0/24");
  const one = await EmulatedResource.create(SUBNET, given);
  expect(one.state).toMatchObject({ availabilityZone: `${emulated.region}c`, mapPublicIpOnLaunch: false });
  await one.update({ ...given, mapPublicIpOnLaunch: true });
  await one.update(given);
  await ec2.send(new ModifySubnetAttributeCommand({ SubnetId: one.id, MapPublicIpOnLaunch: { Value: true } }));
  await one.refresh();
  expect(await one.diff(given)).toEqual(["update mapPublicIpOnLaunch"]);
  expect(await one.diff({ ...given, availabilityZone: `${emulated.region}a` })).toContain("update availabilityZone!");
  await one.delete();
});

describe("ways out", () => {
  test("an internet gateway is attached, found detached and attached again, moved and ended", async () => {
    const other = await EmulatedResource.create(VPC, { cidrBlock: "10.23.0.0/16" });
    const gateway = await EmulatedResource.create(GATEWAY, { vpcId: vpc.id });
    expect(gateway.state.vpcId).toBe(vpc.id);
    await ec2.send(new DetachInternetGatewayCommand({ InternetGatewayId: gateway.id, VpcId: vpc.id }));
    await gateway.refresh();
    expect(await gateway.diff({ vpcId: vpc.id })).toEqual(["add vpcId"]);
    await gateway.update({ vpcId: vpc.id });
    await gateway.update({ vpcId: other.id });
    await gateway.delete();
    await other.delete();
  });

  test("a NAT gateway holds its address and frees it", async () => {
    const [place, own] = [await subnet("10.20.1.0/24"), await address()];
    const given = { allocationId: own.id, subnetId: place.id };
    const nat = await EmulatedResource.create(NAT, given);
    expect(nat.state).toMatchObject(given);
    await nat.update({ ...given, tags: { Name: "nat" } });
    expect(await nat.diff({ ...given, subnetId: "subnet-2", tags: { Name: "nat" } })).toEqual(["update subnetId!"]);
    await nat.delete();
    const [released] = (await ec2.send(new DescribeAddressesCommand({ AllocationIds: [own.id] }))).Addresses ?? [];
    expect(released?.AssociationId).toBeUndefined();
    await own.update({ domain: "vpc", tags: { Name: "nat" } });
    await own.delete();
    await place.delete();
  });

  test("a NAT gateway that was deleted by hand is gone, though AWS still tells of it", async () => {
    const [place, own] = [await subnet("10.20.2.0/24"), await address()];
    const nat = await EmulatedResource.create(NAT, { allocationId: own.id, subnetId: place.id });
    await ec2.send(new DeleteNatGatewayCommand({ NatGatewayId: nat.id }));
    expect(await nat.refresh()).toBe(false);
    await own.delete();
    await place.delete();
  });
});

describe("routes", () => {
  let table: EmulatedResource;
  let gateway: EmulatedResource;
  beforeAll(async () => {
    table = await EmulatedResource.create(TABLE, { vpcId: vpc.id });
    gateway = await EmulatedResource.create(GATEWAY, { vpcId: vpc.id });
  });

  test("the id of a route is that of the official plugin", () => {
    expect(routeId("rtb-4fbb3ac4", "0.0.0.0/0")).toBe("r-rtb-4fbb3ac41080289494");
    expect(routeId("rtb-4fbb3ac4", "::/0")).toBe("r-rtb-4fbb3ac42750132062");
  });

  test("a route leads elsewhere in place, and back when somebody has changed or deleted it", async () => {
    const [place, own] = [await subnet("10.20.3.0/24"), await address()];
    const nat = await EmulatedResource.create(NAT, { allocationId: own.id, subnetId: place.id });
    const given = { routeTableId: table.id, destinationCidrBlock: "0.0.0.0/0" };
    const route = await EmulatedResource.create(ROUTE, { ...given, gatewayId: gateway.id });
    expect(route.id).toBe(routeId(table.id, "0.0.0.0/0"));
    await expect(EmulatedResource.create(ROUTE, { ...given, natGatewayId: nat.id })).rejects.toThrow(
      /has a route to 0\.0\.0\.0\/0 already/,
    );

    await route.update({ ...given, natGatewayId: nat.id });
    const there = { RouteTableId: table.id, DestinationCidrBlock: "0.0.0.0/0" };
    await ec2.send(new ReplaceRouteCommand({ ...there, GatewayId: gateway.id }));
    await route.refresh();
    expect(await route.diff({ ...given, natGatewayId: nat.id })).toEqual(["add natGatewayId", "delete gatewayId"]);
    await route.update({ ...given, natGatewayId: nat.id });
    expect(await route.diff({ ...given, destinationCidrBlock: "10.0.0.0/8", natGatewayId: nat.id })).toEqual([
      "update destinationCidrBlock!",
    ]);
    await ec2.send(new DeleteRouteCommand(there));
    expect(await route.refresh()).toBe(false);
    await nat.delete();
    await own.delete();
    await place.delete();
  });

  test("one target", async () => {
    const given = { routeTableId: "rtb-1", destinationCidrBlock: "0.0.0.0/0" };
    expect(await faults(ROUTE, { ...given, gatewayId: "igw-1", natGatewayId: "nat-1" })).toEqual([
      "gatewayId: give exactly one of gatewayId, natGatewayId (given: gatewayId, natGatewayId)",
    ]);
  });

  test("an association is not moved, as the official plugin would lose it", async () => {
    const place = await subnet("10.20.4.0/24");
    const other = await EmulatedResource.create(TABLE, { vpcId: vpc.id, tags: { Name: "other" } });
    const given = { routeTableId: table.id, subnetId: place.id };
    const association = await EmulatedResource.create(ASSOCIATION, given);
    expect(association.id).toMatch(/^rtbassoc-/);
    await expect(association.update({ ...given, routeTableId: other.id })).rejects.toThrow(
      /the official plugin would lose it.*replaceOnChanges: \["routeTableId"\], deleteBeforeReplace: true/,
    );
    await ec2.send(new DisassociateRouteTableCommand({ AssociationId: association.id }));
    expect(await association.refresh()).toBe(false);
    await other.delete();
    await place.delete();
  });

  test("a table is deleted with its associations", async () => {
    const place = await subnet("10.20.5.0/24");
    const own = await EmulatedResource.create(TABLE, { vpcId: vpc.id });
    const association = await EmulatedResource.create(ASSOCIATION, { routeTableId: own.id, subnetId: place.id });
    await own.delete();
    expect(await association.refresh()).toBe(false);
    await place.delete();
  });
});

test("a VPC endpoint: route tables change in place", async () => {
  const [one, two] = [
    await EmulatedResource.create(TABLE, { vpcId: vpc.id }),
    await EmulatedResource.create(TABLE, { vpcId: vpc.id }),
  ];
  const serviceName = `com.amazonaws.${emulated.region}.s3`;
  const given = { vpcId: vpc.id, serviceName, routeTableIds: [one.id], tags: { Name: "s3" } };
  const endpoint = await EmulatedResource.create("aws:ec2/vpcEndpoint:VpcEndpoint", given);
  expect(endpoint.state.vpcEndpointType).toBe("Gateway");
  await endpoint.update({ ...given, routeTableIds: [two.id, one.id] });
  await endpoint.update({ ...given, routeTableIds: [two.id], tags: { Name: "S3" } });
  await ec2.send(new ModifyVpcEndpointCommand({ VpcEndpointId: endpoint.id, AddRouteTableIds: [one.id] }));
  await endpoint.refresh();
  expect(await endpoint.diff({ ...given, routeTableIds: [two.id], tags: { Name: "S3" } })).toEqual([
    "delete routeTableIds[1]",
  ]);
  await endpoint.delete();
  await one.delete();
  await two.delete();
});

test("a flow log: only tags change in place", async () => {
  const given = {
    iamRoleArn: `arn:aws:iam::${emulated.accountId}:role/flow-logs`,
    logDestination: `arn:aws:logs:${emulated.region}:${emulated.accountId}:log-group:flow-logs`,
    trafficType: "REJECT",
    vpcId: vpc.id,
  };
  const log = await EmulatedResource.create("aws:ec2/flowLog:FlowLog", { ...given, tags: { Name: "one" } });
  expect(log.state).toMatchObject({ ...given, tagsAll: { ...DEFAULT_TAGS, Name: "one" } });
  await log.update({ ...given, tags: { Name: "two" } });
  expect(await log.diff({ ...given, tags: { Name: "two" }, trafficType: "ALL" })).toEqual(["update trafficType!"]);
  await log.delete();
});
