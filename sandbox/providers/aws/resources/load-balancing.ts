import * as elb from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Change } from "../declaration.ts";
import { declared } from "../declared-resource.ts";
import { fixed, type InputRule } from "../input-rule.ts";
import { type Message, valueAt } from "../mapping.ts";
import type { AwsResource } from "../resource.ts";
import { elbService } from "../services.ts";

/** Attributes of a load balancer or target group, which the API has as texts: the name of each by its property. */
type Attributes = Readonly<Record<string, string>>;

/** The rules of attributes, which a call of their own sets. */
function attributeRules(attributes: Attributes, defaults: Readonly<Record<string, string | number | boolean>>) {
  return Object.fromEntries(
    Object.keys(attributes).map((name): [string, InputRule] => [
      name,
      { default: defaults[name], sent: "later", read: name },
    ]),
  );
}

const changedAttributes = (attributes: Attributes, { props, changed }: Change): { Key: string; Value: string }[] =>
  Object.entries(attributes).flatMap(([name, Key]) =>
    changed.has(name) && props[name] !== undefined ? [{ Key, Value: String(props[name]) }] : [],
  );

/** What was found with its attributes as members, and its tags. */
const adapt =
  (attributes: Attributes) =>
  (found: Message): Message => {
    const list = (found.Attributes ?? []) as { Key?: string; Value?: string }[];
    const members = Object.entries(attributes).map(([name, key]) => {
      const value = list.find(({ Key }) => Key === key)?.Value ?? "";
      return [name, /^(true|false|\d+)$/.test(value) ? (JSON.parse(value) as boolean | number) : value];
    });
    return { ...found, ...Object.fromEntries(members), Tags: valueAt(found, "TagDescriptions[0].Tags") };
  };

