import {
  CreateLoadBalancerCommand,
  DeleteLoadBalancerCommand,
  DescribeLoadBalancerAttributesCommand,
  DescribeLoadBalancersCommand,
  ElasticLoadBalancingV2Client,
  type EnforceSecurityGroupInboundRulesOnPrivateLinkTrafficEnum,
  type IpAddressType,
  type LoadBalancer,
  ModifyLoadBalancerAttributesCommand,
  SetIpAddressTypeCommand,
  SetSecurityGroupsCommand,
  SetSubnetsCommand,
  type SubnetMapping,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Operation } from "../protocol/handler.ts";
import { type Attribute, type AttributeNames, fromAttributes, toAttributes } from "./elb-attributes.ts";
import { accessLogNames, attributeInputs, attributesOf, connectionLogNames } from "./elb-load-balancer-attributes.ts";
import { readTags, updateTags } from "./elb-tags.ts";
import { unlessGone } from "./errors.ts";
import { exactlyOne } from "./exactly-one.ts";
import { refuseInPlace } from "./in-place.ts";
import { flag, items, object, requiredText, text, textMap, texts } from "./props.ts";
import type { AwsContext, AwsResource, InputRule, Props } from "./resource.ts";
import { tagList } from "./tag-changes.ts";
import { waitFor } from "./wait.ts";

/** As with the official plugin, logs that the program does not speak of are left as they are. */
const logs: InputRule = {
  computed: true,
  fields: { bucket: { required: true }, enabled: { default: false }, prefix: {} },
};

/** `aws:lb/loadBalancer:LoadBalancer`, application or network. */
const loadBalancer: AwsResource = {
  inputs: {
    name: { computed: true, forcesNew: true },
    loadBalancerType: { default: "application", forcesNew: true },
    internal: { computed: true, forcesNew: true },
    ipAddressType: { computed: true },
    securityGroups: { computed: true, set: true },
    enforceSecurityGroupInboundRulesOnPrivateLinkTraffic: { computed: true },
    subnets: { computed: true, set: true },
    subnetMappings: {
      computed: true,
      set: true,
      fields: { subnetId: { required: true }, allocationId: {}, privateIpv4Address: {} },
    },
    accessLogs: logs,
    connectionLogs: logs,
    ...attributeInputs,
  },
  autonameLimit: 32,
  tagged: true,
  validate(props) {
    const type = text(props, "loadBalancerType") ?? "";
    if (type in attributesOf) return exactlyOne(props, ["subnets", "subnetMappings"]);
    const served = Object.keys(attributesOf).join(" and ");
    return [
      { property: "loadBalancerType", reason: `was "${type}"; the stand-in for the aws plugin serves ${served}` },
    ];
  },
  async create(props, aws, op) {
    const elb = aws.client(ElasticLoadBalancingV2Client);
    const made = await elb.send(
      new CreateLoadBalancerCommand({
        Name: requiredText(props, "name"),
        Type: typeOf(props),
        Scheme: flag(props, "internal") ? "internal" : undefined,
        IpAddressType: text(props, "ipAddressType") as IpAddressType | undefined,
        SecurityGroups: texts(props, "securityGroups"),
        SubnetMappings: mappings(props),
        Subnets: texts(props, "subnets"),
        Tags: tagList(textMap(props, "tagsAll")),
      }),
    );
    const arn = made.LoadBalancers?.[0]?.LoadBalancerArn ?? "";
    op.made(arn);
    await active(arn, aws, op);
    await setAttributes(arn, props, Object.keys(props), aws);
    if (text(props, "enforceSecurityGroupInboundRulesOnPrivateLinkTraffic")) await setSecurityGroups(arn, props, aws);
    await active(arn, aws, op);
    return arn;
  },
  async read(arn, known, aws) {
    const found = await findLoadBalancer(arn, aws);
    if (!found) return undefined;
    const call = new DescribeLoadBalancerAttributesCommand({ LoadBalancerArn: arn });
    const [{ Attributes }, tags] = await Promise.all([
      aws.client(ElasticLoadBalancingV2Client).send(call),
      readTags(arn, aws),
    ]);
    return {
      ...foreignAttributes(known, found.Type),
      ...fromAttributes(attributesOf[typeOf({ loadBalancerType: found.Type ?? "" })], Attributes),
      accessLogs: logOutputs(accessLogNames, Attributes, object(known, "accessLogs")),
      arn,
      arnSuffix: arn.split(":loadbalancer/")[1],
      connectionLogs:
        found.Type === "application"
          ? logOutputs(connectionLogNames, Attributes, object(known, "connectionLogs"))
          : undefined,
      dnsName: found.DNSName,
      enforceSecurityGroupInboundRulesOnPrivateLinkTraffic: found.EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic,
      internal: found.Scheme === "internal",
      ipAddressType: found.IpAddressType,
      loadBalancerType: found.Type,
      name: found.LoadBalancerName,
      securityGroups: found.SecurityGroups,
      subnetMappings: found.AvailabilityZones?.map(({ SubnetId, LoadBalancerAddresses: [address] = [] }) => ({
        allocationId: address?.AllocationId,
        privateIpv4Address: address?.PrivateIPv4Address,
        subnetId: SubnetId,
      })),
      subnets: found.AvailabilityZones?.map(({ SubnetId }) => SubnetId),
      tags,
      vpcId: found.VpcId,
      zoneId: found.CanonicalHostedZoneId,
    };
  },
  async update(arn, props, old, changed, aws, op) {
    const elb = aws.client(ElasticLoadBalancingV2Client);
    assertInPlace(props, old, changed);
    await setAttributes(arn, props, changed, aws);
    if (changed.has("securityGroups") || changed.has("enforceSecurityGroupInboundRulesOnPrivateLinkTraffic")) {
      await setSecurityGroups(arn, props, aws);
    }
    if (changed.has("subnets") || changed.has("subnetMappings")) {
      const request = { LoadBalancerArn: arn, SubnetMappings: mappings(props), Subnets: texts(props, "subnets") };
      await elb.send(new SetSubnetsCommand(request));
    }
    if (changed.has("ipAddressType")) {
      const type = text(props, "ipAddressType") as IpAddressType | undefined;
      await elb.send(new SetIpAddressTypeCommand({ LoadBalancerArn: arn, IpAddressType: type }));
    }
    await updateTags(arn, props, old, changed, aws);
    await active(arn, aws, op);
  },
  async delete(arn, _props, aws) {
    const call = aws.client(ElasticLoadBalancingV2Client).send(new DeleteLoadBalancerCommand({ LoadBalancerArn: arn }));
    await unlessGone(call, ...NO_LOAD_BALANCER);
  },
};

