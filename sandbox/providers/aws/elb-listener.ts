import {
  type Action,
  type ActionTypeEnum,
  CreateListenerCommand,
  CreateTargetGroupCommand,
  DeleteListenerCommand,
  DeleteTargetGroupCommand,
  DescribeListenersCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  ModifyListenerCommand,
  ModifyTargetGroupAttributesCommand,
  ModifyTargetGroupCommand,
  type ProtocolEnum,
  type RedirectActionStatusCodeEnum,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { elb, elbTags, fromAttributes, readTags, toAttributes } from "./elb.ts";
import { unlessGone } from "./errors.ts";
import { items, number, object, requiredText, text, textMap } from "./props.ts";
import type { AwsContext, AwsResource, Props } from "./resource.ts";
import { tagList } from "./tags.ts";
import { untilTaken } from "./waiting.ts";

const NO_LISTENER = [
  "ListenerNotFoundException",
  "ListenerNotFound",
  "LoadBalancerNotFoundException",
  "LoadBalancerNotFound",
];

/** `aws:lb/listener:Listener` that forwards to one target group, or sends elsewhere. */
const listener: AwsResource = {
  inputs: {
    loadBalancerArn: { required: true, forcesNew: true },
    port: { required: true },
    protocol: { required: true, allowed: ["HTTP", "HTTPS"] },
    certificateArn: {},
    sslPolicy: { computed: true },
    defaultActions: {
      required: true,
      fields: {
        type: { required: true, allowed: ["forward", "redirect"] },
        targetGroupArn: {},
        redirect: { fields: { port: {}, protocol: {}, statusCode: { required: true } } },
      },
    },
  },
  tags: elbTags,
  async create(props, aws) {
    const request = {
      LoadBalancerArn: requiredText(props, "loadBalancerArn"),
      ...listenerRequest(props),
      Tags: tagList(textMap(props, "tagsAll")),
    };
    const made = await elb(aws).send(new CreateListenerCommand(request));
    return made.Listeners?.[0]?.ListenerArn ?? "";
  },
  async read(arn, _known, aws) {
    const call = elb(aws).send(new DescribeListenersCommand({ ListenerArns: [arn] }));
    const found = (await unlessGone(call, ...NO_LISTENER))?.Listeners?.[0];
    if (!found) return undefined;
    return {
      certificateArn: found.Certificates?.[0]?.CertificateArn,
      defaultActions: found.DefaultActions?.map(({ RedirectConfig: redirect, TargetGroupArn, Type }) => ({
        redirect: redirect && {
          port: redirect.Port,
          protocol: redirect.Protocol,
          statusCode: redirect.StatusCode,
        },
        targetGroupArn: TargetGroupArn,
        type: Type,
      })),
      loadBalancerArn: found.LoadBalancerArn,
      port: found.Port,
      protocol: found.Protocol,
      sslPolicy: found.SslPolicy,
      tags: await readTags(arn, aws),
    };
  },
  async update(arn, props, _old, _changed, aws) {
    const request = { ListenerArn: arn, ...listenerRequest(props) };
    await elb(aws).send(new ModifyListenerCommand(request));
  },
  async delete(arn, _props, aws) {
    const call = elb(aws).send(new DeleteListenerCommand({ ListenerArn: arn }));
    await unlessGone(call, ...NO_LISTENER);
  },
};

function listenerRequest(props: Props) {
  const certificate = text(props, "certificateArn");
  return {
    Certificates: certificate === undefined ? undefined : [{ CertificateArn: certificate }],
    DefaultActions: items(props, "defaultActions").map((action): Action => {
      const redirect = object(action, "redirect");
      return {
        Type: text(action, "type") as ActionTypeEnum,
        TargetGroupArn: text(action, "targetGroupArn"),
        RedirectConfig: redirect && {
          Port: text(redirect, "port"),
          Protocol: text(redirect, "protocol"),
          StatusCode: text(redirect, "statusCode") as RedirectActionStatusCodeEnum,
        },
      };
    }),
    Port: number(props, "port"),
    Protocol: text(props, "protocol") as ProtocolEnum,
    SslPolicy: text(props, "sslPolicy"),
  };
}

const NO_TARGET_GROUP = ["TargetGroupNotFoundException", "TargetGroupNotFound"];
const ATTRIBUTES = { deregistrationDelay: "deregistration_delay.timeout_seconds" };

/** `aws:lb/targetGroup:TargetGroup` of instances that are asked by HTTP. */
const targetGroup: AwsResource = {
  inputs: {
    name: { computed: true, forcesNew: true },
    port: { required: true, forcesNew: true },
    protocol: { required: true, allowed: ["HTTP"], forcesNew: true },
    vpcId: { required: true, forcesNew: true },
    targetType: { default: "instance", allowed: ["instance"], forcesNew: true },
    deregistrationDelay: { default: 300 },
    healthCheck: {
      required: true,
      fields: {
        healthyThreshold: { default: 3 },
        interval: { default: 30 },
        matcher: { computed: true },
        path: { computed: true },
        port: { default: "traffic-port" },
        protocol: { default: "HTTP", allowed: ["HTTP"] },
        timeout: { computed: true },
        unhealthyThreshold: { default: 3 },
      },
    },
  },
  autonameLimit: 32,
  tags: elbTags,
  async create(props, aws, op) {
    const made = await elb(aws).send(
      new CreateTargetGroupCommand({
        Name: requiredText(props, "name"),
        Port: number(props, "port"),
        Protocol: "HTTP",
        TargetType: "instance",
        VpcId: text(props, "vpcId"),
        Tags: tagList(textMap(props, "tagsAll")),
        ...healthCheckRequest(props),
      }),
    );
    const arn = made.TargetGroups?.[0]?.TargetGroupArn ?? "";
    op.made(arn);
    await setDelay(arn, props, aws);
    return arn;
  },
  async read(arn, _known, aws) {
    const call = elb(aws).send(new DescribeTargetGroupsCommand({ TargetGroupArns: [arn] }));
    const found = (await unlessGone(call, ...NO_TARGET_GROUP))?.TargetGroups?.[0];
    if (!found) return undefined;
    const { Attributes } = await elb(aws).send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn: arn }));
    return {
      ...fromAttributes(ATTRIBUTES, Attributes),
      arn,
      healthCheck: {
        healthyThreshold: found.HealthyThresholdCount,
        interval: found.HealthCheckIntervalSeconds,
        matcher: found.Matcher?.HttpCode,
        path: found.HealthCheckPath,
        port: found.HealthCheckPort,
        protocol: found.HealthCheckProtocol,
        timeout: found.HealthCheckTimeoutSeconds,
        unhealthyThreshold: found.UnhealthyThresholdCount,
      },
      name: found.TargetGroupName,
      port: found.Port,
      protocol: found.Protocol,
      tags: await readTags(arn, aws),
      targetType: found.TargetType,
      vpcId: found.VpcId,
    };
  },
  async update(arn, props, _old, changed, aws) {
    if (changed.has("healthCheck")) {
      const request = { TargetGroupArn: arn, ...healthCheckRequest(props) };
      await elb(aws).send(new ModifyTargetGroupCommand(request));
    }
    if (changed.has("deregistrationDelay")) await setDelay(arn, props, aws);
  },
  async delete(arn, _props, aws, op) {
    const again = ["ResourceInUseException", "ResourceInUse"];
    const wait = { until: `no listener uses target group ${arn}`, timeoutSeconds: 120, again, done: NO_TARGET_GROUP };
    await untilTaken(op, wait, () => elb(aws).send(new DeleteTargetGroupCommand({ TargetGroupArn: arn })));
  },
};

function healthCheckRequest(props: Props) {
  const check = object(props, "healthCheck") ?? {};
  const matcher = text(check, "matcher");
  return {
    HealthCheckIntervalSeconds: number(check, "interval"),
    HealthCheckPath: text(check, "path"),
    HealthCheckPort: String(check.port),
    HealthCheckProtocol: "HTTP" as const,
    HealthCheckTimeoutSeconds: number(check, "timeout"),
    HealthyThresholdCount: number(check, "healthyThreshold"),
    Matcher: matcher === undefined ? undefined : { HttpCode: matcher },
    UnhealthyThresholdCount: number(check, "unhealthyThreshold"),
  };
}

async function setDelay(arn: string, props: Props, aws: AwsContext): Promise<void> {
  const Attributes = toAttributes(ATTRIBUTES, props, Object.keys(ATTRIBUTES));
  const call = new ModifyTargetGroupAttributesCommand({ TargetGroupArn: arn, Attributes });
  await elb(aws).send(call);
}

export const listenerResources: Record<string, AwsResource> = {
  "aws:lb/listener:Listener": listener,
  "aws:lb/targetGroup:TargetGroup": targetGroup,
};
