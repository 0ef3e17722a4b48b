import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { Network } from "../../../../components/aws/network/network.ts";
import { networkOf } from "../../../config/settings.ts";
import { Declarations, dependenciesOf, resolved, resourcesBehind } from "../declared.ts";

const SUBNET = "aws:ec2/subnet:Subnet";
const ROUTE = "aws:ec2/route:Route";
const TABLE = "aws:ec2/routeTable:RouteTable";
const ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation";
const NAT = "aws:ec2/natGateway:NatGateway";
const EIP = "aws:ec2/eip:Eip";
const zones = ["eu-west-1a", "eu-west-1b", "eu-west-1c", "eu-west-1d"];
const [a, b, c] = zones as [string, string, string];
const args = { clusterName: "shop-prod", zones, logGroupKeyArn: "arn:aws:kms:eu-west-1:111122223333:key/1" };

const answers = {
  "aws:ec2/vpc:Vpc": () => ({ region: "eu-west-1", ownerId: "111122223333" }),
  "aws:cloudwatch/logGroup:LogGroup": () => ({ arn: "arn:aws:logs:eu-west-1:111122223333:log-group:shop" }),
  "aws:iam/role:Role": () => ({ arn: "arn:aws:iam::111122223333:role/flow", name: "flow" }),
};

async function declare(config: Parameters<typeof networkOf>[0] = {}) {
  const declarations = await Declarations.begin({ answers });
  const network = new Network("shop", { ...args, config: networkOf(config) }, declarations.opts);
  await declarations.settle();
  return { declarations, network };
}