export const loadBalancerResources: Record<string, AwsResource> = { "aws:lb/loadBalancer:LoadBalancer": loadBalancer };

const NO_LOAD_BALANCER = ["LoadBalancerNotFoundException", "LoadBalancerNotFound"];

async function findLoadBalancer(arn: string, aws: AwsContext): Promise<LoadBalancer | undefined> {
  const call = new DescribeLoadBalancersCommand({ LoadBalancerArns: [arn] });
  const found = unlessGone(aws.client(ElasticLoadBalancingV2Client).send(call), ...NO_LOAD_BALANCER);
  return (await found)?.LoadBalancers?.[0];
}

async function active(arn: string, aws: AwsContext, op: Operation): Promise<void> {
  await waitFor(op, { until: `load balancer ${arn} is active`, timeoutSeconds: 600 }, async () => {
    const state = (await findLoadBalancer(arn, aws))?.State;
    if (state?.Code === "failed") throw new Error(`load balancer ${arn} failed: ${state.Reason}`);
    return state?.Code === "active" ? true : undefined;
  });
}

function typeOf(props: Props): "application" | "network" {
  return text(props, "loadBalancerType") === "network" ? "network" : "application";
}

/** Attributes of the other type as the program gives them: AWS has none. */
function foreignAttributes(known: Props, type: string | undefined): Props {
  const own = attributesOf[typeOf({ loadBalancerType: type ?? "" })];
  return Object.fromEntries(Object.entries(known).filter(([name]) => name in attributeInputs && !(name in own)));
}

async function setAttributes(arn: string, props: Props, names: Iterable<string>, aws: AwsContext): Promise<void> {
  const given = [...names];
  const Attributes = [
    ...toAttributes(attributesOf[typeOf(props)], props, given),
    ...(given.includes("accessLogs") ? logRequest(accessLogNames, object(props, "accessLogs")) : []),
    ...(given.includes("connectionLogs") ? logRequest(connectionLogNames, object(props, "connectionLogs")) : []),
  ];
  if (Attributes.length === 0) return;
  const call = new ModifyLoadBalancerAttributesCommand({ LoadBalancerArn: arn, Attributes });
  await aws.client(ElasticLoadBalancingV2Client).send(call);
}

function logRequest(names: AttributeNames, logs: Props | undefined): Attribute[] {
  if (!logs || !flag(logs, "enabled")) return toAttributes(names, { enabled: false }, ["enabled"]);
  return toAttributes(names, { prefix: "", ...logs }, Object.keys(names));
}

/** Where logs would go is of no account while they are off: it is told as it was given. */
function logOutputs(names: AttributeNames, attributes: Attribute[] | undefined, known: Props = {}): Props {
  const found = fromAttributes(names, attributes);
  return found.enabled === true ? found : { ...known, enabled: false };
}

async function setSecurityGroups(arn: string, props: Props, aws: AwsContext): Promise<void> {
  const enforce = text(props, "enforceSecurityGroupInboundRulesOnPrivateLinkTraffic");
  await aws.client(ElasticLoadBalancingV2Client).send(
    new SetSecurityGroupsCommand({
      LoadBalancerArn: arn,
      SecurityGroups: texts(props, "securityGroups") ?? [],
      EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic: enforce as
        | EnforceSecurityGroupInboundRulesOnPrivateLinkTrafficEnum
        | undefined,
    }),
  );
}

/** What a network load balancer keeps for life: its zones, once taken, and whether it has security groups. */
function assertInPlace(props: Props, old: Props, changed: ReadonlySet<string>): void {
  if (typeOf(props) !== "network") return;
  const next = [...(texts(props, "subnets") ?? []), ...items(props, "subnetMappings").map(({ subnetId }) => subnetId)];
  const left = texts(old, "subnets")?.filter((subnet) => !next.includes(subnet)) ?? [];
  if ((changed.has("subnets") || changed.has("subnetMappings")) && left.length > 0) {
    refuseInPlace(`a network load balancer cannot leave ${left.join(", ")}`, ["subnets", "subnetMappings"]);
  }
  const [before, after] = [old, props].map((each) => (texts(each, "securityGroups") ?? []).length > 0);
  if (changed.has("securityGroups") && before !== after) {
    refuseInPlace(`a network load balancer cannot ${after ? "get its first" : "lose its last"} security group`, [
      "securityGroups",
    ]);
  }
}

function mappings(props: Props): SubnetMapping[] | undefined {
  if (props.subnetMappings === undefined) return undefined;
  return items(props, "subnetMappings").map((mapping) => ({
    SubnetId: text(mapping, "subnetId"),
    AllocationId: text(mapping, "allocationId"),
    PrivateIPv4Address: text(mapping, "privateIpv4Address"),
  }));
}
