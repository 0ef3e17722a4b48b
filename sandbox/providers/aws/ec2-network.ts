import {
  CreateFlowLogsCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DeleteFlowLogsCommand,
  DeleteSubnetCommand,
  DeleteVpcCommand,
  DescribeFlowLogsCommand,
  DescribeSubnetsCommand,
  DescribeVpcAttributeCommand,
  DescribeVpcsCommand,
  ModifySubnetAttributeCommand,
  ModifyVpcAttributeCommand,
  type Subnet,
  type TrafficType,
  type UnsuccessfulItem,
  type Vpc,
} from "@aws-sdk/client-ec2";
import { ec2, ec2Tags, tagSpecifications } from "./ec2.ts";
import { unlessGone } from "./errors.ts";
import { flag, requiredText, text } from "./props.ts";
import type { AwsContext, AwsResource, Props } from "./resource.ts";
import { tagMap } from "./tags.ts";
import { untilTaken } from "./waiting.ts";

const vpc: AwsResource = {
  inputs: {
    cidrBlock: { required: true, forcesNew: true },
    enableDnsHostnames: { computed: true },
    enableDnsSupport: { default: true },
  },
  tags: ec2Tags,
  async create(props, aws, op) {
    const request = { CidrBlock: text(props, "cidrBlock"), TagSpecifications: tagSpecifications("vpc", props) };
    const id = (await ec2(aws).send(new CreateVpcCommand(request))).Vpc?.VpcId ?? "";
    op.made(id);
    await setDns(id, props, new Set(["enableDnsSupport", "enableDnsHostnames"]), aws);
    return id;
  },
  async read(id, _known, aws) {
    const found = await findVpc(id, aws);
    if (!found) return undefined;
    const ask = (Attribute: "enableDnsSupport" | "enableDnsHostnames") =>
      ec2(aws).send(new DescribeVpcAttributeCommand({ VpcId: id, Attribute }));
    const [support, hostnames] = await Promise.all([ask("enableDnsSupport"), ask("enableDnsHostnames")]);
    return {
      cidrBlock: found.CidrBlock,
      enableDnsHostnames: hostnames.EnableDnsHostnames?.Value,
      enableDnsSupport: support.EnableDnsSupport?.Value,
      ownerId: found.OwnerId,
      tags: tagMap(found.Tags),
    };
  },
  update: (id, props, _old, changed, aws) => setDns(id, props, changed, aws),
  async delete(id, _props, aws, op) {
    const wait = { until: `nothing is left in VPC ${id}`, timeoutSeconds: 300, done: ["InvalidVpcID.NotFound"] };
    await untilTaken(op, wait, () => ec2(aws).send(new DeleteVpcCommand({ VpcId: id })));
  },
};

async function findVpc(id: string, aws: AwsContext): Promise<Vpc | undefined> {
  const call = ec2(aws).send(new DescribeVpcsCommand({ VpcIds: [id] }));
  return (await unlessGone(call, "InvalidVpcID.NotFound"))?.Vpcs?.[0];
}

/** EC2 takes one attribute in a request. Names need DNS itself: it is switched on before them. */
async function setDns(VpcId: string, props: Props, changed: ReadonlySet<string>, aws: AwsContext): Promise<void> {
  const value = (name: string): { Value: boolean } => ({ Value: flag(props, name) ?? false });
  for (const [name, attribute] of [
    ["enableDnsSupport", { EnableDnsSupport: value("enableDnsSupport") }],
    ["enableDnsHostnames", { EnableDnsHostnames: value("enableDnsHostnames") }],
  ] as const) {
    if (changed.has(name)) await ec2(aws).send(new ModifyVpcAttributeCommand({ VpcId, ...attribute }));
  }
}

