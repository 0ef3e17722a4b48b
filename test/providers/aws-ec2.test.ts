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
  ReplaceRouteCommand,
} from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { routeId } from "../../sandbox/providers/aws/route-id.ts";
import { DEFAULT_TAGS, emulated, endAll, faults, Life } from "./aws-life.ts";

const ec2 = emulated.client(EC2Client);
const arn = (rest: string): string => `arn:aws:ec2:${emulated.region}:${emulated.accountId}:${rest}`;

const VPC = "aws:ec2/vpc:Vpc";
const SUBNET = "aws:ec2/subnet:Subnet";
const GATEWAY = "aws:ec2/internetGateway:InternetGateway";
const TABLE = "aws:ec2/routeTable:RouteTable";
const ROUTE = "aws:ec2/route:Route";

let vpc: Life;
beforeAll(async () => {
  vpc = await Life.begin(VPC, { cidrBlock: "10.20.0.0/16" });
});
afterAll(endAll);

const subnet = (cidrBlock: string): Promise<Life> => Life.begin(SUBNET, { vpcId: vpc.id, cidrBlock });

describe("VPC", () => {
  const given = { cidrBlock: "10.21.0.0/16", enableDnsHostnames: true, tags: { Name: "one" } };

  test("it tells what came with it, takes its attributes in place and shows who changed them", async () => {
    const one = await Life.begin(VPC, given);
    expect(one.id).toMatch(/^vpc-/);
    expect(one.state).toMatchObject({
      arn: arn(`vpc/${one.id}`),
      defaultNetworkAclId: expect.stringMatching(/^acl-/),
      defaultRouteTableId: one.state.mainRouteTableId,
      defaultSecurityGroupId: expect.stringMatching(/^sg-/),
      enableDnsHostnames: true,
      enableDnsSupport: true,
      enableNetworkAddressUsageMetrics: false,
      instanceTenancy: "default",
      mainRouteTableId: expect.stringMatching(/^rtb-/),
      ownerId: emulated.accountId,
      tagsAll: { ...DEFAULT_TAGS, Name: "one" },
    });
    await one.change({ ...given, enableDnsHostnames: false, tags: { team: "two" } });
    expect(one.state.tagsAll).toEqual({ ...DEFAULT_TAGS, team: "two" });
    await one.change({ ...given, enableDnsSupport: false, enableNetworkAddressUsageMetrics: true });
    await one.change(given);

    await ec2.send(new ModifyVpcAttributeCommand({ VpcId: one.id, EnableDnsHostnames: { Value: false } }));
    await ec2.send(new CreateTagsCommand({ Resources: [one.id], Tags: [{ Key: "by", Value: "hand" }] }));
    await one.refresh();
    expect(await one.plan(given)).toEqual(["delete tags.by", "delete tagsAll.by", "update enableDnsHostnames"]);
    expect(await one.plan({ ...given, cidrBlock: "10.22.0.0/16" })).toContain("update cidrBlock!");
    await one.end();
  });

  test("a property that the stand-in does not serve is refused, not dropped", async () => {
    expect(await faults(VPC, { cidrBlock: "10.0.0.0/16", instanceTenancy: "dedicated" })).toEqual([
      expect.stringMatching(/^instanceTenancy: the stand-in for the aws plugin does not take "instanceTenancy"/),
    ]);
  });
});

