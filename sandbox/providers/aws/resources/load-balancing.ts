import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DeleteListenerCommand,
  DeleteLoadBalancerCommand,
  DeleteTargetGroupCommand,
  DescribeListenersCommand,
  DescribeLoadBalancerAttributesCommand,
  DescribeLoadBalancersCommand,
  DescribeTagsCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  ModifyListenerCommand,
  ModifyLoadBalancerAttributesCommand,
  ModifyTargetGroupAttributesCommand,
  ModifyTargetGroupCommand,
  SetSecurityGroupsCommand,
  SetSubnetsCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { type Change, declared } from "../declared-resource.ts";
import { at, type Message } from "../mapping.ts";
import type { AwsResource, InputRule } from "../resource.ts";
import { loadBalancing } from "../services.ts";

const fixed = { required: true, forcesNew: true } as const;

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
    return { ...found, ...Object.fromEntries(members), Tags: at(found, "TagDescriptions[0].Tags") };
  };

const tagsOf = (arn: string) => new DescribeTagsCommand({ ResourceArns: [arn] });
const arn = (_found: Message, id: string): string => id;

const BALANCER_ATTRIBUTES = {
  desyncMitigationMode: "routing.http.desync_mitigation_mode",
  dropInvalidHeaderFields: "routing.http.drop_invalid_header_fields.enabled",
  enableDeletionProtection: "deletion_protection.enabled",
  idleTimeout: "idle_timeout.timeout_seconds",
};

/** An application load balancer that the Internet reaches. */
const loadBalancer = declared({
  service: loadBalancing,
  tagged: "",
  autonameLimit: 32,
  identity: "LoadBalancerArn",
  gone: ["LoadBalancerNotFoundException", "LoadBalancerNotFound"],
  inputs: {
    name: { computed: true, forcesNew: true, read: "LoadBalancerName" },
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
  outputs: { arn, dnsName: "DNSName" },
  create: { command: CreateLoadBalancerCommand },
  id: "LoadBalancers[0].LoadBalancerArn",
  read: {
    command: DescribeLoadBalancersCommand,
    by: "LoadBalancerArns[0]",
    found: "LoadBalancers",
    more: (_, LoadBalancerArn) => [
      new DescribeLoadBalancerAttributesCommand({ LoadBalancerArn }),
      tagsOf(LoadBalancerArn),
    ],
    adapt: adapt(BALANCER_ATTRIBUTES),
  },
  update: [
    {
      on: Object.keys(BALANCER_ATTRIBUTES),
      calls: (change) => [
        new ModifyLoadBalancerAttributesCommand({
          LoadBalancerArn: change.id,
          Attributes: changedAttributes(BALANCER_ATTRIBUTES, change),
        }),
      ],
    },
    { on: ["securityGroups"], command: SetSecurityGroupsCommand },
    { on: ["subnets"], command: SetSubnetsCommand },
  ],
  delete: { command: DeleteLoadBalancerCommand },
  states: {
    noun: "load balancer",
    at: "State.Code",
    ready: "active",
    reason: (found) => String(at(found, "State.Reason")),
    seconds: { create: 600, update: 600 },
  },
});

/** Forwards to one target group, or redirects. */
const listener = declared({
  service: loadBalancing,
  tagged: "",
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
  create: { command: CreateListenerCommand },
  id: "Listeners[0].ListenerArn",
  read: {
    command: DescribeListenersCommand,
    by: "ListenerArns[0]",
    found: "Listeners",
    more: (_, id) => [tagsOf(id)],
    adapt: adapt({}),
  },
  update: [{ command: ModifyListenerCommand }],
  delete: { command: DeleteListenerCommand },
});

const TARGET_ATTRIBUTES = { deregistrationDelay: "deregistration_delay.timeout_seconds" };

/** Instances whose health is checked by HTTP. */
const targetGroup = declared({
  service: loadBalancing,
  tagged: "",
  autonameLimit: 32,
  identity: "TargetGroupArn",
  gone: ["TargetGroupNotFoundException", "TargetGroupNotFound"],
  inputs: {
    name: { computed: true, forcesNew: true, read: "TargetGroupName" },
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
  outputs: { arn },
  create: { command: CreateTargetGroupCommand },
  id: "TargetGroups[0].TargetGroupArn",
  read: {
    command: DescribeTargetGroupsCommand,
    by: "TargetGroupArns[0]",
    found: "TargetGroups",
    more: (_, TargetGroupArn) => [new DescribeTargetGroupAttributesCommand({ TargetGroupArn }), tagsOf(TargetGroupArn)],
    adapt: adapt(TARGET_ATTRIBUTES),
  },
  update: [
    { on: ["healthCheck"], command: ModifyTargetGroupCommand },
    {
      on: Object.keys(TARGET_ATTRIBUTES),
      calls: (change) => [
        new ModifyTargetGroupAttributesCommand({
          TargetGroupArn: change.id,
          Attributes: changedAttributes(TARGET_ATTRIBUTES, change),
        }),
      ],
    },
  ],
  delete: {
    command: DeleteTargetGroupCommand,
    retry: { until: "nothing uses target group", seconds: 120, codes: ["ResourceInUseException", "ResourceInUse"] },
  },
});

export const loadBalancingResources: Record<string, AwsResource> = {
  "aws:lb/loadBalancer:LoadBalancer": loadBalancer,
  "aws:lb/listener:Listener": listener,
  "aws:lb/targetGroup:TargetGroup": targetGroup,
};