const subnet: AwsResource = {
  inputs: {
    vpcId: { required: true, forcesNew: true },
    cidrBlock: { required: true, forcesNew: true },
    availabilityZone: { required: true, forcesNew: true },
    mapPublicIpOnLaunch: { default: false },
  },
  tags: ec2Tags,
  async create(props, aws, op) {
    const made = await ec2(aws).send(
      new CreateSubnetCommand({
        VpcId: requiredText(props, "vpcId"),
        CidrBlock: text(props, "cidrBlock"),
        AvailabilityZone: text(props, "availabilityZone"),
        TagSpecifications: tagSpecifications("subnet", props),
      }),
    );
    const id = made.Subnet?.SubnetId ?? "";
    op.made(id);
    if (flag(props, "mapPublicIpOnLaunch")) await setPublic(id, props, aws);
    return id;
  },
  async read(id, _known, aws) {
    const found = await findSubnet(id, aws);
    if (!found) return undefined;
    return {
      availabilityZone: found.AvailabilityZone,
      cidrBlock: found.CidrBlock,
      mapPublicIpOnLaunch: found.MapPublicIpOnLaunch ?? false,
      tags: tagMap(found.Tags),
      vpcId: found.VpcId,
    };
  },
  update: (id, props, _old, _changed, aws) => setPublic(id, props, aws),
  async delete(id, _props, aws, op) {
    const wait = { until: `nothing is left in subnet ${id}`, timeoutSeconds: 1200, done: ["InvalidSubnetID.NotFound"] };
    await untilTaken(op, wait, () => ec2(aws).send(new DeleteSubnetCommand({ SubnetId: id })));
  },
};

async function findSubnet(id: string, aws: AwsContext): Promise<Subnet | undefined> {
  const call = ec2(aws).send(new DescribeSubnetsCommand({ SubnetIds: [id] }));
  return (await unlessGone(call, "InvalidSubnetID.NotFound"))?.Subnets?.[0];
}

async function setPublic(SubnetId: string, props: Props, aws: AwsContext): Promise<void> {
  const MapPublicIpOnLaunch = { Value: flag(props, "mapPublicIpOnLaunch") ?? false };
  await ec2(aws).send(new ModifySubnetAttributeCommand({ SubnetId, MapPublicIpOnLaunch }));
}

const NO_FLOW_LOG = "InvalidFlowLogId.NotFound";

/** Of a VPC, to a log group. */
const flowLog: AwsResource = {
  inputs: {
    vpcId: { required: true, forcesNew: true },
    iamRoleArn: { required: true, forcesNew: true },
    logDestination: { required: true, forcesNew: true },
    trafficType: { required: true, forcesNew: true },
  },
  tags: ec2Tags,
  async create(props, aws) {
    const made = await ec2(aws).send(
      new CreateFlowLogsCommand({
        ResourceIds: [requiredText(props, "vpcId")],
        ResourceType: "VPC",
        DeliverLogsPermissionArn: text(props, "iamRoleArn"),
        LogDestination: text(props, "logDestination"),
        LogDestinationType: "cloud-watch-logs",
        TagSpecifications: tagSpecifications("vpc-flow-log", props),
        TrafficType: text(props, "trafficType") as TrafficType,
      }),
    );
    assertAll(made.Unsuccessful);
    return made.FlowLogIds?.[0] ?? "";
  },
  async read(id, _known, aws) {
    const call = ec2(aws).send(new DescribeFlowLogsCommand({ FlowLogIds: [id] }));
    const found = (await unlessGone(call, NO_FLOW_LOG))?.FlowLogs?.[0];
    return (
      found && {
        iamRoleArn: found.DeliverLogsPermissionArn,
        logDestination: found.LogDestination,
        tags: tagMap(found.Tags),
        trafficType: found.TrafficType,
        vpcId: found.ResourceId,
      }
    );
  },
  async delete(id, _props, aws) {
    const call = ec2(aws).send(new DeleteFlowLogsCommand({ FlowLogIds: [id] }));
    const answer = await unlessGone(call, NO_FLOW_LOG);
    assertAll(answer?.Unsuccessful?.filter(({ Error: fault }) => fault?.Code !== NO_FLOW_LOG));
  },
};

/** These calls succeed though what they were for did not. */
function assertAll(failed: UnsuccessfulItem[] | undefined): void {
  const fault = failed?.[0]?.Error;
  if (fault) throw new Error(`${fault.Code}: ${fault.Message}`);
}

export const networkResources: Record<string, AwsResource> = {
  "aws:ec2/vpc:Vpc": vpc,
  "aws:ec2/subnet:Subnet": subnet,
  "aws:ec2/flowLog:FlowLog": flowLog,
};
