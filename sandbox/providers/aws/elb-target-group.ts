import {
  CreateTargetGroupCommand,
  DeleteTargetGroupCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client,
  ModifyTargetGroupAttributesCommand,
  ModifyTargetGroupCommand,
  type ProtocolEnum,
  type TargetGroup,
  type TargetGroupIpAddressTypeEnum,
  type TargetTypeEnum,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Plain } from "../protocol/value.ts";
import { type Attribute, type AttributeNames, fromAttributes, toAttributes } from "./elb-attributes.ts";
import { readTags, updateTags } from "./elb-tags.ts";
import { unlessGone } from "./errors.ts";
import { flag, items, number, object, requiredText, text, textMap } from "./props.ts";
import type { AwsContext, AwsResource, Props } from "./resource.ts";
import { untilTaken } from "./retry.ts";
import { tagList } from "./tag-changes.ts";

const NO_TARGET_GROUP = ["TargetGroupNotFoundException", "TargetGroupNotFound"];
/** Those of application and of network load balancers. */
const PROTOCOLS = ["HTTP", "HTTPS", "TCP", "TCP_UDP", "TLS", "UDP"];

const ATTRIBUTES: AttributeNames = {
  connectionTermination: ["deregistration_delay.connection_termination.enabled", "boolean"],
  deregistrationDelay: ["deregistration_delay.timeout_seconds", "number"],
  loadBalancingAlgorithmType: ["load_balancing.algorithm.type", "text"],
  loadBalancingAnomalyMitigation: ["load_balancing.algorithm.anomaly_mitigation", "text"],
  loadBalancingCrossZoneEnabled: ["load_balancing.cross_zone.enabled", "text"],
  preserveClientIp: ["preserve_client_ip.enabled", "text"],
  proxyProtocolV2: ["proxy_protocol_v2.enabled", "boolean"],
  slowStart: ["slow_start.duration_seconds", "number"],
};
/** Values by which nothing happens, as AWS has them anyway. */
const IDLE: Readonly<Record<string, Plain>> = { connectionTermination: false, proxyProtocolV2: false, slowStart: 0 };
const HEALTH_STATE: AttributeNames = {
  enableUnhealthyConnectionTermination: ["target_health_state.unhealthy.connection_termination.enabled", "boolean"],
  unhealthyDrainingInterval: ["target_health_state.unhealthy.draining_interval_seconds", "number"],
};
const STICKINESS: AttributeNames = {
  enabled: ["stickiness.enabled", "boolean"],
  type: ["stickiness.type", "text"],
};
/** By the type of stickiness, which says what each cookie is. */
const COOKIES: Readonly<Record<string, AttributeNames>> = {
  app_cookie: {
    cookieDuration: ["stickiness.app_cookie.duration_seconds", "number"],
    cookieName: ["stickiness.app_cookie.cookie_name", "text"],
  },
  lb_cookie: { cookieDuration: ["stickiness.lb_cookie.duration_seconds", "number"] },
};