describe("Network", () => {
  it("makes a public subnet and one for nodes in each of as many zones as wanted", async () => {
    const { declarations, network } = await declare();
    expect(declarations.named(SUBNET)).toEqual(
      ["shop-nodes-", "shop-public-"].flatMap((kind) => [a, b, c].map((zone) => kind + zone)),
    );
    expect(declarations.one(SUBNET, `shop-nodes-${b}`).inputs).toEqual({
      vpcId: "shop-id",
      availabilityZone: b,
      cidrBlock: "10.0.64.0/18",
      mapPublicIpOnLaunch: false,
      tags: {
        Name: `shop-nodes-${b}`,
        "kubernetes.io/cluster/shop-prod": "shared",
        "kubernetes.io/role/internal-elb": "1",
      },
    });
    expect(declarations.one(SUBNET, `shop-public-${b}`).inputs).toEqual({
      vpcId: "shop-id",
      availabilityZone: b,
      cidrBlock: "10.0.208.0/20",
      mapPublicIpOnLaunch: false,
      tags: { Name: `shop-public-${b}`, "kubernetes.io/cluster/shop-prod": "shared", "kubernetes.io/role/elb": "1" },
    });
    expect(await resolved(network.nodeSubnetIds)).toEqual([a, b, c].map((zone) => `shop-nodes-${zone}-id`));
    expect(await resolved(network.publicSubnetIds)).toEqual([a, b, c].map((zone) => `shop-public-${zone}-id`));
    // A cluster cannot follow into a zone that is added.
    expect(await resolved(network.controlPlaneSubnetIds)).toEqual([a, b].map((zone) => `shop-nodes-${zone}-id`));
    expect((await declare({ zones: 2 })).declarations.named(SUBNET)).toHaveLength(4);
  });

  it("has names in its own DNS, for the cluster's private endpoint", async () => {
    const { declarations, network } = await declare({ cidr: "10.9.0.0/16" });
    expect(declarations.one("aws:ec2/vpc:Vpc", "shop").inputs).toMatchObject({
      cidrBlock: "10.9.0.0/16",
      enableDnsSupport: true,
      enableDnsHostnames: true,
    });
    expect(await resolved(network.cidr)).toBe("10.9.0.0/16");
    expect(await resolved(network.vpcId)).toBe("shop-id");
  });

  it("lets nobody have a subnet before it has its way out, nor the way out be taken from under it", async () => {
    const { network } = await declare();
    expect(await resourcesBehind(network.nodeSubnetIds)).toEqual(
      expect.arrayContaining(
        [a, b, c].flatMap((zone) => [SUBNET, ROUTE, ASSOCIATION].map((type) => `${type} shop-nodes-${zone}`)),
      ),
    );
    expect(await resourcesBehind(network.publicSubnetIds)).toEqual(
      expect.arrayContaining([`${ROUTE} shop-public`, `${ASSOCIATION} shop-public-${a}`]),
    );
  });

  it("gives every subnet its table", async () => {
    const { declarations } = await declare();
    for (const zone of [a, b, c]) {
      expect(declarations.one(ASSOCIATION, `shop-nodes-${zone}`).inputs).toEqual({
        subnetId: `shop-nodes-${zone}-id`,
        routeTableId: `shop-nodes-${zone}-id`,
      });
      expect(declarations.one(ASSOCIATION, `shop-public-${zone}`).inputs).toEqual({
        subnetId: `shop-public-${zone}-id`,
        routeTableId: "shop-public-id",
      });
    }
    expect(declarations.one(ROUTE, "shop-public").inputs).toEqual({
      routeTableId: "shop-public-id",
      destinationCidrBlock: "0.0.0.0/0",
      gatewayId: "shop-id",
    });
  });

  /** Where each zone's nodes go out, and whether they have public addresses. */
  async function waysOut(nat: "none" | "single" | "per-zone") {
    const { declarations } = await declare({ nat });
    const ways = [a, b, c].map((zone) => {
      const { natGatewayId, gatewayId } = declarations.one(ROUTE, `shop-nodes-${zone}`).inputs;
      return { natGatewayId, gatewayId };
    });
    const open = [a, b, c].map((zone) => declarations.one(SUBNET, `shop-nodes-${zone}`).inputs.mapPublicIpOnLaunch);
    return { declarations, ways, open };
  }

  it("lets nodes out by one gateway", async () => {
    const { declarations, ways, open } = await waysOut("single");
    expect(declarations.named(NAT)).toEqual([`shop-${a}`]);
    expect(declarations.one(NAT, `shop-${a}`).inputs).toMatchObject({
      allocationId: `shop-${a}-id`,
      subnetId: `shop-public-${a}-id`,
    });
    expect(declarations.one(EIP, `shop-${a}`).inputs).toMatchObject({ domain: "vpc" });
    expect(ways).toEqual(Array(3).fill({ natGatewayId: `shop-${a}-id` }));
    expect(open).toEqual([false, false, false]);
  });

  it("lets nodes out by a gateway of their zone", async () => {
    const { declarations, ways, open } = await waysOut("per-zone");
    expect(declarations.named(EIP)).toEqual([a, b, c].map((zone) => `shop-${zone}`));
    expect(ways).toEqual([a, b, c].map((zone) => ({ natGatewayId: `shop-${zone}-id` })));
    expect(open).toEqual([false, false, false]);
  });

  it("lets nodes out by themselves, each with an address of its own", async () => {
    const { declarations, ways, open } = await waysOut("none");
    expect(declarations.named(NAT)).toEqual([]);
    expect(declarations.named(EIP)).toEqual([]);
    expect(ways).toEqual(Array(3).fill({ gatewayId: "shop-id" }));
    expect(open).toEqual([true, true, true]);
    expect(declarations.one(SUBNET, `shop-public-${a}`).inputs.mapPublicIpOnLaunch).toBe(false);
  });

  it("has the same subnets and tables whatever the way out, so that it can change under running nodes", async () => {
    const none = await waysOut("none");
    const single = await waysOut("single");
    const perZone = await waysOut("per-zone");
    const made = ({ declarations }: typeof none) =>
      [SUBNET, TABLE, ROUTE, ASSOCIATION].map((type) =>
        declarations.named(type).map((name) => `${name} ${declarations.one(type, name).inputs.cidrBlock}`),
      );
    expect(made(single)).toEqual(made(none));
    expect(made(perZone)).toEqual(made(none));
  });

  it("reaches S3 without a gateway's bill, from every subnet", async () => {
    const { declarations } = await declare();
    expect(declarations.one("aws:ec2/vpcEndpoint:VpcEndpoint", "shop-s3").inputs).toMatchObject({
      vpcEndpointType: "Gateway",
      serviceName: "com.amazonaws.eu-west-1.s3",
      routeTableIds: ["shop-public-id", ...[a, b, c].map((zone) => `shop-nodes-${zone}-id`)],
    });
  });

  it("empties the default security group", async () => {
    const { declarations } = await declare();
    expect(declarations.one("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", "shop").inputs).toMatchObject({
      vpcId: "shop-id",
      ingress: [],
      egress: [],
    });
  });

  it("logs what it refuses, encrypted, for 30 days", async () => {
    const { declarations } = await declare();
    expect(declarations.one("aws:cloudwatch/logGroup:LogGroup", "shop-flow-logs").inputs).toEqual({
      kmsKeyId: args.logGroupKeyArn,
      retentionInDays: 30,
    });
    const log = declarations.one("aws:ec2/flowLog:FlowLog", "shop");
    expect(log.inputs).toMatchObject({
      vpcId: "shop-id",
      trafficType: "REJECT",
      logDestination: "arn:aws:logs:eu-west-1:111122223333:log-group:shop",
      iamRoleArn: "arn:aws:iam::111122223333:role/flow",
    });
    expect(await dependenciesOf(log)).toEqual(["aws:iam/rolePolicy:RolePolicy shop-flow-logs"]);
    const { assumeRolePolicy } = declarations.one("aws:iam/role:Role", "shop-flow-logs").inputs;
    expect(JSON.parse(assumeRolePolicy as string).Statement[0].Condition).toEqual({
      StringEquals: { "aws:SourceAccount": "111122223333" },
      ArnLike: { "aws:SourceArn": "arn:aws:ec2:eu-west-1:111122223333:vpc-flow-log/*" },
    });
    const { policy } = declarations.one("aws:iam/rolePolicy:RolePolicy", "shop-flow-logs").inputs;
    const group = "arn:aws:logs:eu-west-1:111122223333:log-group:shop";
    expect(JSON.parse(policy as string).Statement[0].Resource).toEqual([group, `${group}:*`]);
  });

  it("refuses fewer zones than wanted, before anything is declared", async () => {
    const declarations = await Declarations.begin({ answers });
    const make = () => new Network("shop", { ...args, zones: [a, b], config: networkOf() }, declarations.opts);
    expect(make).toThrow(pulumi.RunError);
    expect(make).toThrow(/cluster\.network\.zones: 3 wanted; the region has eu-west-1a, eu-west-1b\. Use 2/);
    await declarations.settle();
    expect(declarations.all).toEqual([]);
  });

  it("makes nothing where the config names what is there", async () => {
    const made: string[] = [];
    await pulumi.runtime.setMocks({
      newResource: ({ type, name, inputs }) => {
        made.push(type);
        return { id: `${name}-id`, state: inputs };
      },
      call: ({ token, inputs }) =>
        token === "aws:ec2/getVpc:getVpc" && inputs.id === "vpc-0a" ? { cidrBlock: "10.7.0.0/16" } : {},
    });
    const network = new Network("shop", {
      ...args,
      config: {
        vpcId: "vpc-0a",
        privateSubnetIds: ["subnet-1", "subnet-2"],
        publicSubnetIds: ["subnet-3", "subnet-4"],
      },
    });
    expect(await resolved(network.vpcId)).toBe("vpc-0a");
    expect(await resolved(network.cidr)).toBe("10.7.0.0/16");
    expect(await resolved(network.nodeSubnetIds)).toEqual(["subnet-1", "subnet-2"]);
    expect(await resolved(network.controlPlaneSubnetIds)).toEqual(["subnet-1", "subnet-2"]);
    expect(await resolved(network.publicSubnetIds)).toEqual(["subnet-3", "subnet-4"]);
    expect(made.filter((type) => type !== "pulumi:pulumi:Stack")).toEqual(["slipway:aws:Network"]);
  });
});
