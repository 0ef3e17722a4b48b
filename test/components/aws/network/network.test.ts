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
const zones = ["eu-west-1a", "eu-west-1b", "eu-west-1c"];
const [a, b, c] = zones as [string, string, string];
const args = {
  clusterName: "shop-prod",
  availabilityZones: zones,
  kmsKeyArn: "arn:aws:kms:eu-west-1:111122223333:key/1",
};

const answers = {
  "aws:ec2/vpc:Vpc": () => ({ region: "eu-west-1", ownerId: "111122223333" }),
  "aws:cloudwatch/logGroup:LogGroup": () => ({ arn: "arn:aws:logs:eu-west-1:111122223333:log-group:shop" }),
  "aws:iam/role:Role": () => ({ arn: "arn:aws:iam::111122223333:role/flow", name: "flow" }),
};

async function declare(config: Parameters<typeof networkOf>[0] = {}, availabilityZones = zones) {
  const declarations = await Declarations.begin({ answers });
  const network = new Network("shop", { ...args, availabilityZones, config: networkOf(config) }, declarations.opts);
  await declarations.settle();
  return { declarations, network };
}

describe("Network", () => {
  it("creates a public subnet and one for nodes in each zone", async () => {
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
    // The subnets of a cluster cannot be extended to another zone.
    expect(await resolved(network.controlPlaneSubnetIds)).toEqual([a, b].map((zone) => `shop-nodes-${zone}-id`));
    expect((await declare({ zones: 2 }, [a, b])).declarations.named(SUBNET)).toHaveLength(4);
  });

  it("enables DNS in the VPC for the cluster's private endpoint", async () => {
    const { declarations, network } = await declare({ cidr: "10.9.0.0/16" });
    expect(declarations.one("aws:ec2/vpc:Vpc", "shop").inputs).toMatchObject({
      cidrBlock: "10.9.0.0/16",
      enableDnsSupport: true,
      enableDnsHostnames: true,
    });
    expect(await resolved(network.cidr)).toBe("10.9.0.0/16");
    expect(await resolved(network.vpcId)).toBe("shop-id");
  });

  it("resolves a subnet's id after its route, so the route is deleted last", async () => {
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

  it("associates every subnet with its route table", async () => {
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

  /** The default route of each zone's nodes, and whether they have public addresses. */
  async function nodeRoutes(nat: "none" | "single" | "per-zone") {
    const { declarations } = await declare({ nat });
    const routes = [a, b, c].map((zone) => {
      const { natGatewayId, gatewayId } = declarations.one(ROUTE, `shop-nodes-${zone}`).inputs;
      return { natGatewayId, gatewayId };
    });
    const publicIps = [a, b, c].map(
      (zone) => declarations.one(SUBNET, `shop-nodes-${zone}`).inputs.mapPublicIpOnLaunch,
    );
    return { declarations, routes, publicIps };
  }

  it("routes all nodes through one NAT gateway with nat: single", async () => {
    const { declarations, routes, publicIps } = await nodeRoutes("single");
    expect(declarations.named(NAT)).toEqual([`shop-${a}`]);
    expect(declarations.one(NAT, `shop-${a}`).inputs).toMatchObject({
      allocationId: `shop-${a}-id`,
      subnetId: `shop-public-${a}-id`,
    });
    expect(declarations.one(EIP, `shop-${a}`).inputs).toMatchObject({ domain: "vpc" });
    expect(routes).toEqual(Array(3).fill({ natGatewayId: `shop-${a}-id` }));
    expect(publicIps).toEqual([false, false, false]);
  });

  it("routes nodes through a NAT gateway in their zone with nat: per-zone", async () => {
    const { declarations, routes, publicIps } = await nodeRoutes("per-zone");
    expect(declarations.named(EIP)).toEqual([a, b, c].map((zone) => `shop-${zone}`));
    expect(routes).toEqual([a, b, c].map((zone) => ({ natGatewayId: `shop-${zone}-id` })));
    expect(publicIps).toEqual([false, false, false]);
  });

  it("gives nodes public addresses with nat: none", async () => {
    const { declarations, routes, publicIps } = await nodeRoutes("none");
    expect(declarations.named(NAT)).toEqual([]);
    expect(declarations.named(EIP)).toEqual([]);
    expect(routes).toEqual(Array(3).fill({ gatewayId: "shop-id" }));
    expect(publicIps).toEqual([true, true, true]);
    expect(declarations.one(SUBNET, `shop-public-${a}`).inputs.mapPublicIpOnLaunch).toBe(false);
  });

  it("has the same subnets and route tables for every nat, so that it can change with running nodes", async () => {
    const none = await nodeRoutes("none");
    const single = await nodeRoutes("single");
    const perZone = await nodeRoutes("per-zone");
    const resources = ({ declarations }: typeof none) =>
      [SUBNET, TABLE, ROUTE, ASSOCIATION].map((type) =>
        declarations.named(type).map((name) => `${name} ${declarations.one(type, name).inputs.cidrBlock}`),
      );
    expect(resources(single)).toEqual(resources(none));
    expect(resources(perZone)).toEqual(resources(none));
  });

  it("has an S3 gateway endpoint in every route table", async () => {
    const { declarations } = await declare();
    expect(declarations.one("aws:ec2/vpcEndpoint:VpcEndpoint", "shop-s3").inputs).toMatchObject({
      vpcEndpointType: "Gateway",
      serviceName: "com.amazonaws.eu-west-1.s3",
      routeTableIds: ["shop-public-id", ...[a, b, c].map((zone) => `shop-nodes-${zone}-id`)],
    });
  });

  it("removes all rules of the default security group", async () => {
    const { declarations } = await declare();
    expect(declarations.one("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", "shop").inputs).toMatchObject({
      vpcId: "shop-id",
      ingress: [],
      egress: [],
    });
  });

  it("keeps encrypted logs of refused connections for 30 days", async () => {
    const { declarations } = await declare();
    expect(declarations.one("aws:cloudwatch/logGroup:LogGroup", "shop-flow-logs").inputs).toEqual({
      kmsKeyId: args.kmsKeyArn,
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

  it("creates nothing in an existing VPC", async () => {
    const created: string[] = [];
    await pulumi.runtime.setMocks({
      newResource: ({ type, name, inputs }) => {
        created.push(type);
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
    expect(created.filter((type) => type !== "pulumi:pulumi:Stack")).toEqual(["slipway:aws:Network"]);
  });
});
