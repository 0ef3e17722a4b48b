import { EC2Client, ModifyVpcEndpointCommand } from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PropertyMap } from "../../sandbox/providers/protocol/value.ts";
import { DEFAULT_TAGS, emulated, endAll, faults, Life } from "./aws-life.ts";

const ec2 = emulated.client(EC2Client);
const arn = (rest: string): string => `arn:aws:ec2:${emulated.region}:${emulated.accountId}:${rest}`;
const TABLE = "aws:ec2/routeTable:RouteTable";

let vpc: Life;
beforeAll(async () => {
  vpc = await Life.begin("aws:ec2/vpc:Vpc", { cidrBlock: "10.31.0.0/16" });
});
afterAll(endAll);

describe("VPC endpoint", () => {
  const policy = (action: string): string =>
    JSON.stringify({ Statement: [{ Effect: "Allow", Principal: "*", Action: action, Resource: "*" }] });

  test("route tables and policy change in place", async () => {
    const [one, two] = [await Life.begin(TABLE, { vpcId: vpc.id }), await Life.begin(TABLE, { vpcId: vpc.id })];
    const serviceName = `com.amazonaws.${emulated.region}.s3`;
    const given = { vpcId: vpc.id, serviceName, routeTableIds: [one.id], tags: { Name: "s3" } };
    const endpoint = await Life.begin("aws:ec2/vpcEndpoint:VpcEndpoint", given);
    expect(endpoint.state).toMatchObject({
      arn: arn(`vpc-endpoint/${endpoint.id}`),
      prefixListId: expect.stringMatching(/^pl-/),
      privateDnsEnabled: false,
      requesterManaged: false,
      state: "available",
      vpcEndpointType: "Gateway",
    });
    expect(JSON.parse(String(endpoint.state.policy)).Statement).toHaveLength(1);
    await endpoint.change({ ...given, routeTableIds: [two.id, one.id], policy: policy("s3:GetObject") });
    await endpoint.change({ ...given, routeTableIds: [two.id], policy: policy("s3:*"), tags: { Name: "S3" } });
    const request = { VpcEndpointId: endpoint.id, AddRouteTableIds: [one.id], PolicyDocument: policy("s3:PutObject") };
    await ec2.send(new ModifyVpcEndpointCommand(request));
    await endpoint.refresh();
    const plan = await endpoint.plan({ ...given, routeTableIds: [two.id], policy: policy("s3:*") });
    expect(plan).toEqual(expect.arrayContaining(["delete routeTableIds[1]", "update policy"]));
    await endpoint.end();
    await one.end();
    await two.end();
  });
});

describe("flow log", () => {
  const given = (): PropertyMap => ({
    iamRoleArn: `arn:aws:iam::${emulated.accountId}:role/flow-logs`,
    logDestination: `arn:aws:logs:${emulated.region}:${emulated.accountId}:log-group:flow-logs`,
    trafficType: "REJECT",
    vpcId: vpc.id,
  });

  test("only tags change in place", async () => {
    const log = await Life.begin("aws:ec2/flowLog:FlowLog", { ...given(), tags: { Name: "one" } });
    expect(log.state).toMatchObject({
      ...given(),
      arn: arn(`vpc-flow-log/${log.id}`),
      logDestinationType: "cloud-watch-logs",
      logFormat: expect.stringMatching(/\$\{srcaddr\}/),
      maxAggregationInterval: 600,
      tagsAll: { ...DEFAULT_TAGS, Name: "one" },
    });
    await log.change({ ...given(), tags: { Name: "two" } });
    expect(await log.plan({ ...given(), tags: { Name: "two" }, trafficType: "ALL" })).toEqual(["update trafficType!"]);
    await log.end();
  });

  test("of one thing", async () => {
    expect(await faults("aws:ec2/flowLog:FlowLog", { vpcId: "vpc-1", subnetId: "subnet-1" })).toEqual([
      "vpcId: give exactly one of vpcId, subnetId, eniId (given: vpcId, subnetId)",
    ]);
  });
});