describe("subnet", () => {
  test("attributes change in place, place and range force a new one", async () => {
    const given = { vpcId: vpc.id, cidrBlock: "10.20.0.0/24", availabilityZone: `${emulated.region}c` };
    const one = await Life.begin(SUBNET, given);
    expect(one.state).toMatchObject({
      arn: arn(`subnet/${one.id}`),
      availabilityZone: `${emulated.region}c`,
      availabilityZoneId: expect.stringMatching(/-az\d$/),
      mapPublicIpOnLaunch: false,
      privateDnsHostnameTypeOnLaunch: "ip-name",
    });
    const other = { mapPublicIpOnLaunch: true, privateDnsHostnameTypeOnLaunch: "resource-name" };
    await one.change({ ...given, ...other, enableResourceNameDnsARecordOnLaunch: true });
    await one.change(given);
    await ec2.send(new ModifySubnetAttributeCommand({ SubnetId: one.id, MapPublicIpOnLaunch: { Value: true } }));
    await one.refresh();
    expect(await one.plan(given)).toEqual(["update mapPublicIpOnLaunch"]);
    expect(await one.plan({ ...given, availabilityZone: `${emulated.region}a` })).toContain("update availabilityZone!");
    await one.end();
  });

  test("a VPC, and not two names of a zone", async () => {
    expect(await faults(SUBNET, {})).toEqual([expect.stringContaining('needs "vpcId"')]);
    const zones = { availabilityZone: "a", availabilityZoneId: "apne2-az1" };
    expect(await faults(SUBNET, { vpcId: "vpc-1", ...zones })).toEqual([
      'availabilityZoneId: conflicts with "availabilityZone": give one of them',
    ]);
  });
});

describe("ways out", () => {
  test("an internet gateway is attached, found detached and attached again, moved and ended", async () => {
    const other = await Life.begin(VPC, { cidrBlock: "10.23.0.0/16" });
    const gateway = await Life.begin(GATEWAY, { vpcId: vpc.id });
    expect(gateway.state).toMatchObject({ arn: arn(`internet-gateway/${gateway.id}`), vpcId: vpc.id });
    await ec2.send(new DetachInternetGatewayCommand({ InternetGatewayId: gateway.id, VpcId: vpc.id }));
    await gateway.refresh();
    expect(await gateway.plan({ vpcId: vpc.id })).toEqual(["add vpcId"]);
    await gateway.change({ vpcId: vpc.id });
    await gateway.change({ vpcId: other.id });
    await gateway.end();
    await other.end();
  });

  test("a NAT gateway holds its address and frees it", async () => {
    const place = await subnet("10.20.1.0/24");
    const address = await Life.begin("aws:ec2/eip:Eip", { domain: "vpc", tags: { Name: "nat" } });
    expect(address.state).toMatchObject({
      allocationId: address.id,
      arn: arn(`elastic-ip/${address.id}`),
      domain: "vpc",
      networkBorderGroup: emulated.region,
      publicIp: expect.stringMatching(/^\d+\.\d+\.\d+\.\d+$/),
    });
    const given = { allocationId: address.id, subnetId: place.id };
    const nat = await Life.begin("aws:ec2/natGateway:NatGateway", given);
    expect(nat.state).toMatchObject({
      ...given,
      associationId: expect.stringMatching(/^eipassoc-/),
      connectivityType: "public",
      networkInterfaceId: expect.stringMatching(/^eni-/),
      privateIp: expect.stringMatching(/^10\.20\.1\./),
      publicIp: address.state.publicIp,
    });
    await nat.change({ ...given, tags: { Name: "nat" } });
    expect(await nat.plan({ ...given, subnetId: "subnet-2", tags: { Name: "nat" } })).toEqual(["update subnetId!"]);
    await nat.end();
    const [released] = (await ec2.send(new DescribeAddressesCommand({ AllocationIds: [address.id] }))).Addresses ?? [];
    expect(released?.AssociationId).toBeUndefined();
    await address.change({ domain: "vpc" });
    await address.end();
    await place.end();
  });

  test("a NAT gateway that was deleted by hand is gone, though AWS still tells of it", async () => {
    const place = await subnet("10.20.2.0/24");
    const nat = await Life.begin("aws:ec2/natGateway:NatGateway", { connectivityType: "private", subnetId: place.id });
    await ec2.send(new DeleteNatGatewayCommand({ NatGatewayId: nat.id }));
    expect(await nat.refresh()).toBe(false);
    await place.end();
    const given = { allocationId: "eipalloc-1", connectivityType: "private", subnetId: "subnet-1" };
    expect(await faults("aws:ec2/natGateway:NatGateway", given)).toEqual([expect.stringMatching(/^allocationId: /)]);
  });
});

