import {
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DeleteSecurityGroupCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSecurityGroupsCommand,
  type IpPermission,
  ModifySecurityGroupRulesCommand,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
  type SecurityGroup,
} from "@aws-sdk/client-ec2";
import { ec2, ec2Tags, tagSpecifications } from "./ec2.ts";
import { unlessGone } from "./errors.ts";
import { number, requiredText, text, textMap } from "./props.ts";
import type { AwsContext, AwsResource, InputRule, Outputs } from "./resource.ts";
import { tagMap } from "./tags.ts";
import { untilTaken } from "./waiting.ts";

/** What the API says of a group that is not there. */
const NO_GROUP = ["InvalidGroup.NotFound", "InvalidSecurityGroupID.NotFound"];
const NO_RULE = "InvalidSecurityGroupRuleId.NotFound";

/** Rules are resources of their own. */
const securityGroup: AwsResource = {
  inputs: {
    name: { computed: true, forcesNew: true },
    description: { required: true, forcesNew: true },
    vpcId: { required: true, forcesNew: true },
  },
  tags: ec2Tags,
  async create(props, aws, op) {
    const made = await ec2(aws).send(
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
    await revoke(await findGroup(id, aws), { egress: true }, aws);
    return id;
  },
  async read(id, _known, aws) {
    const found = await findGroup(id, aws);
    return (
      found && {
        description: found.Description,
        name: found.GroupName,
        tags: tagMap(found.Tags),
        vpcId: found.VpcId,
      }
    );
  },
  async delete(id, _props, aws, op) {
    const again = ["DependencyViolation", "InvalidGroup.InUse"];
    const wait = { until: `nothing uses security group ${id}`, timeoutSeconds: 900, again, done: NO_GROUP };
    await untilTaken(op, wait, () => ec2(aws).send(new DeleteSecurityGroupCommand({ GroupId: id })));
  },
};

/** None in line: the empty list, by which what others add is taken away. */
const noRules: InputRule = { required: true, set: true, fields: {} };

/** The group that comes with a VPC: taken over and emptied, not made; left behind, not deleted. */
const defaultSecurityGroup: AwsResource = {
  inputs: { egress: noRules, ingress: noRules, vpcId: { required: true, forcesNew: true } },
  tags: ec2Tags,
  async create(props, aws, op) {
    const vpcId = requiredText(props, "vpcId");
    const Filters = [
      { Name: "group-name", Values: ["default"] },
      { Name: "vpc-id", Values: [vpcId] },
    ];
    const request = new DescribeSecurityGroupsCommand({ Filters });
    const [found] = (await ec2(aws).send(request)).SecurityGroups ?? [];
    const id = found?.GroupId;
    if (id === undefined) throw new Error(`there is no default security group in ${vpcId}`);
    op.made(id);
    const all = textMap(props, "tagsAll");
    if (Object.keys(all).length > 0) await ec2Tags.add({ id, old: {}, all }, all, aws);
    await revoke(found, { ingress: true, egress: true }, aws);
    return id;
  },
  async read(id, _known, aws) {
    const found = await findGroup(id, aws);
    return (
      found && {
        egress: found.IpPermissionsEgress?.map(listed),
        ingress: found.IpPermissions?.map(listed),
        tags: tagMap(found.Tags),
        vpcId: found.VpcId,
      }
    );
  },
  async update(id, _props, _old, changed, aws) {
    const directions = { ingress: changed.has("ingress"), egress: changed.has("egress") };
    await revoke(await findGroup(id, aws), directions, aws);
  },
  async delete() {},
};

/** A rule as the state shows it. */
function listed({ IpProtocol, FromPort, ToPort, IpRanges, Ipv6Ranges, UserIdGroupPairs }: IpPermission): Outputs {
  return {
    protocol: IpProtocol,
    fromPort: FromPort,
    toPort: ToPort,
    cidrBlocks: IpRanges?.map(({ CidrIp }) => CidrIp),
    ipv6CidrBlocks: Ipv6Ranges?.map(({ CidrIpv6 }) => CidrIpv6),
    securityGroups: UserIdGroupPairs?.map(({ GroupId }) => GroupId),
  };
}

async function findGroup(id: string, aws: AwsContext): Promise<SecurityGroup | undefined> {
  const call = ec2(aws).send(new DescribeSecurityGroupsCommand({ GroupIds: [id] }));
  return (await unlessGone(call, ...NO_GROUP))?.SecurityGroups?.[0];
}

/** Takes all rules of these directions away. */
async function revoke(
  group: SecurityGroup | undefined,
  { ingress = false, egress = false },
  aws: AwsContext,
): Promise<void> {
  const { GroupId, IpPermissions = [], IpPermissionsEgress = [] } = group ?? {};
  if (ingress && IpPermissions.length > 0) {
    await ec2(aws).send(new RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
  }
  if (egress && IpPermissionsEgress.length > 0) {
    await ec2(aws).send(new RevokeSecurityGroupEgressCommand({ GroupId, IpPermissions: IpPermissionsEgress }));
  }
}

/**
 * A rule for ports of TCP. AWS changes all of it but what kind of thing its other end is.
 *
 * @param ends what that may be.
 */
function ruleType(isEgress: boolean, ends: ("cidrIpv4" | "referencedSecurityGroupId")[]): AwsResource {
  return {
    inputs: {
      securityGroupId: { required: true, forcesNew: true },
      ...Object.fromEntries(ends.map((end): [string, InputRule] => [end, {}])),
      ipProtocol: { required: true, allowed: ["tcp"] },
      fromPort: { required: true },
      toPort: { required: true },
      description: {},
    },
    oneOf: ends,
    tags: ec2Tags,
    async create(props, aws) {
      const [CidrIp, GroupId] = [text(props, "cidrIpv4"), text(props, "referencedSecurityGroupId")];
      const Description = text(props, "description");
      const permission: IpPermission = {
        IpProtocol: "tcp",
        FromPort: number(props, "fromPort"),
        ToPort: number(props, "toPort"),
        ...(CidrIp ? { IpRanges: [{ CidrIp, Description }] } : { UserIdGroupPairs: [{ GroupId, Description }] }),
      };
      const request = {
        GroupId: requiredText(props, "securityGroupId"),
        IpPermissions: [permission],
        TagSpecifications: tagSpecifications("security-group-rule", props),
      };
      const made = isEgress
        ? await ec2(aws).send(new AuthorizeSecurityGroupEgressCommand(request))
        : await ec2(aws).send(new AuthorizeSecurityGroupIngressCommand(request));
      return made.SecurityGroupRules?.[0]?.SecurityGroupRuleId ?? "";
    },
    async read(id, _known, aws) {
      const call = ec2(aws).send(new DescribeSecurityGroupRulesCommand({ SecurityGroupRuleIds: [id] }));
      const found = (await unlessGone(call, NO_RULE, ...NO_GROUP))?.SecurityGroupRules?.[0];
      return (
        found && {
          cidrIpv4: found.CidrIpv4,
          description: found.Description,
          fromPort: found.FromPort,
          ipProtocol: found.IpProtocol,
          referencedSecurityGroupId: found.ReferencedGroupInfo?.GroupId,
          securityGroupId: found.GroupId,
          tags: tagMap(found.Tags),
          toPort: found.ToPort,
        }
      );
    },
    async update(id, props, _old, _changed, aws) {
      const SecurityGroupRule = {
        CidrIpv4: text(props, "cidrIpv4"),
        Description: text(props, "description"),
        FromPort: number(props, "fromPort"),
        IpProtocol: "tcp",
        ReferencedGroupId: text(props, "referencedSecurityGroupId"),
        ToPort: number(props, "toPort"),
      };
      const SecurityGroupRules = [{ SecurityGroupRuleId: id, SecurityGroupRule }];
      const request = { GroupId: requiredText(props, "securityGroupId"), SecurityGroupRules };
      await ec2(aws).send(new ModifySecurityGroupRulesCommand(request));
    },
    async delete(id, props, aws) {
      const request = { GroupId: requiredText(props, "securityGroupId"), SecurityGroupRuleIds: [id] };
      const call: Promise<unknown> = isEgress
        ? ec2(aws).send(new RevokeSecurityGroupEgressCommand(request))
        : ec2(aws).send(new RevokeSecurityGroupIngressCommand(request));
      await unlessGone(call, NO_RULE, ...NO_GROUP);
    },
  };
}

export const securityGroupResources: Record<string, AwsResource> = {
  "aws:ec2/securityGroup:SecurityGroup": securityGroup,
  "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": defaultSecurityGroup,
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": ruleType(false, [
    "cidrIpv4",
    "referencedSecurityGroupId",
  ]),
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": ruleType(true, ["referencedSecurityGroupId"]),
};
