import * as ec2 from "@aws-sdk/client-ec2";
import { declared, send } from "../declared-resource.ts";
import { number, text, textMap } from "../props.ts";
import { type AwsContext, type AwsResource, fixed, type InputRule } from "../resource.ts";
import { ec2Service } from "../services.ts";

const NO_GROUP = ["InvalidGroup.NotFound", "InvalidSecurityGroupID.NotFound"];

/** Rules are resources of their own. */
const group = {
  tagged: "security-group",
  identity: "GroupId",
  gone: NO_GROUP,
  create: ec2.CreateSecurityGroupCommand,
  id: "GroupId",
  read: { command: ec2.DescribeSecurityGroupsCommand, by: "GroupIds[0]", found: "SecurityGroups" },
} as const;

const declaredGroup = declared(ec2Service, {
  ...group,
  inputs: {
    name: { forcesNew: true, computed: true, api: "GroupName" },
    description: fixed,
    vpcId: fixed,
  },
  delete: {
    command: ec2.DeleteSecurityGroupCommand,
    retry: { until: "nothing uses security group", seconds: 900, codes: ["DependencyViolation", "InvalidGroup.InUse"] },
  },
});

const securityGroup: AwsResource = {
  ...declaredGroup,
  async create(props, aws, op) {
    const id = await declaredGroup.create(props, aws, op);
    // AWS lets a new group reach everything; with the official plugin that, too, must be asked for.
    await revoke({ GroupIds: [id] }, ["egress"], aws);
    return id;
  },
};

/** None in line: the empty list, by which rules that others add are removed. */
const noRules: InputRule = { required: true, set: true, fields: {} };

/** Rules as the state shows them. */
const shownRules: Record<string, InputRule> = {
  protocol: { api: "IpProtocol" },
  fromPort: {},
  toPort: {},
  cidrBlocks: { api: "IpRanges[].CidrIp" },
  ipv6CidrBlocks: { api: "Ipv6Ranges[].CidrIpv6" },
  securityGroups: { api: "UserIdGroupPairs[].GroupId" },
};

const shownGroup = declared(ec2Service, {
  ...group,
  inputs: {
    egress: { api: "IpPermissionsEgress", fields: shownRules },
    ingress: { api: "IpPermissions", fields: shownRules },
    vpcId: {},
  },
});

/** The group that comes with a VPC: it is adopted and emptied, not created; left behind, not deleted. */
const defaultSecurityGroup: AwsResource = {
  ...shownGroup,
  inputs: { egress: noRules, ingress: noRules, vpcId: fixed },
  async create(props, aws, op) {
    const vpcId = text(props, "vpcId") ?? "";
    const Filters = [
      { Name: "group-name", Values: ["default"] },
      { Name: "vpc-id", Values: [vpcId] },
    ];
    const found = await revoke({ Filters }, [], aws);
    const id = found?.GroupId;
    if (id === undefined) throw new Error(`there is no default security group in ${vpcId}`);
    op.created(id);
    const all = textMap(props, "tagsAll");
    if (Object.keys(all).length > 0) await shownGroup.tags?.add({ id, old: {}, all }, all, aws);
    await revoke({ GroupIds: [id] }, ["ingress", "egress"], aws);
    return id;
  },
  async update(id, _props, _old, changed, aws) {
    await revoke({ GroupIds: [id] }, [...changed], aws);
  },
};

/** Removes all rules of these directions from a group. @returns the group as it was before */
async function revoke(
  which: { GroupIds: string[] } | { Filters: { Name: string; Values: string[] }[] },
  directions: string[],
  aws: AwsContext,
): Promise<ec2.SecurityGroup | undefined> {
  const answer = await aws.client(ec2.EC2Client).send(new ec2.DescribeSecurityGroupsCommand(which));
  const [found] = answer.SecurityGroups ?? [];
  const { GroupId, IpPermissions = [], IpPermissionsEgress = [] } = found ?? {};
  if (directions.includes("ingress") && IpPermissions.length > 0)
    await send(aws, ec2Service, new ec2.RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
  if (directions.includes("egress") && IpPermissionsEgress.length > 0)
    await send(
      aws,
      ec2Service,
      new ec2.RevokeSecurityGroupEgressCommand({ GroupId, IpPermissions: IpPermissionsEgress }),
    );
  return found;
}

/**
 * A rule for ports of TCP. AWS changes all of it but the kind of its other end.
 *
 * @param ends the kinds.
 */
function ruleType(direction: "ingress" | "egress", ends: ("cidrIpv4" | "referencedSecurityGroupId")[]): AwsResource {
  const [authorize, revokeRule] =
    direction === "egress"
      ? [ec2.AuthorizeSecurityGroupEgressCommand, ec2.RevokeSecurityGroupEgressCommand]
      : [ec2.AuthorizeSecurityGroupIngressCommand, ec2.RevokeSecurityGroupIngressCommand];
  const end: Record<string, InputRule> = {
    cidrIpv4: { sent: "never" },
    referencedSecurityGroupId: { sent: "never", read: "ReferencedGroupInfo.GroupId" },
  };
  return declared(ec2Service, {
    tagged: "security-group-rule",
    identity: (id, { securityGroupId }) => ({ GroupId: securityGroupId, SecurityGroupRuleIds: [id] }),
    gone: ["InvalidSecurityGroupRuleId.NotFound", ...NO_GROUP],
    inputs: {
      securityGroupId: { ...fixed, api: "GroupId" },
      ...Object.fromEntries(ends.map((name) => [name, end[name] ?? {}])),
      ipProtocol: { required: true, allowed: ["tcp"], sent: "never" },
      fromPort: { required: true, sent: "never" },
      toPort: { required: true, sent: "never" },
      description: { sent: "never" },
    },
    oneOf: ends,
    create: {
      command: authorize,
      with(_, props) {
        const [CidrIp, GroupId] = [text(props, "cidrIpv4"), text(props, "referencedSecurityGroupId")];
        const Description = text(props, "description");
        const ports = { IpProtocol: "tcp", FromPort: number(props, "fromPort"), ToPort: number(props, "toPort") };
        const peer = CidrIp
          ? { IpRanges: [{ CidrIp, Description }] }
          : { UserIdGroupPairs: [{ GroupId, Description }] };
        return { IpPermissions: [{ ...ports, ...peer }] };
      },
    },
    id: "SecurityGroupRules[0].SecurityGroupRuleId",
    read: {
      command: ec2.DescribeSecurityGroupRulesCommand,
      by: "SecurityGroupRuleIds[0]",
      found: "SecurityGroupRules",
    },
    update: [
      {
        calls({ id, props }) {
          const SecurityGroupRule = {
            CidrIpv4: text(props, "cidrIpv4"),
            Description: text(props, "description"),
            FromPort: number(props, "fromPort"),
            IpProtocol: "tcp",
            ReferencedGroupId: text(props, "referencedSecurityGroupId"),
            ToPort: number(props, "toPort"),
          };
          const SecurityGroupRules = [{ SecurityGroupRuleId: id, SecurityGroupRule }];
          return [
            new ec2.ModifySecurityGroupRulesCommand({ GroupId: text(props, "securityGroupId"), SecurityGroupRules }),
          ];
        },
      },
    ],
    delete: revokeRule,
  });
}

export const securityGroupResources: Record<string, AwsResource> = {
  "aws:ec2/securityGroup:SecurityGroup": securityGroup,
  "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": defaultSecurityGroup,
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": ruleType("ingress", [
    "cidrIpv4",
    "referencedSecurityGroupId",
  ]),
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": ruleType("egress", ["referencedSecurityGroupId"]),
};
