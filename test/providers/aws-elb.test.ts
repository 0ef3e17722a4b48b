import {
  DeleteListenerCommand,
  DescribeLoadBalancersCommand,
  ElasticLoadBalancingV2Client,
  ModifyLoadBalancerAttributesCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PropertyMap } from "../../sandbox/providers/protocol/value.ts";
import { DEFAULT_TAGS, emulated, endAll, faults, Life } from "./aws-life.ts";

const elb = emulated.client(ElasticLoadBalancingV2Client);

const BALANCER = "aws:lb/loadBalancer:LoadBalancer";
const TARGETS = "aws:lb/targetGroup:TargetGroup";
const LISTENER = "aws:lb/listener:Listener";

let vpc: Life;
let group: Life;
let subnets: Life[];
beforeAll(async () => {
  vpc = await Life.begin("aws:ec2/vpc:Vpc", { cidrBlock: "10.40.0.0/16" });
  group = await Life.begin("aws:ec2/securityGroup:SecurityGroup", { vpcId: vpc.id });
  subnets = await Promise.all(
    ["a", "b", "c"].map((zone, index) =>
      Life.begin("aws:ec2/subnet:Subnet", {
        availabilityZone: `${emulated.region}${zone}`,
        cidrBlock: `10.40.${index}.0/24`,
        vpcId: vpc.id,
      }),
    ),
  );
});
afterAll(endAll);

const balancerOf = (places: Life[], more: PropertyMap = {}): PropertyMap => ({
  internal: false,
  loadBalancerType: "network",
  securityGroups: [group.id],
  subnets: places.map(({ id }) => id),
  ...more,
});

