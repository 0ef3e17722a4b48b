import {
  CreateLoadBalancerCommand,
  DeleteLoadBalancerCommand,
  DescribeLoadBalancerAttributesCommand,
  DescribeLoadBalancersCommand,
  type LoadBalancer,
  ModifyLoadBalancerAttributesCommand,
  SetSecurityGroupsCommand,
  SetSubnetsCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Operation } from "../protocol/handler.ts";
import { elb, elbTags, fromAttributes, readTags, toAttributes } from "./elb.ts";
import { unlessGone } from "./errors.ts";
import { requiredText, textMap, texts } from "./props.ts";
import type { AwsContext, AwsResource, Props } from "./resource.ts";
import { tagList } from "./tags.ts";
import { waitFor } from "./waiting.ts";

const NO_LOAD_BALANCER = ["LoadBalancerNotFoundException", "LoadBalancerNotFound"];

const ATTRIBUTES = {
  desyncMitigationMode: "routing.http.desync_mitigation_mode",
  dropInvalidHeaderFields: "routing.http.drop_invalid_header_fields.enabled",
  enableDeletionProtection: "deletion_protection.enabled",
  idleTimeout: "idle_timeout.timeout_seconds",
};

/** `aws:lb/loadBalancer:LoadBalancer`: an application load balancer that the Internet reaches. */
const loadBalancer: AwsResource = {
  inputs: {
    name: { computed: true, forcesNew: true },
    loadBalancerType: { default: "application", allowed: ["application"], forcesNew: true },
    internal: { default: false, allowed: [false], forcesNew: true },
    securityGroups: { required: true, set: true },
    subnets: { required: true, set: true },
    desyncMitigationMode: { default: "defensive" },
    dropInvalidHeaderFields: { default: false },
    enableDeletionProtection: { default: false },
    idleTimeout: { default: 60 },
  },
  autonameLimit: 32,
  tags: elbTags,
  async create(props, aws, op) {
    const made = await elb(aws).send(
      new CreateLoadBalancerCommand({
        Name: requiredText(props, "name"),
        Type: "application",
        SecurityGroups: texts(props, "securityGroups"),
        Subnets: texts(props, "subnets"),
        Tags: tagList(textMap(props, "tagsAll")),
      }),
    );
    const arn = made.LoadBalancers?.[0]?.LoadBalancerArn ?? "";
    op.made(arn);
    await active(arn, aws, op);
    await setAttributes(arn, props, Object.keys(props), aws);
    return arn;
  },
  async read(arn, _known, aws) {
    const found = await findLoadBalancer(arn, aws);
    if (!found) return undefined;
    const call = new DescribeLoadBalancerAttributesCommand({ LoadBalancerArn: arn });
    const { Attributes } = await elb(aws).send(call);
    return {
      ...fromAttributes(ATTRIBUTES, Attributes),
      arn,
      dnsName: found.DNSName,
      internal: found.Scheme === "internal",
      loadBalancerType: found.Type,
      name: found.LoadBalancerName,
      securityGroups: found.SecurityGroups,
      subnets: found.AvailabilityZones?.map(({ SubnetId }) => SubnetId),
      tags: await readTags(arn, aws),
    };
  },
  async update(arn, props, _old, changed, aws, op) {
    await setAttributes(arn, props, changed, aws);
    if (changed.has("securityGroups")) {
      const SecurityGroups = texts(props, "securityGroups");
      await elb(aws).send(new SetSecurityGroupsCommand({ LoadBalancerArn: arn, SecurityGroups }));
    }
    if (changed.has("subnets")) {
      await elb(aws).send(new SetSubnetsCommand({ LoadBalancerArn: arn, Subnets: texts(props, "subnets") }));
    }
    await active(arn, aws, op);
  },
  async delete(arn, _props, aws) {
    const call = elb(aws).send(new DeleteLoadBalancerCommand({ LoadBalancerArn: arn }));
    await unlessGone(call, ...NO_LOAD_BALANCER);
  },
};

export const loadBalancerResources: Record<string, AwsResource> = { "aws:lb/loadBalancer:LoadBalancer": loadBalancer };

async function findLoadBalancer(arn: string, aws: AwsContext): Promise<LoadBalancer | undefined> {
  const call = new DescribeLoadBalancersCommand({ LoadBalancerArns: [arn] });
  const found = unlessGone(elb(aws).send(call), ...NO_LOAD_BALANCER);
  return (await found)?.LoadBalancers?.[0];
}

async function active(arn: string, aws: AwsContext, op: Operation): Promise<void> {
  await waitFor(op, { until: `load balancer ${arn} is active`, timeoutSeconds: 600 }, async () => {
    const state = (await findLoadBalancer(arn, aws))?.State;
    if (state?.Code === "failed") throw new Error(`load balancer ${arn} failed: ${state.Reason}`);
    return state?.Code === "active" ? true : undefined;
  });
}

async function setAttributes(arn: string, props: Props, names: Iterable<string>, aws: AwsContext): Promise<void> {
  const Attributes = toAttributes(ATTRIBUTES, props, names);
  if (Attributes.length === 0) return;
  const call = new ModifyLoadBalancerAttributesCommand({ LoadBalancerArn: arn, Attributes });
  await elb(aws).send(call);
}
