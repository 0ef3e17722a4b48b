import {
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  DescribeSecurityGroupRulesCommand,
  EC2Client,
  type IpPermission,
  ModifySecurityGroupRulesCommand,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
  type SecurityGroupRule,
} from "@aws-sdk/client-ec2";
import type { Plain } from "../protocol/value.ts";
import { ec2Arn } from "./ec2-arn.ts";
import { tagSpecifications, updateTags } from "./ec2-tags.ts";
import { unlessGone } from "./errors.ts";
import { exactlyOne } from "./exactly-one.ts";
import { refuseInPlace } from "./in-place.ts";
import { ownChanges } from "./own-changes.ts";
import { number, requiredText, text } from "./props.ts";
import type { AwsContext, AwsResource, Props } from "./resource.ts";
import { NO_GROUP } from "./security-group.ts";
import { tagMap } from "./tag-changes.ts";

const NO_RULE = "InvalidSecurityGroupRuleId.NotFound";
const SOURCES = ["cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId"] as const;

function ruleType(isEgress: boolean): AwsResource {
  return {
    inputs: {
      securityGroupId: { required: true, forcesNew: true },
      ipProtocol: { required: true, same: (old, next) => protocolName(old) === protocolName(next) },
      cidrIpv4: {},
      cidrIpv6: {},
      prefixListId: {},
      referencedSecurityGroupId: {},
      fromPort: {},
      toPort: {},
      description: {},
    },
    tagged: true,
    validate: (props) => exactlyOne(props, SOURCES),
    async create(props, aws) {
      const request = {
        GroupId: requiredText(props, "securityGroupId"),
        IpPermissions: [permission(props)],
        TagSpecifications: tagSpecifications("security-group-rule", props),
      };
      const ec2 = aws.client(EC2Client);
      const made = isEgress
        ? await ec2.send(new AuthorizeSecurityGroupEgressCommand(request))
        : await ec2.send(new AuthorizeSecurityGroupIngressCommand(request));
      return made.SecurityGroupRules?.[0]?.SecurityGroupRuleId ?? "";
    },
    async read(id, known, aws) {
      const found = await findRule(id, aws);
      if (found?.IsEgress !== isEgress) return undefined;
      return {
        arn: found.SecurityGroupRuleArn ?? ec2Arn(aws, "security-group-rule", id),
        cidrIpv4: found.CidrIpv4,
        cidrIpv6: found.CidrIpv6,
        description: found.Description,
        fromPort: port(found.FromPort, known.fromPort),
        ipProtocol: found.IpProtocol,
        prefixListId: found.PrefixListId,
        referencedSecurityGroupId: referenced(found, aws),
        securityGroupId: found.GroupId,
        securityGroupRuleId: id,
        tags: tagMap(found.Tags),
        toPort: port(found.ToPort, known.toPort),
      };
    },
    async update(id, props, old, changed, aws) {
      if (ownChanges(changed).length > 0) {
        assertSameKind(props, old);
        const SecurityGroupRule = {
          CidrIpv4: text(props, "cidrIpv4"),
          CidrIpv6: text(props, "cidrIpv6"),
          Description: text(props, "description"),
          FromPort: number(props, "fromPort"),
          IpProtocol: requiredText(props, "ipProtocol"),
          PrefixListId: text(props, "prefixListId"),
          ReferencedGroupId: text(props, "referencedSecurityGroupId"),
          ToPort: number(props, "toPort"),
        };
        const SecurityGroupRules = [{ SecurityGroupRuleId: id, SecurityGroupRule }];
        const request = { GroupId: requiredText(props, "securityGroupId"), SecurityGroupRules };
        await aws.client(EC2Client).send(new ModifySecurityGroupRulesCommand(request));
      }
      await updateTags(id, props, old, changed, aws);
    },
    async delete(id, props, aws) {
      const request = { GroupId: requiredText(props, "securityGroupId"), SecurityGroupRuleIds: [id] };
      const ec2 = aws.client(EC2Client);
      const call: Promise<unknown> = isEgress
        ? ec2.send(new RevokeSecurityGroupEgressCommand(request))
        : ec2.send(new RevokeSecurityGroupIngressCommand(request));
      await unlessGone(call, NO_RULE, ...NO_GROUP);
    },
  };
}

export const securityGroupRuleResources: Record<string, AwsResource> = {
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": ruleType(false),
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": ruleType(true),
};

/** AWS changes the source of a rule, but not what kind of source it is. */
function assertSameKind(props: Props, old: Props): void {
  const [before, next] = [old, props].map((each) => SOURCES.find((name) => text(each, name) !== undefined));
  if (before === undefined || before === next) return;
  refuseInPlace(`the source of a rule cannot go from ${before} to ${next}`, next ? [before, next] : [before]);
}

function permission(props: Props): IpPermission {
  const Description = text(props, "description");
  const [cidrIpv4, cidrIpv6, prefixListId, group] = SOURCES.map((name) => text(props, name));
  const [GroupId, UserId] = (group ?? "").split("/").reverse();
  return {
    IpProtocol: requiredText(props, "ipProtocol"),
    FromPort: number(props, "fromPort"),
    ToPort: number(props, "toPort"),
    IpRanges: cidrIpv4 ? [{ CidrIp: cidrIpv4, Description }] : undefined,
    Ipv6Ranges: cidrIpv6 ? [{ CidrIpv6: cidrIpv6, Description }] : undefined,
    PrefixListIds: prefixListId ? [{ PrefixListId: prefixListId, Description }] : undefined,
    UserIdGroupPairs: GroupId ? [{ GroupId, UserId, Description }] : undefined,
  };
}

async function findRule(id: string, aws: AwsContext): Promise<SecurityGroupRule | undefined> {
  const call = aws.client(EC2Client).send(new DescribeSecurityGroupRulesCommand({ SecurityGroupRuleIds: [id] }));
  return (await unlessGone(call, NO_RULE, ...NO_GROUP))?.SecurityGroupRules?.[0];
}

/** AWS tells -1 for "all", which the program says by leaving the port out. */
function port(found: number | undefined, known: Plain | undefined): number | undefined {
  return found === -1 && known === undefined ? undefined : found;
}

/** Groups of other accounts are named with them: `123456789012/sg-1`. */
function referenced({ ReferencedGroupInfo: group }: SecurityGroupRule, aws: AwsContext): string | undefined {
  if (group?.UserId === undefined || group.UserId === aws.accountId) return group?.GroupId;
  return `${group.UserId}/${group.GroupId}`;
}

const PROTOCOLS: Readonly<Record<string, string>> = { all: "-1", "1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6" };

/** The name by which AWS tells of a protocol, which may be given by its number. */
function protocolName(given: Plain): string {
  const protocol = String(given).toLowerCase();
  return PROTOCOLS[protocol] ?? protocol;
}