/** `aws:lb/targetGroup:TargetGroup` of instances or addresses. */
const targetGroup: AwsResource = {
  inputs: {
    name: { computed: true, forcesNew: true },
    port: { required: true, forcesNew: true },
    protocol: { required: true, forcesNew: true },
    vpcId: { required: true, forcesNew: true },
    targetType: { default: "instance", forcesNew: true },
    ipAddressType: { computed: true, forcesNew: true },
    connectionTermination: { computed: true },
    deregistrationDelay: { default: 300 },
    healthCheck: {
      computed: true,
      fields: {
        enabled: { default: true },
        healthyThreshold: { default: 3 },
        interval: { default: 30 },
        matcher: { computed: true },
        path: { computed: true },
        port: { default: "traffic-port" },
        protocol: { default: "HTTP", same: (old, next) => upper(old) === upper(next) },
        timeout: { computed: true },
        unhealthyThreshold: { default: 3 },
      },
    },
    loadBalancingAlgorithmType: { computed: true },
    loadBalancingAnomalyMitigation: { computed: true },
    loadBalancingCrossZoneEnabled: { computed: true },
    preserveClientIp: { computed: true },
    protocolVersion: { computed: true, forcesNew: true },
    proxyProtocolV2: { default: false },
    slowStart: { default: 0 },
    stickiness: {
      computed: true,
      fields: {
        cookieDuration: { computed: true },
        cookieName: {},
        enabled: { default: true },
        type: { required: true },
      },
    },
    targetHealthStates: {
      computed: true,
      fields: {
        enableUnhealthyConnectionTermination: { required: true },
        unhealthyDrainingInterval: { default: 0 },
      },
    },
  },
  autonameLimit: 32,
  changing: ["loadBalancerArns"],
  tagged: true,
  validate: (props) => [...protocolFaults(props), ...healthCheckFaults(props)],
  async create(props, aws, op) {
    const made = await aws.client(ElasticLoadBalancingV2Client).send(
      new CreateTargetGroupCommand({
        Name: requiredText(props, "name"),
        Port: number(props, "port"),
        Protocol: text(props, "protocol") as ProtocolEnum | undefined,
        ProtocolVersion: text(props, "protocolVersion"),
        TargetType: text(props, "targetType") as TargetTypeEnum | undefined,
        IpAddressType: text(props, "ipAddressType") as TargetGroupIpAddressTypeEnum | undefined,
        VpcId: text(props, "vpcId"),
        Tags: tagList(textMap(props, "tagsAll")),
        ...healthCheckRequest(props),
      }),
    );
    const arn = made.TargetGroups?.[0]?.TargetGroupArn ?? "";
    op.made(arn);
    // AWS refuses an attribute that other protocols have, be it off.
    const given = Object.keys(props).filter((name) => props[name] !== IDLE[name]);
    await setAttributes(arn, props, given, aws);
    return arn;
  },
  async read(arn, _known, aws) {
    const found = await findTargetGroup(arn, aws);
    if (!found) return undefined;
    const call = new DescribeTargetGroupAttributesCommand({ TargetGroupArn: arn });
    const [{ Attributes }, tags] = await Promise.all([
      aws.client(ElasticLoadBalancingV2Client).send(call),
      readTags(arn, aws),
    ]);
    const healthState = fromAttributes(HEALTH_STATE, Attributes);
    return {
      ...fromAttributes(ATTRIBUTES, Attributes),
      arn,
      arnSuffix: arn.split(":").at(-1),
      healthCheck: {
        enabled: found.HealthCheckEnabled,
        healthyThreshold: found.HealthyThresholdCount,
        interval: found.HealthCheckIntervalSeconds,
        matcher: found.Matcher?.HttpCode ?? found.Matcher?.GrpcCode,
        path: found.HealthCheckPath,
        port: found.HealthCheckPort,
        protocol: found.HealthCheckProtocol,
        timeout: found.HealthCheckTimeoutSeconds,
        unhealthyThreshold: found.UnhealthyThresholdCount,
      },
      ipAddressType: found.IpAddressType,
      loadBalancerArns: found.LoadBalancerArns,
      name: found.TargetGroupName,
      port: found.Port,
      protocol: found.Protocol,
      protocolVersion: found.ProtocolVersion,
      stickiness: stickinessOutputs(Attributes),
      tags,
      targetHealthStates: Object.keys(healthState).length > 0 ? [healthState] : undefined,
      targetType: found.TargetType,
      vpcId: found.VpcId,
    };
  },
  async update(arn, props, old, changed, aws) {
    if (changed.has("healthCheck")) {
      const request = { TargetGroupArn: arn, ...healthCheckRequest(props) };
      await aws.client(ElasticLoadBalancingV2Client).send(new ModifyTargetGroupCommand(request));
    }
    await setAttributes(arn, props, changed, aws);
    await updateTags(arn, props, old, changed, aws);
  },
  async delete(arn, _props, aws, op) {
    const wait = { until: `no listener uses target group ${arn}`, timeoutSeconds: 120 };
    const passing = { again: ["ResourceInUseException", "ResourceInUse"], done: NO_TARGET_GROUP };
    await untilTaken(op, wait, passing, () =>
      aws.client(ElasticLoadBalancingV2Client).send(new DeleteTargetGroupCommand({ TargetGroupArn: arn })),
    );
  },
};

