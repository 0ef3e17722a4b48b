import {
  DeleteListenerCommand,
  DeleteTargetGroupCommand,
  DescribeLoadBalancersCommand,
  ElasticLoadBalancingV2Client,
  ModifyLoadBalancerAttributesCommand,
  ModifyTargetGroupAttributesCommand,
  ModifyTargetGroupCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PropertyMap } from "../../providers/protocol/value.ts";
import { DEFAULT_TAGS, deleteAll, EmulatedResource, emulated, faults } from "./emulated-resource.ts";

const elb = emulated.client(ElasticLoadBalancingV2Client);

const BALANCER = "aws:lb/loadBalancer:LoadBalancer";
const TARGETS = "aws:lb/targetGroup:TargetGroup";
const LISTENER = "aws:lb/listener:Listener";

const beginGroup = (): Promise<EmulatedResource> =>
  EmulatedResource.create("aws:ec2/securityGroup:SecurityGroup", { description: "Test", vpcId: vpc.id });

let vpc: EmulatedResource;
let group: EmulatedResource;
let subnets: EmulatedResource[];
beforeAll(async () => {
  vpc = await EmulatedResource.create("aws:ec2/vpc:Vpc", { cidrBlock: "10.40.0.0/16" });
  group = await beginGroup();
  subnets = await Promise.all(
    ["a", "b", "c"].map((zone, index) =>
      EmulatedResource.create("aws:ec2/subnet:Subnet", {
        availabilityZone: `${emulated.region}${zone}`,
        cidrBlock: `10.40.${index}.0/24`,
        vpcId: vpc.id,
      }),
    ),
  );
});
afterAll(deleteAll);

const balancerIn = (places: EmulatedResource[], more: PropertyMap = {}): PropertyMap => ({
  securityGroups: [group.id],
  subnets: places.map(({ id }) => id),
  ...more,
});

describe("load balancer", () => {
  test("has a DNS name, and changes attributes, groups and subnets in place", async () => {
    const attributes = { desyncMitigationMode: "strictest", dropInvalidHeaderFields: true, idleTimeout: 120 };
    const given = balancerIn(subnets.slice(0, 2), { ...attributes, tags: { Name: "one" } });
    const balancer = await EmulatedResource.create(BALANCER, given);
    const name = String(balancer.state.name);
    expect(balancer.id).toMatch(new RegExp(`:loadbalancer/app/${name}/[0-9a-z]{16}$`));
    expect(balancer.state).toMatchObject({
      ...attributes,
      arn: balancer.id,
      arnSuffix: balancer.id.split(":loadbalancer/")[1],
      dnsName: expect.stringMatching(new RegExp(`^${name}-.*\\.${emulated.region}\\.elb\\.amazonaws\\.com$`)),
      tagsAll: { ...DEFAULT_TAGS, Name: "one" },
    });
    const other = await beginGroup();
    const more = { ...balancerIn(subnets), securityGroups: [other.id], enableDeletionProtection: true };
    await balancer.update(more);
    const { LoadBalancers } = await elb.send(new DescribeLoadBalancersCommand({ LoadBalancerArns: [balancer.id] }));
    expect(LoadBalancers?.[0]?.AvailabilityZones).toHaveLength(3);
    await expect(balancer.delete()).rejects.toThrow(/deletion protection/);
    const byHand = [
      { Key: "deletion_protection.enabled", Value: "false" },
      { Key: "idle_timeout.timeout_seconds", Value: "4000" },
    ];
    await elb.send(new ModifyLoadBalancerAttributesCommand({ LoadBalancerArn: balancer.id, Attributes: byHand }));
    await balancer.refresh();
    expect(await balancer.diff(more)).toEqual(["update enableDeletionProtection", "update idleTimeout"]);
    await balancer.delete();
    await other.delete();
  });

  test("refuses what the stand-in does not serve", async () => {
    const given = { loadBalancerType: "network", internal: true, subnets: [], securityGroups: [], ipamPools: [] };
    expect(await faults(BALANCER, given)).toEqual([
      expect.stringMatching(/^loadBalancerType: was "network"; the stand-in for the aws plugin takes application here/),
      expect.stringMatching(/^internal: was true/),
      expect.stringMatching(/^ipamPools: .* does not take "ipamPools"/),
    ]);
  });
});

