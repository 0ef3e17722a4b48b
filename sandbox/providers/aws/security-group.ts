import {
  CreateSecurityGroupCommand,
  DeleteSecurityGroupCommand,
  DescribeSecurityGroupsCommand,
  EC2Client,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
  type SecurityGroup,
} from "@aws-sdk/client-ec2";
import { ec2Arn } from "./ec2-arn.ts";
import { tagSpecifications, updateTags } from "./ec2-tags.ts";
import { unlessGone } from "./errors.ts";
import { listedRules } from "./listed-rules.ts";
import { flag, items, requiredText, text } from "./props.ts";
import type { AwsContext, AwsResource, InputRule, Outputs, Props } from "./resource.ts";
import { untilTaken } from "./retry.ts";
import { tagMap } from "./tag-changes.ts";

/** What the API says of a group that is not there. */
export const NO_GROUP = ["InvalidGroup.NotFound", "InvalidSecurityGroupID.NotFound"];

const DIRECTIONS = ["ingress", "egress"] as const;
type Direction = (typeof DIRECTIONS)[number];

/** Properties of both types; `ingress` and `egress` are taken when empty: no rules, whatever others add. */
const shared: Record<string, InputRule> = {
  vpcId: { computed: true, forcesNew: true },
  ingress: { computed: true, set: true },
  egress: { computed: true, set: true },
  revokeRulesOnDelete: { default: false },
};

const securityGroup: AwsResource = {
  inputs: {
    ...shared,
    name: { computed: true, forcesNew: true },
    description: { default: "Managed by Pulumi", forcesNew: true },
  },
  tagged: true,
  validate: inlineRuleFaults,
  async create(props, aws, op) {
    const made = await aws.client(EC2Client).send(
      new CreateSecurityGroupCommand({
        GroupName: requiredText(props, "name"),
        Description: requiredText(props, "description"),
        VpcId: text(props, "vpcId"),
        TagSpecifications: tagSpecifications("security-group", props),
      }),
    );
    const id = made.GroupId ?? "";
    op.made(id);
    // AWS lets a new group reach everything; with the official plugin that, too, must be asked for.
    await revoke(await findGroup(id, aws), ["egress"], aws);
    return id;
  },
  read: readGroup,
  update: updateGroup,
  async delete(id, props, aws, op) {
    if (flag(props, "revokeRulesOnDelete")) await revoke(await findGroup(id, aws), DIRECTIONS, aws);
    const wait = { until: `nothing uses security group ${id}`, timeoutSeconds: 900 };
    const passing = { again: ["DependencyViolation", "InvalidGroup.InUse"], done: NO_GROUP };
    await untilTaken(op, wait, passing, () =>
      aws.client(EC2Client).send(new DeleteSecurityGroupCommand({ GroupId: id })),
    );
  },
};

/** The group that comes with a VPC: taken over and emptied, not made; left behind, not deleted. */
const defaultSecurityGroup: AwsResource = {
  inputs: { ...shared, vpcId: { required: true, forcesNew: true } },
  tagged: true,
  validate: inlineRuleFaults,
  async create(props, aws, op) {
    const vpcId = requiredText(props, "vpcId");
    const Filters = [
      { Name: "group-name", Values: ["default"] },
      { Name: "vpc-id", Values: [vpcId] },
    ];
    const found = (await aws.client(EC2Client).send(new DescribeSecurityGroupsCommand({ Filters })))
      .SecurityGroups?.[0];
    const id = found?.GroupId;
    if (id === undefined) throw new Error(`there is no default security group in ${vpcId}`);
    op.made(id);
    await updateTags(id, props, { tagsAll: tagMap(found?.Tags) }, new Set(["tagsAll"]), aws);
    await revoke(found, DIRECTIONS, aws);
    return id;
  },
  read: readGroup,
  update: updateGroup,
  async delete() {},
};

export const securityGroupResources: Record<string, AwsResource> = {
  "aws:ec2/securityGroup:SecurityGroup": securityGroup,
  "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": defaultSecurityGroup,
};

function inlineRuleFaults(props: Props): { property: string; reason: string }[] {
  return DIRECTIONS.filter((direction) => items(props, direction).length > 0).map((property) => ({
    property,
    reason: `the stand-in for the aws plugin takes no rules in line; declare each as an aws.vpc.${
      property === "ingress" ? "SecurityGroupIngressRule" : "SecurityGroupEgressRule"
    }, or use the official plugin`,
  }));
}

async function readGroup(id: string, known: Props, aws: AwsContext): Promise<Outputs | undefined> {
  const found = await findGroup(id, aws);
  if (!found) return undefined;
  return {
    arn: found.SecurityGroupArn ?? ec2Arn(aws, "security-group", id, found.OwnerId),
    description: found.Description,
    egress: listedRules(id, found.IpPermissionsEgress ?? []),
    ingress: listedRules(id, found.IpPermissions ?? []),
    name: found.GroupName,
    ownerId: found.OwnerId,
    revokeRulesOnDelete: flag(known, "revokeRulesOnDelete") ?? false,
    tags: tagMap(found.Tags),
    vpcId: found.VpcId,
  };
}

async function updateGroup(
  id: string,
  props: Props,
  old: Props,
  changed: ReadonlySet<string>,
  aws: AwsContext,
): Promise<void> {
  const emptied = DIRECTIONS.filter((direction) => changed.has(direction));
  if (emptied.length > 0) await revoke(await findGroup(id, aws), emptied, aws);
  await updateTags(id, props, old, changed, aws);
}

async function findGroup(id: string, aws: AwsContext): Promise<SecurityGroup | undefined> {
  const call = aws.client(EC2Client).send(new DescribeSecurityGroupsCommand({ GroupIds: [id] }));
  return (await unlessGone(call, ...NO_GROUP))?.SecurityGroups?.[0];
}

/** Takes all rules of these directions away. */
async function revoke(
  group: SecurityGroup | undefined,
  directions: readonly Direction[],
  aws: AwsContext,
): Promise<void> {
  const ec2 = aws.client(EC2Client);
  const GroupId = group?.GroupId;
  const { IpPermissions = [], IpPermissionsEgress = [] } = group ?? {};
  if (directions.includes("ingress") && IpPermissions.length > 0) {
    await ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
  }
  if (directions.includes("egress") && IpPermissionsEgress.length > 0) {
    await ec2.send(new RevokeSecurityGroupEgressCommand({ GroupId, IpPermissions: IpPermissionsEgress }));
  }
}
