import {
  AuthorizeSecurityGroupIngressCommand,
  DescribePrefixListsCommand,
  DescribeSecurityGroupsCommand,
  EC2Client,
  ModifySecurityGroupRulesCommand,
} from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { listedRules } from "../../sandbox/providers/aws/listed-rules.ts";
import type { PropertyMap } from "../../sandbox/providers/protocol/value.ts";
import { DEFAULT_TAGS, emulated, endAll, faults, Life } from "./aws-life.ts";

const ec2 = emulated.client(EC2Client);
const arn = (rest: string): string => `arn:aws:ec2:${emulated.region}:${emulated.accountId}:${rest}`;

const GROUP = "aws:ec2/securityGroup:SecurityGroup";
const DEFAULT_GROUP = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup";
const INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule";
const EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule";

let vpc: Life;
beforeAll(async () => {
  vpc = await Life.begin("aws:ec2/vpc:Vpc", { cidrBlock: "10.30.0.0/16" });
});
afterAll(endAll);

const rulesOf = async (id: string) => {
  const [group] = (await ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [id] }))).SecurityGroups ?? [];
  return [...(group?.IpPermissions ?? []), ...(group?.IpPermissionsEgress ?? [])];
};

describe("security group", () => {
  test("it is named, and begins without AWS's rule that lets it reach everything", async () => {
    const given = { vpcId: vpc.id, tags: { Name: "nodes" } };
    const group = await Life.begin(GROUP, given);
    expect(group.state).toMatchObject({
      arn: arn(`security-group/${group.id}`),
      description: "Managed by Pulumi",
      egress: [],
      ingress: [],
      name: expect.stringMatching(/^life-[0-9a-f]{8}-[0-9a-f]{7}$/),
      ownerId: emulated.accountId,
    });
    expect(await rulesOf(group.id)).toEqual([]);
    await group.change({ ...given, tags: { Name: "pods" } });
    expect(await group.plan({ ...given, tags: { Name: "pods" }, description: "Pods" })).toEqual([
      "update description!",
    ]);
    await group.end();
  });

  test("rules in line are refused but for none at all, which then are seen to come back", async () => {
    const rule = { protocol: "tcp", fromPort: 80, toPort: 80, cidrBlocks: ["0.0.0.0/0"] };
    expect(await faults(GROUP, { ingress: [rule], egress: [] })).toEqual([
      expect.stringMatching(
        /^ingress: .* takes no rules in line; declare each as an aws\.vpc\.SecurityGroupIngressRule/,
      ),
    ]);
    const given = { vpcId: vpc.id, ingress: [] };
    const group = await Life.begin(GROUP, given);
    const ports = { IpProtocol: "tcp", FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: "0.0.0.0/0" }] };
    await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: group.id, IpPermissions: [ports] }));
    await group.refresh();
    expect(group.state.ingress).toMatchObject([{ cidrBlocks: ["0.0.0.0/0"], fromPort: 22, protocol: "tcp" }]);
    expect(await group.plan(given)).toEqual(["delete ingress[0]"]);
    await group.change(given);
    expect(await rulesOf(group.id)).toEqual([]);
    await group.end();
  });

  test("the default one is taken over emptied, and left behind", async () => {
    const given = { vpcId: vpc.id, ingress: [], egress: [], tags: { Name: "unused" } };
    expect(await rulesOf(String(vpc.state.defaultSecurityGroupId))).toHaveLength(2);
    const group = await Life.begin(DEFAULT_GROUP, given);
    expect(group.id).toBe(vpc.state.defaultSecurityGroupId);
    expect(group.state).toMatchObject({ egress: [], ingress: [], name: "default", tagsAll: { Name: "unused" } });
    expect(await rulesOf(group.id)).toEqual([]);
    await group.end(true);
  });

  test("rules of one protocol, range of ports and description are listed together", () => {
    const ports = { IpProtocol: "tcp", FromPort: 80, ToPort: 80 };
    const groups = [{ GroupId: "sg-1" }, { GroupId: "sg-2" }];
    expect(
      listedRules("sg-1", [
        { ...ports, IpRanges: [{ CidrIp: "10.0.0.0/8" }, { CidrIp: "0.0.0.0/0", Description: "all" }] },
        { ...ports, UserIdGroupPairs: groups, Ipv6Ranges: [{ CidrIpv6: "::/0" }] },
        { IpProtocol: "-1", PrefixListIds: [{ PrefixListId: "pl-1" }] },
      ]),
    ).toEqual([
      {
        ...{ protocol: "tcp", fromPort: 80, toPort: 80, description: "", self: true },
        ...{ cidrBlocks: ["10.0.0.0/8"], ipv6CidrBlocks: ["::/0"], prefixListIds: [], securityGroups: ["sg-2"] },
      },
      {
        ...{ protocol: "tcp", fromPort: 80, toPort: 80, description: "all", self: false },
        ...{ cidrBlocks: ["0.0.0.0/0"], ipv6CidrBlocks: [], prefixListIds: [], securityGroups: [] },
      },
      {
        ...{ protocol: "-1", fromPort: 0, toPort: 0, description: "", self: false },
        ...{ cidrBlocks: [], ipv6CidrBlocks: [], prefixListIds: ["pl-1"], securityGroups: [] },
      },
    ]);
  });
});