describe("routes", () => {
  let table: Life;
  let gateway: Life;
  beforeAll(async () => {
    table = await Life.begin(TABLE, { vpcId: vpc.id });
    gateway = await Life.begin(GATEWAY, { vpcId: vpc.id });
  });

  test("the id of a route is that of the official plugin", () => {
    expect(routeId("rtb-4fbb3ac4", "0.0.0.0/0")).toBe("r-rtb-4fbb3ac41080289494");
    expect(routeId("rtb-4fbb3ac4", "::/0")).toBe("r-rtb-4fbb3ac42750132062");
  });

  test("a route leads elsewhere in place, and back when somebody has changed or deleted it", async () => {
    const place = await subnet("10.20.3.0/24");
    const nat = await Life.begin("aws:ec2/natGateway:NatGateway", { connectivityType: "private", subnetId: place.id });
    const given = { routeTableId: table.id, destinationCidrBlock: "0.0.0.0/0" };
    const route = await Life.begin(ROUTE, { ...given, gatewayId: gateway.id });
    expect(route.id).toBe(routeId(table.id, "0.0.0.0/0"));
    expect(route.state).toMatchObject({ origin: "CreateRoute", state: "active" });
    await table.refresh();
    expect(table.state.routes).toEqual([{ cidrBlock: "0.0.0.0/0", gatewayId: gateway.id }]);
    await expect(Life.begin(ROUTE, { ...given, natGatewayId: nat.id })).rejects.toThrow(
      /has a route to 0\.0\.0\.0\/0 already/,
    );

    await route.change({ ...given, natGatewayId: nat.id });
    const there = { RouteTableId: table.id, DestinationCidrBlock: "0.0.0.0/0" };
    await ec2.send(new ReplaceRouteCommand({ ...there, GatewayId: gateway.id }));
    await route.refresh();
    expect(await route.plan({ ...given, natGatewayId: nat.id })).toEqual(["add natGatewayId", "delete gatewayId"]);
    await route.change({ ...given, natGatewayId: nat.id });
    expect(await route.plan({ ...given, destinationCidrBlock: "10.0.0.0/8", natGatewayId: nat.id })).toEqual([
      "update destinationCidrBlock!",
    ]);
    await ec2.send(new DeleteRouteCommand(there));
    expect(await route.refresh()).toBe(false);
    await nat.end();
    await place.end();
  });

  test("a route to everything in IPv6", async () => {
    const given = { routeTableId: table.id, destinationIpv6CidrBlock: "::/0", gatewayId: gateway.id };
    const route = await Life.begin(ROUTE, given);
    expect(route.state).toMatchObject(given);
    await route.end();
  });

  test("one destination and one target", async () => {
    expect(await faults(ROUTE, { routeTableId: "rtb-1", gatewayId: "igw-1", natGatewayId: "nat-1" })).toEqual([
      expect.stringMatching(/^destinationCidrBlock: give exactly one of .* \(given: none\)$/),
      expect.stringMatching(/^gatewayId: give exactly one of .* \(given: gatewayId, natGatewayId\)$/),
    ]);
  });

  test("an association is not moved, as the official plugin would lose it", async () => {
    const place = await subnet("10.20.4.0/24");
    const other = await Life.begin(TABLE, { vpcId: vpc.id, tags: { Name: "other" } });
    const given = { routeTableId: table.id, subnetId: place.id };
    const association = await Life.begin("aws:ec2/routeTableAssociation:RouteTableAssociation", given);
    expect(association.id).toMatch(/^rtbassoc-/);
    await expect(association.change({ ...given, routeTableId: other.id })).rejects.toThrow(
      /the official plugin would lose it.*replaceOnChanges: \["routeTableId"\], deleteBeforeReplace: true/,
    );
    await ec2.send(new DisassociateRouteTableCommand({ AssociationId: association.id }));
    expect(await association.refresh()).toBe(false);
    await other.end();
    await place.end();
  });

  test("a table is deleted with its associations", async () => {
    const place = await subnet("10.20.5.0/24");
    const own = await Life.begin(TABLE, { vpcId: vpc.id });
    const given = { routeTableId: own.id, subnetId: place.id };
    const association = await Life.begin("aws:ec2/routeTableAssociation:RouteTableAssociation", given);
    await own.end();
    expect(await association.refresh()).toBe(false);
    await place.end();
  });
});