describe("target group", () => {
  const check = { path: "/", matcher: "200-499", interval: 10, timeout: 5, healthyThreshold: 2, unhealthyThreshold: 3 };
  const given = (): PropertyMap => ({ port: 30080, protocol: "HTTP", vpcId: vpc.id, healthCheck: check });

  test("has the defaults of AWS", async () => {
    const targets = await EmulatedResource.create(TARGETS, { ...given(), healthCheck: {} });
    expect(targets.state).toMatchObject({
      arn: targets.id,
      deregistrationDelay: 300,
      healthCheck: { interval: 30, port: "traffic-port", protocol: "HTTP" },
      targetType: "instance",
    });
    await targets.delete();
  });

  test("changes delay and health check in place, but not the port", async () => {
    const all = { ...given(), deregistrationDelay: 0, tags: { Name: "http" } };
    const targets = await EmulatedResource.create(TARGETS, all);
    expect(targets.state).toMatchObject(all);
    const healthCheck = { path: "/ping", port: "8080", matcher: "200-299", timeout: 6 };
    await targets.update({ ...all, deregistrationDelay: 60, healthCheck, tags: { Name: "HTTP" } });
    await targets.update(all);
    const delay = [{ Key: "deregistration_delay.timeout_seconds", Value: "7" }];
    await elb.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn: targets.id, Attributes: delay }));
    await elb.send(new ModifyTargetGroupCommand({ TargetGroupArn: targets.id, HealthCheckIntervalSeconds: 15 }));
    await targets.refresh();
    expect(await targets.diff(all)).toEqual(["update deregistrationDelay", "update healthCheck.interval"]);
    expect(await targets.diff({ ...all, port: 30081 })).toContain("update port!");
    await targets.delete();
  });

  test("refuses other protocols", async () => {
    const tcp = { ...given(), protocol: "TCP", healthCheck: { protocol: "TCP" } };
    expect((await faults(TARGETS, tcp)).map((fault) => fault.split(" ")[0])).toEqual([
      "protocol:",
      "healthCheck.protocol:",
    ]);
  });
});

describe("listener", () => {
  const certificateArn = `arn:aws:acm:${emulated.region}:${emulated.accountId}:certificate/1`;
  const to = (targets: EmulatedResource): PropertyMap[] => [{ type: "forward", targetGroupArn: targets.id }];
  const targetsAt = (port: number): Promise<EmulatedResource> =>
    EmulatedResource.create(TARGETS, { port, protocol: "HTTP", vpcId: vpc.id, healthCheck: {} });

  test("redirects, forwards to another target group, and uses TLS with a certificate", async () => {
    const balancer = await EmulatedResource.create(BALANCER, balancerIn(subnets));
    const [one, two] = [await targetsAt(30080), await targetsAt(30081)];
    const given = { loadBalancerArn: balancer.id, port: 80, protocol: "HTTP" };
    const redirect = { port: "443", protocol: "HTTPS", statusCode: "HTTP_301" };
    const defaultActions = [{ type: "redirect", redirect }];
    const listener = await EmulatedResource.create(LISTENER, { ...given, defaultActions, tags: { Name: "http" } });
    expect(listener.state.defaultActions).toEqual(defaultActions);
    await listener.update({ ...given, defaultActions: to(one) });
    const early = elb.send(new DeleteTargetGroupCommand({ TargetGroupArn: one.id }));
    await expect(early).rejects.toThrow(/in use by a listener/);
    const tls = { ...given, port: 443, protocol: "HTTPS", certificateArn };
    const policy = { sslPolicy: "ELBSecurityPolicy-TLS13-1-2-Res-2021-06" };
    await listener.update({ ...tls, ...policy, defaultActions: to(two) });
    expect(listener.state).toMatchObject({ ...policy, certificateArn });
    await elb.send(new DeleteListenerCommand({ ListenerArn: listener.id }));
    expect(await listener.refresh()).toBe(false);
    for (const resource of [one, two, balancer]) await resource.delete();
  });

  test("is deleted with its load balancer", async () => {
    const balancer = await EmulatedResource.create(BALANCER, balancerIn(subnets));
    const targets = await targetsAt(30080);
    const given = { loadBalancerArn: balancer.id, port: 80, protocol: "HTTP", defaultActions: to(targets) };
    const listener = await EmulatedResource.create(LISTENER, given);
    await balancer.delete();
    expect(await listener.refresh()).toBe(false);
    await targets.delete();
  });

  test("refuses other actions", async () => {
    const given = { loadBalancerArn: "arn", port: 80, protocol: "HTTP", defaultActions: [{ type: "fixed-response" }] };
    expect(await faults(LISTENER, given)).toEqual([
      expect.stringMatching(/^defaultActions\[0\]\.type: was "fixed-response"; .* takes forward, redirect here/),
    ]);
  });
});