describe("security group rule", () => {
  test("ports and range change in place, in AWS too; a source of another kind does not", async () => {
    const group = await Life.begin(GROUP, { vpcId: vpc.id });
    const given = { securityGroupId: group.id, ipProtocol: "tcp", fromPort: 80, toPort: 80, cidrIpv4: "0.0.0.0/0" };
    const rule = await Life.begin(INGRESS, { ...given, description: "Clients", tags: { Name: "http" } });
    expect(rule.state).toMatchObject({
      ...given,
      arn: arn(`security-group-rule/${rule.id}`),
      securityGroupRuleId: expect.stringMatching(/^sgr-/),
      tagsAll: { ...DEFAULT_TAGS, Name: "http" },
    });
    await rule.change({ ...given, fromPort: 443, toPort: 443, cidrIpv4: "10.0.0.0/8", tags: { Name: "https" } });
    expect(await rulesOf(group.id)).toMatchObject([{ FromPort: 443, IpRanges: [{ CidrIp: "10.0.0.0/8" }] }]);

    const SecurityGroupRule = { IpProtocol: "tcp", FromPort: 22, ToPort: 443, CidrIpv4: "10.0.0.0/8" };
    const SecurityGroupRules = [{ SecurityGroupRuleId: rule.id, SecurityGroupRule }];
    await ec2.send(new ModifySecurityGroupRulesCommand({ GroupId: group.id, SecurityGroupRules }));
    await rule.refresh();
    expect(await rule.plan({ ...given, cidrIpv4: "10.0.0.0/8", tags: { Name: "https" } })).toEqual([
      "update fromPort",
      "update toPort",
    ]);
    const { cidrIpv4: _, ...ports } = given;
    await expect(rule.change({ ...ports, referencedSecurityGroupId: group.id })).rejects.toThrow(
      /replaceOnChanges: \["cidrIpv4", "referencedSecurityGroupId"\]/,
    );
    await rule.end();
    expect(await rulesOf(group.id)).toEqual([]);
    await group.end();
  });

  test("another group is a source, and a third one takes its place", async () => {
    const begin = (): Promise<Life> => Life.begin(GROUP, { vpcId: vpc.id });
    const [group, other, third] = [await begin(), await begin(), await begin()];
    const given = { securityGroupId: group.id, ipProtocol: "tcp", fromPort: 30080, toPort: 30080 };
    const rule = await Life.begin(INGRESS, { ...given, referencedSecurityGroupId: other.id });
    expect(rule.state.referencedSecurityGroupId).toBe(other.id);
    await rule.change({ ...given, referencedSecurityGroupId: third.id });
    expect(await rulesOf(group.id)).toMatchObject([{ UserIdGroupPairs: [{ GroupId: third.id }] }]);
    for (const life of [rule, third, other, group]) await life.end();
  });

  test("out to everything, by IPv4 and by IPv6, and to a service by the number of its protocol", async () => {
    const group = await Life.begin(GROUP, { vpcId: vpc.id });
    const Filters = [{ Name: "prefix-list-name", Values: [`com.amazonaws.${emulated.region}.s3`] }];
    const [list] = (await ec2.send(new DescribePrefixListsCommand({ Filters }))).PrefixLists ?? [];
    const sources: PropertyMap[] = [
      { ipProtocol: "-1", cidrIpv4: "0.0.0.0/0" },
      { ipProtocol: "all", cidrIpv6: "::/0" },
      { ipProtocol: "6", fromPort: 443, toPort: 443, prefixListId: list?.PrefixListId ?? "" },
    ];
    for (const source of sources) {
      const given = { ...source, securityGroupId: group.id };
      const rule = await Life.begin(EGRESS, given);
      expect(rule.state).toMatchObject(given);
      await rule.change({ ...given, description: "Said" });
      await rule.end();
    }
    await group.end();
  });

  test("a rule has one source", async () => {
    const given = { securityGroupId: "sg-1", ipProtocol: "tcp", cidrIpv4: "10.0.0.0/8", cidrIpv6: "::/0" };
    expect(await faults(INGRESS, given)).toEqual([
      expect.stringMatching(/^cidrIpv4: .*\(given: cidrIpv4, cidrIpv6\)$/),
    ]);
  });
});