export const targetGroupResources: Record<string, AwsResource> = { "aws:lb/targetGroup:TargetGroup": targetGroup };

const upper = (value: Plain | undefined): string => String(value ?? "").toUpperCase();

function protocolFaults(props: Props): { property: string; reason: string }[] {
  const protocol = text(props, "protocol") ?? "";
  if (PROTOCOLS.includes(protocol)) return [];
  const reason = `was "${protocol}"; the stand-in for the aws plugin serves ${PROTOCOLS.join(", ")}`;
  return [{ property: "protocol", reason }];
}

/** A connection that is made is all that a TCP check asks for. */
function healthCheckFaults(props: Props): { property: string; reason: string }[] {
  const check = object(props, "healthCheck");
  if (!check || upper(check.protocol) !== "TCP") return [];
  return ["matcher", "path"]
    .filter((name) => text(check, name) !== undefined)
    .map((name) => ({ property: `healthCheck.${name}`, reason: 'conflicts with the check\'s protocol "TCP"' }));
}

function healthCheckRequest(props: Props) {
  const check = object(props, "healthCheck");
  if (!check) return {};
  const matcher = text(check, "matcher");
  const isGrpc = text(props, "protocolVersion") === "GRPC";
  return {
    HealthCheckEnabled: flag(check, "enabled"),
    HealthCheckIntervalSeconds: number(check, "interval"),
    HealthCheckPath: text(check, "path"),
    HealthCheckPort: String(check.port),
    HealthCheckProtocol: upper(check.protocol) as ProtocolEnum,
    HealthCheckTimeoutSeconds: number(check, "timeout"),
    HealthyThresholdCount: number(check, "healthyThreshold"),
    Matcher: matcher === undefined ? undefined : isGrpc ? { GrpcCode: matcher } : { HttpCode: matcher },
    UnhealthyThresholdCount: number(check, "unhealthyThreshold"),
  };
}

function stickinessNames(stickiness: Props | undefined): AttributeNames {
  return { ...STICKINESS, ...COOKIES[(stickiness && text(stickiness, "type")) ?? ""] };
}

function stickinessOutputs(attributes: Attribute[] | undefined): Props {
  return fromAttributes(stickinessNames(fromAttributes(STICKINESS, attributes)), attributes);
}

async function findTargetGroup(arn: string, aws: AwsContext): Promise<TargetGroup | undefined> {
  const call = new DescribeTargetGroupsCommand({ TargetGroupArns: [arn] });
  const found = unlessGone(aws.client(ElasticLoadBalancingV2Client).send(call), ...NO_TARGET_GROUP);
  return (await found)?.TargetGroups?.[0];
}

async function setAttributes(arn: string, props: Props, names: Iterable<string>, aws: AwsContext): Promise<void> {
  const given = [...names];
  const stickiness = object(props, "stickiness");
  const inside = (name: string, keys: AttributeNames, value: Props | undefined) =>
    given.includes(name) && value ? toAttributes(keys, value, Object.keys(keys)) : [];
  const Attributes = [
    ...toAttributes(ATTRIBUTES, props, given),
    ...inside("stickiness", stickinessNames(stickiness), stickiness),
    ...inside("targetHealthStates", HEALTH_STATE, items(props, "targetHealthStates")[0]),
  ];
  if (Attributes.length === 0) return;
  const call = new ModifyTargetGroupAttributesCommand({ TargetGroupArn: arn, Attributes });
  await aws.client(ElasticLoadBalancingV2Client).send(call);
}
