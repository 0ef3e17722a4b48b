import {
  CreateFlowLogsCommand,
  DeleteFlowLogsCommand,
  DescribeFlowLogsCommand,
  EC2Client,
  type FlowLog,
  type LogDestinationType,
  type TrafficType,
  type UnsuccessfulItem,
} from "@aws-sdk/client-ec2";
import { ec2Arn } from "./ec2-arn.ts";
import { tagSpecifications, updateTags } from "./ec2-tags.ts";
import { unlessGone } from "./errors.ts";
import { exactlyOne } from "./exactly-one.ts";
import { number, requiredText, text } from "./props.ts";
import type { AwsContext, AwsResource } from "./resource.ts";
import { tagMap } from "./tag-changes.ts";

const NO_FLOW_LOG = "InvalidFlowLogId.NotFound";
const PLACES = ["vpcId", "subnetId", "eniId"] as const;
const RESOURCE_TYPES = { vpcId: "VPC", subnetId: "Subnet", eniId: "NetworkInterface" } as const;

const flowLog: AwsResource = {
  inputs: {
    vpcId: { forcesNew: true },
    subnetId: { forcesNew: true },
    eniId: { forcesNew: true },
    iamRoleArn: { forcesNew: true },
    logDestination: { computed: true, forcesNew: true },
    logDestinationType: { default: "cloud-watch-logs", forcesNew: true },
    logFormat: { computed: true, forcesNew: true },
    maxAggregationInterval: { default: 600, forcesNew: true },
    trafficType: { forcesNew: true },
  },
  tagged: true,
  validate: (props) => exactlyOne(props, PLACES),
  async create(props, aws) {
    const place = PLACES.find((name) => text(props, name) !== undefined) ?? "vpcId";
    const made = await aws.client(EC2Client).send(
      new CreateFlowLogsCommand({
        ResourceIds: [requiredText(props, place)],
        ResourceType: RESOURCE_TYPES[place],
        DeliverLogsPermissionArn: text(props, "iamRoleArn"),
        // The ARN of a log group is written with and without this ending; here AWS takes it without.
        LogDestination: text(props, "logDestination")?.replace(/:\*$/, ""),
        LogDestinationType: text(props, "logDestinationType") as LogDestinationType | undefined,
        LogFormat: text(props, "logFormat"),
        MaxAggregationInterval: number(props, "maxAggregationInterval"),
        TagSpecifications: tagSpecifications("vpc-flow-log", props),
        TrafficType: text(props, "trafficType") as TrafficType | undefined,
      }),
    );
    assertAll(made.Unsuccessful);
    return made.FlowLogIds?.[0] ?? "";
  },
  async read(id, _known, aws) {
    const found = await findFlowLog(id, aws);
    if (!found) return undefined;
    const place = (prefix: string) => (found.ResourceId?.startsWith(prefix) ? found.ResourceId : undefined);
    return {
      arn: ec2Arn(aws, "vpc-flow-log", id),
      eniId: place("eni-"),
      iamRoleArn: found.DeliverLogsPermissionArn,
      logDestination: found.LogDestination,
      logDestinationType: found.LogDestinationType,
      logFormat: found.LogFormat,
      maxAggregationInterval: found.MaxAggregationInterval,
      subnetId: place("subnet-"),
      tags: tagMap(found.Tags),
      trafficType: found.TrafficType,
      vpcId: place("vpc-"),
    };
  },
  update: updateTags,
  async delete(id, _props, aws) {
    const call = aws.client(EC2Client).send(new DeleteFlowLogsCommand({ FlowLogIds: [id] }));
    const answer = await unlessGone(call, NO_FLOW_LOG);
    assertAll(answer?.Unsuccessful?.filter(({ Error: fault }) => fault?.Code !== NO_FLOW_LOG));
  },
};

export const flowLogResources: Record<string, AwsResource> = { "aws:ec2/flowLog:FlowLog": flowLog };

async function findFlowLog(id: string, aws: AwsContext): Promise<FlowLog | undefined> {
  const call = aws.client(EC2Client).send(new DescribeFlowLogsCommand({ FlowLogIds: [id] }));
  return (await unlessGone(call, NO_FLOW_LOG))?.FlowLogs?.[0];
}

/** These calls succeed though what they were for did not. */
function assertAll(failed: UnsuccessfulItem[] | undefined): void {
  const fault = failed?.[0]?.Error;
  if (fault) throw new Error(`${fault.Code}: ${fault.Message}`);
}