const tagsOf = (arn: string) => new elb.DescribeTagsCommand({ ResourceArns: [arn] });
const arn = (_found: Message, id: string): string => id;
/** As CloudWatch's dimensions have it: `app/…` of a load balancer, `targetgroup/…` of a target group. */
const arnSuffix = (_found: Message, id: string): string =>
  id
    .split(":")
    .slice(5)
    .join(":")
    .replace(/^loadbalancer\//, "");

const BALANCER_ATTRIBUTES = {
  desyncMitigationMode: "routing.http.desync_mitigation_mode",
  dropInvalidHeaderFields: "routing.http.drop_invalid_header_fields.enabled",
  enableDeletionProtection: "deletion_protection.enabled",
  idleTimeout: "idle_timeout.timeout_seconds",
};

/** An application load balancer that the Internet reaches. */
const loadBalancer = declared(elbService, {
  tagged: true,
  autonameLimit: 32,
  identity: "LoadBalancerArn",
  gone: ["LoadBalancerNotFoundException", "LoadBalancerNotFound"],
  inputs: {
    name: { forcesNew: true, computed: true, read: "LoadBalancerName" },
    loadBalancerType: { default: "application", allowed: ["application"], forcesNew: true, api: "Type" },
    internal: {
      default: false,
      allowed: [false],
      forcesNew: true,
      sent: "never",
      read: "Scheme",
      parse: (scheme) => scheme === "internal",
    },
    securityGroups: { required: true, set: true },
    subnets: { required: true, set: true, read: "AvailabilityZones[].SubnetId" },
    ...attributeRules(BALANCER_ATTRIBUTES, {
      desyncMitigationMode: "defensive",
      dropInvalidHeaderFields: false,
      enableDeletionProtection: false,
      idleTimeout: 60,
    }),
  },
  outputs: { arn, arnSuffix, dnsName: "DNSName" },
  create: elb.CreateLoadBalancerCommand,
  id: "LoadBalancers[0].LoadBalancerArn",
  read: {
    command: elb.DescribeLoadBalancersCommand,
    by: "LoadBalancerArns[0]",
    found: "LoadBalancers",
    more: (_, LoadBalancerArn) => [
      new elb.DescribeLoadBalancerAttributesCommand({ LoadBalancerArn }),
      tagsOf(LoadBalancerArn),
    ],
    adapt: adapt(BALANCER_ATTRIBUTES),
  },
  update: [
    {
      on: Object.keys(BALANCER_ATTRIBUTES),
      calls: (change) => [
        new elb.ModifyLoadBalancerAttributesCommand({
          LoadBalancerArn: change.id,
          Attributes: changedAttributes(BALANCER_ATTRIBUTES, change),
        }),
      ],
    },
    { on: ["securityGroups"], command: elb.SetSecurityGroupsCommand },
    { on: ["subnets"], command: elb.SetSubnetsCommand },
  ],
  delete: elb.DeleteLoadBalancerCommand,
  states: {
    noun: "load balancer",
    at: "State.Code",
    ready: "active",
    reason: (found) => String(valueAt(found, "State.Reason")),
    seconds: { create: 600, update: 600 },
  },
});

/** Forwards to one target group, or redirects. */
const listener = declared(elbService, {
  tagged: true,
  identity: "ListenerArn",
  gone: ["ListenerNotFoundException", "ListenerNotFound", "LoadBalancerNotFoundException", "LoadBalancerNotFound"],
  inputs: {
    loadBalancerArn: fixed,
    port: { required: true },
    protocol: { required: true, allowed: ["HTTP", "HTTPS"] },
    certificateArn: { api: "Certificates[0].CertificateArn" },
    sslPolicy: { computed: true },
    defaultActions: {
      required: true,
      fields: {
        type: { required: true, allowed: ["forward", "redirect"] },
        targetGroupArn: {},
        redirect: { api: "RedirectConfig", fields: { port: {}, protocol: {}, statusCode: { required: true } } },
      },
    },
  },
  create: elb.CreateListenerCommand,
  id: "Listeners[0].ListenerArn",
  read: {
    command: elb.DescribeListenersCommand,
    by: "ListenerArns[0]",
    found: "Listeners",
    more: (_, id) => [tagsOf(id)],
    adapt: adapt({}),
  },
  update: [
    {
      on: ["port", "protocol", "certificateArn", "sslPolicy", "defaultActions"],
      command: elb.ModifyListenerCommand,
    },
  ],
  delete: elb.DeleteListenerCommand,
});

const TARGET_ATTRIBUTES = { deregistrationDelay: "deregistration_delay.timeout_seconds" };

/** Instances whose health is checked by HTTP. */
const targetGroup = declared(elbService, {
  tagged: true,
  autonameLimit: 32,
  identity: "TargetGroupArn",
  gone: ["TargetGroupNotFoundException", "TargetGroupNotFound"],
  inputs: {
    name: { forcesNew: true, computed: true, read: "TargetGroupName" },
    port: fixed,
    protocol: { ...fixed, allowed: ["HTTP"] },
    vpcId: fixed,
    targetType: { default: "instance", allowed: ["instance"], forcesNew: true },
    ...attributeRules(TARGET_ATTRIBUTES, { deregistrationDelay: 300 }),
    healthCheck: {
      required: true,
      api: "",
      fields: {
        healthyThreshold: { default: 3, api: "HealthyThresholdCount" },
        interval: { default: 30, api: "HealthCheckIntervalSeconds" },
        matcher: { computed: true, api: "Matcher.HttpCode" },
        path: { computed: true, api: "HealthCheckPath" },
        port: { default: "traffic-port", api: "HealthCheckPort" },
        protocol: { default: "HTTP", allowed: ["HTTP"], api: "HealthCheckProtocol" },
        timeout: { computed: true, api: "HealthCheckTimeoutSeconds" },
        unhealthyThreshold: { default: 3, api: "UnhealthyThresholdCount" },
      },
    },
  },
  outputs: { arn, arnSuffix },
  create: elb.CreateTargetGroupCommand,
  id: "TargetGroups[0].TargetGroupArn",
  read: {
    command: elb.DescribeTargetGroupsCommand,
    by: "TargetGroupArns[0]",
    found: "TargetGroups",
    more: (_, TargetGroupArn) => [
      new elb.DescribeTargetGroupAttributesCommand({ TargetGroupArn }),
      tagsOf(TargetGroupArn),
    ],
    adapt: adapt(TARGET_ATTRIBUTES),
  },
  update: [
    { on: ["healthCheck"], command: elb.ModifyTargetGroupCommand },
    {
      on: Object.keys(TARGET_ATTRIBUTES),
      calls: (change) => [
        new elb.ModifyTargetGroupAttributesCommand({
          TargetGroupArn: change.id,
          Attributes: changedAttributes(TARGET_ATTRIBUTES, change),
        }),
      ],
    },
  ],
  delete: {
    command: elb.DeleteTargetGroupCommand,
    retry: { until: "nothing uses target group", seconds: 120, codes: ["ResourceInUseException", "ResourceInUse"] },
  },
});

export const loadBalancingResources: Record<string, AwsResource> = {
  "aws:lb/loadBalancer:LoadBalancer": loadBalancer,
  "aws:lb/listener:Listener": listener,
  "aws:lb/targetGroup:TargetGroup": targetGroup,
};
