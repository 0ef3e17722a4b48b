import {
  AuthorizeSecurityGroupIngressCommand,
  DescribeSecurityGroupsCommand,
  EC2Client,
  ModifySecurityGroupRulesCommand,
} from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DEFAULT_TAGS, deleteAll, EmulatedResource, emulated, faults } from "./emulated-resource.ts";

const ec2 = emulated.client(EC2Client);

const GROUP = "aws:ec2/securityGroup:SecurityGroup";
const DEFAULT_GROUP = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup";
const INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule";
const EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule";

let vpc: EmulatedResource;
beforeAll(async () => {
  vpc = await EmulatedResource.create("aws:ec2/vpc:Vpc", { cidrBlock: "10.30.0.0/16" });
});
afterAll(deleteAll);

const createGroup = (): Promise<EmulatedResource> =>
  EmulatedResource.create(GROUP, { description: "Test", vpcId: vpc.id });

const rulesOf = async (id: string) => {
  const [group] = (await ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [id] }))).SecurityGroups ?? [];
  return [...(group?.IpPermissions ?? []), ...(group?.IpPermissionsEgress ?? [])];
};

describe("security group", () => {
  test("it is named, and begins without AWS's rule that lets it reach everything", async () => {
    const given = { description: "Nodes", vpcId: vpc.id, tags: { Name: "nodes" } };
    const group = await EmulatedResource.create(GROUP, given);
    expect(group.state.name).toMatch(/^test-[0-9a-f]{8}-[0-9a-f]{7}$/);
    expect(await rulesOf(group.id)).toEqual([]);
    await group.update({ ...given, tags: { Name: "pods" } });
    expect(await group.diff({ ...given, tags: { Name: "pods" }, description: "Pods" })).toEqual([
      "update description!",
    ]);
    await group.delete();
  });

  test("the default one is taken over emptied, kept so, and left behind", async () => {
    const given = { vpcId: vpc.id, ingress: [], egress: [], tags: { Name: "unused" } };
    const Filters = [{ Name: "vpc-id", Values: [vpc.id] }];
    const { SecurityGroups } = await ec2.send(new DescribeSecurityGroupsCommand({ Filters }));
    const own = SecurityGroups?.find(({ GroupName }) => GroupName === "default");
    expect(await rulesOf(own?.GroupId ?? "")).toHaveLength(2);
    const group = await EmulatedResource.create(DEFAULT_GROUP, given);
    expect(group.id).toBe(own?.GroupId);
    expect(group.state).toMatchObject({ egress: [], ingress: [], tagsAll: { ...DEFAULT_TAGS, Name: "unused" } });
    expect(await rulesOf(group.id)).toEqual([]);

    const ports = { IpProtocol: "tcp", FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: "0.0.0.0/0" }] };
    await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: group.id, IpPermissions: [ports] }));
    await group.refresh();
    expect(group.state.ingress).toMatchObject([{ cidrBlocks: ["0.0.0.0/0"], fromPort: 22, protocol: "tcp" }]);
    expect(await group.diff(given)).toEqual(["delete ingress[0]"]);
    await group.update(given);
    expect(await rulesOf(group.id)).toEqual([]);
    await group.delete(true);
  });

  test("rules in line are refused", async () => {
    const rule = { protocol: "tcp", fromPort: 80, toPort: 80 };
    const refusals = [/^ingress\[0\]\.protocol: .* does not take "protocol"/, /fromPort/, /toPort/];
    expect(await faults(DEFAULT_GROUP, { vpcId: "vpc-1", ingress: [rule], egress: [] })).toEqual(
      refusals.map((refusal) => expect.stringMatching(refusal)),
    );
  });
});

describe("security group rule", () => {
  test("ports and range change in place, in AWS too; a source of another kind does not", async () => {
    const group = await createGroup();
    const given = { securityGroupId: group.id, ipProtocol: "tcp", fromPort: 80, toPort: 80, cidrIpv4: "0.0.0.0/0" };
    const rule = await EmulatedResource.create(INGRESS, { ...given, description: "Clients", tags: { Name: "http" } });
    expect(rule.id).toMatch(/^sgr-/);
    expect(rule.state).toMatchObject({ ...given, tagsAll: { ...DEFAULT_TAGS, Name: "http" } });
    await rule.update({ ...given, fromPort: 443, toPort: 443, cidrIpv4: "10.0.0.0/8", tags: { Name: "https" } });
    expect(await rulesOf(group.id)).toMatchObject([{ FromPort: 443, IpRanges: [{ CidrIp: "10.0.0.0/8" }] }]);

    const SecurityGroupRule = { IpProtocol: "tcp", FromPort: 22, ToPort: 443, CidrIpv4: "10.0.0.0/8" };
    const SecurityGroupRules = [{ SecurityGroupRuleId: rule.id, SecurityGroupRule }];
    await ec2.send(new ModifySecurityGroupRulesCommand({ GroupId: group.id, SecurityGroupRules }));
    await rule.refresh();
    expect(await rule.diff({ ...given, cidrIpv4: "10.0.0.0/8", tags: { Name: "https" } })).toEqual([
      "update fromPort",
      "update toPort",
    ]);
    const { cidrIpv4: _, ...ports } = given;
    await expect(rule.update({ ...ports, referencedSecurityGroupId: group.id })).rejects.toThrow(
      /may not modify the source type/,
    );
    await rule.delete();
    expect(await rulesOf(group.id)).toEqual([]);
    await group.delete();
  });

  test.each([INGRESS, EGRESS])("%s: another group is the other end, and a third one takes its place", async (token) => {
    const [group, other, third] = [await createGroup(), await createGroup(), await createGroup()];
    const given = { securityGroupId: group.id, ipProtocol: "tcp", fromPort: 30080, toPort: 30080 };
    const rule = await EmulatedResource.create(token, { ...given, referencedSecurityGroupId: other.id });
    expect(rule.state.referencedSecurityGroupId).toBe(other.id);
    await rule.update({ ...given, referencedSecurityGroupId: third.id });
    expect(await rulesOf(group.id)).toMatchObject([{ UserIdGroupPairs: [{ GroupId: third.id }] }]);
    for (const resource of [rule, third, other, group]) await resource.delete();
  });
});