describe("load balancer", () => {
  test("it stands in its subnets' VPC and zones; attributes, groups and new subnets change in place", async () => {
    const [one, two] = [subnets.slice(0, 2), subnets];
    const given = balancerOf(one, { enableCrossZoneLoadBalancing: true, tags: { Name: "one" } });
    const balancer = await Life.begin(BALANCER, given);
    const name = String(balancer.state.name);
    expect(balancer.id).toMatch(new RegExp(`:loadbalancer/net/${name}/[0-9a-z]{16}$`));
    expect(balancer.state).toMatchObject({
      arn: balancer.id,
      arnSuffix: expect.stringMatching(new RegExp(`^net/${name}/`)),
      dnsName: expect.stringMatching(new RegExp(`^${name}-[0-9a-z]+\\.elb\\.${emulated.region}\\.amazonaws\\.com$`)),
      dnsRecordClientRoutingPolicy: "any_availability_zone",
      enforceSecurityGroupInboundRulesOnPrivateLinkTraffic: "on",
      ipAddressType: "ipv4",
      tagsAll: { ...DEFAULT_TAGS, Name: "one" },
      vpcId: vpc.id,
    });
    const more = balancerOf(two, { dnsRecordClientRoutingPolicy: "partial_availability_zone_affinity" });
    await balancer.change({ ...more, enableDeletionProtection: true });
    const { LoadBalancers } = await elb.send(new DescribeLoadBalancersCommand({ LoadBalancerArns: [balancer.id] }));
    expect(LoadBalancers?.[0]?.AvailabilityZones?.map(({ ZoneName }) => ZoneName).sort()).toEqual(
      ["a", "b", "c"].map((zone) => `${emulated.region}${zone}`),
    );
    await expect(balancer.end()).rejects.toThrow(/deletion protection/);
    const unprotected = [{ Key: "deletion_protection.enabled", Value: "false" }];
    await elb.send(new ModifyLoadBalancerAttributesCommand({ LoadBalancerArn: balancer.id, Attributes: unprotected }));
    await balancer.refresh();
    expect(await balancer.plan({ ...more, enableDeletionProtection: true })).toEqual([
      "update enableDeletionProtection",
    ]);
    await expect(balancer.change(given)).rejects.toThrow(/cannot leave subnet-.* replaceOnChanges: \["subnets"/);
    await expect(balancer.change({ ...more, securityGroups: [] })).rejects.toThrow(/cannot lose its last/);
    expect(await balancer.plan({ ...more, internal: true })).toEqual(["update internal!"]);
    await balancer.end();
  });

  test("an application load balancer has attributes of its own, and may leave subnets", async () => {
    const given = {
      ...balancerOf(subnets),
      loadBalancerType: "application",
      ...{ desyncMitigationMode: "strictest", dropInvalidHeaderFields: true, idleTimeout: 120 },
    };
    const balancer = await Life.begin(BALANCER, given);
    expect(balancer.id).toMatch(/:loadbalancer\/app\//);
    expect(balancer.state).toMatchObject({
      ...given,
      clientKeepAlive: 3600,
      dnsName: expect.stringMatching(new RegExp(`\\.${emulated.region}\\.elb\\.amazonaws\\.com$`)),
      enableHttp2: true,
      xffHeaderProcessingMode: "append",
    });
    const other = await Life.begin("aws:ec2/securityGroup:SecurityGroup", { vpcId: vpc.id });
    const places = subnets.slice(1).map(({ id }) => id);
    await balancer.change({
      ...given,
      ...{ enableHttp2: false, idleTimeout: 60, preserveHostHeader: true, xffHeaderProcessingMode: "preserve" },
      ...{ securityGroups: [other.id], subnets: places },
    });
    const timeout = [{ Key: "idle_timeout.timeout_seconds", Value: "4000" }];
    await elb.send(new ModifyLoadBalancerAttributesCommand({ LoadBalancerArn: balancer.id, Attributes: timeout }));
    await balancer.refresh();
    expect(await balancer.plan({ ...given, subnets: places, securityGroups: [other.id] })).toContain(
      "update idleTimeout",
    );
    await balancer.change({ ...given, accessLogs: { bucket: "logs", enabled: true, prefix: "lb" } });
    await balancer.change({ ...given, accessLogs: { bucket: "logs" } });
    await balancer.end();
    await other.end();
  });

  test("of a type that is served, with subnets", async () => {
    expect(await faults(BALANCER, { loadBalancerType: "gateway", subnets: [] })).toEqual([
      'loadBalancerType: was "gateway"; the stand-in for the aws plugin serves application and network',
    ]);
    expect(await faults(BALANCER, { loadBalancerType: "network" })).toEqual([
      "subnets: give exactly one of subnets, subnetMappings (given: none)",
    ]);
    expect(await faults(BALANCER, { subnets: [], ipamPools: [] })).toEqual([
      expect.stringMatching(/^ipamPools: .* does not take "ipamPools"/),
    ]);
  });
});

describe("listener", () => {
  test("it forwards, to another group when told so, by TLS when it has a certificate", async () => {
    const balancer = await Life.begin(BALANCER, balancerOf(subnets.slice(0, 1)));
    const [one, two] = await Promise.all(
      [30080, 30081].map((port) => Life.begin(TARGETS, { port, protocol: "TCP", vpcId: vpc.id })),
    );
    const to = (targets: Life | undefined): PropertyMap[] => [{ type: "forward", targetGroupArn: targets?.id ?? "" }];
    const given = { loadBalancerArn: balancer.id, port: 80, protocol: "TCP" };
    const listener = await Life.begin(LISTENER, { ...given, defaultActions: to(one), tags: { Name: "http" } });
    expect(listener.id).toMatch(/:listener\/net\//);
    expect(listener.state).toMatchObject({
      arn: listener.id,
      defaultActions: [{ order: 1, type: "forward", targetGroupArn: one?.id }],
      tcpIdleTimeoutSeconds: 350,
    });
    await one?.refresh();
    expect(one?.state.loadBalancerArns).toEqual([balancer.id]);
    await listener.change({ ...given, defaultActions: to(two), tcpIdleTimeoutSeconds: 600 });
    await one?.refresh();
    expect(one?.state.loadBalancerArns).toEqual([]);
    const tls = {
      ...{ loadBalancerArn: balancer.id, port: 443, protocol: "TLS", alpnPolicy: "HTTP2Preferred" },
      certificateArn: `arn:aws:acm:${emulated.region}:${emulated.accountId}:certificate/1`,
      sslPolicy: "ELBSecurityPolicy-TLS13-1-2-Res-2021-06",
    };
    await listener.change({ ...tls, defaultActions: to(two) });
    const targetGroups: PropertyMap[] = [{ arn: one?.id ?? "" }, { arn: two?.id ?? "", weight: 3 }];
    await listener.change({ ...tls, defaultActions: [{ type: "forward", forward: { targetGroups } }] });
    const single = { targetGroups: [{ arn: one?.id ?? "" }] };
    await listener.change({ ...tls, defaultActions: [{ type: "forward", forward: single }] });
    await elb.send(new DeleteListenerCommand({ ListenerArn: listener.id }));
    expect(await listener.refresh()).toBe(false);
    for (const life of [one, two, balancer]) await life?.end();
  });

  test("one of an application load balancer redirects, answers and serves HTTPS", async () => {
    const balancer = await Life.begin(BALANCER, { ...balancerOf(subnets), loadBalancerType: "application" });
    const targets = await Life.begin(TARGETS, { port: 30080, protocol: "HTTP", vpcId: vpc.id });
    const given = { loadBalancerArn: balancer.id, port: 80 };
    const redirect = { port: "443", protocol: "HTTPS", statusCode: "HTTP_301" };
    const listener = await Life.begin(LISTENER, { ...given, defaultActions: [{ type: "redirect", redirect }] });
    expect(listener.state).toMatchObject({
      defaultActions: [{ redirect: { ...redirect, host: "#{host}", path: "/#{path}", query: "#{query}" } }],
      protocol: "HTTP",
      routingHttpResponseServerEnabled: true,
    });
    const fixedResponse = { contentType: "text/plain", messageBody: "Later", statusCode: "503" };
    await listener.change({ ...given, defaultActions: [{ type: "fixed-response", fixedResponse }] });
    const hsts = { routingHttpResponseStrictTransportSecurityHeaderValue: "max-age=31536000" };
    const tls = { ...hsts, routingHttpResponseServerEnabled: false, port: 443, protocol: "HTTPS" };
    const certificateArn = `arn:aws:acm:${emulated.region}:${emulated.accountId}:certificate/1`;
    const defaultActions = [{ type: "forward", targetGroupArn: targets.id }];
    await listener.change({ ...given, ...tls, certificateArn, defaultActions });
    expect(listener.state).toMatchObject({ ...hsts, routingHttpResponseServerEnabled: false, certificateArn });
    for (const life of [listener, targets, balancer]) await life.end();
  });

  test("it goes with its load balancer", async () => {
    const balancer = await Life.begin(BALANCER, balancerOf(subnets.slice(0, 1)));
    const targets = await Life.begin(TARGETS, { port: 30080, protocol: "TCP", vpcId: vpc.id });
    const defaultActions = [{ type: "forward", targetGroupArn: targets.id }];
    const listener = await Life.begin(LISTENER, {
      loadBalancerArn: balancer.id,
      port: 80,
      protocol: "TCP",
      defaultActions,
    });
    await balancer.end();
    expect(await listener.refresh()).toBe(false);
    await targets.end();
  });

  test("other actions are refused, and those that lack what they are to do", async () => {
    const given = { loadBalancerArn: "arn:aws:elasticloadbalancing:", port: 80, protocol: "TCP" };
    const actions = [{ type: "authenticate-oidc" }, { type: "forward" }];
    expect(await faults(LISTENER, { ...given, defaultActions: actions })).toEqual([
      expect.stringMatching(
        /^defaultActions\[0\]\.type: was "authenticate-oidc"; .* serves fixed-response, forward, redirect$/,
      ),
      'defaultActions[1]: an action of type "forward" needs targetGroupArn or forward, and one of them',
    ]);
  });
});
