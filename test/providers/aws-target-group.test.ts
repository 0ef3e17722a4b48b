import {
  ElasticLoadBalancingV2Client,
  ModifyTargetGroupAttributesCommand,
  ModifyTargetGroupCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { PropertyMap } from "../../sandbox/providers/protocol/value.ts";
import { emulated, endAll, faults, Life } from "./aws-life.ts";

const elb = emulated.client(ElasticLoadBalancingV2Client);
const TARGETS = "aws:lb/targetGroup:TargetGroup";

let vpc: Life;
beforeAll(async () => {
  vpc = await Life.begin("aws:ec2/vpc:Vpc", { cidrBlock: "10.41.0.0/16" });
});
afterAll(endAll);

const given = (): PropertyMap => ({ port: 30080, protocol: "TCP", vpcId: vpc.id });

test("what is left out is as AWS has it for TCP", async () => {
  const targets = await Life.begin(TARGETS, given());
  expect(targets.state).toMatchObject({
    arn: targets.id,
    arnSuffix: expect.stringMatching(/^targetgroup\/life-/),
    connectionTermination: false,
    deregistrationDelay: 300,
    healthCheck: { enabled: true, interval: 30, port: "traffic-port", protocol: "TCP" },
    ipAddressType: "ipv4",
    loadBalancingCrossZoneEnabled: "use_load_balancer_configuration",
    preserveClientIp: "true",
    proxyProtocolV2: false,
    stickiness: { enabled: false, type: "source_ip" },
    targetHealthStates: [{ enableUnhealthyConnectionTermination: true, unhealthyDrainingInterval: 0 }],
    targetType: "instance",
  });
  expect(targets.state.healthCheck).not.toHaveProperty("path");
  await targets.end();
});

test("attributes and health check change in place, port and protocol do not", async () => {
  const all = {
    ...given(),
    connectionTermination: true,
    deregistrationDelay: 30,
    healthCheck: { protocol: "TCP", interval: 10, timeout: 5, healthyThreshold: 2, unhealthyThreshold: 3 },
    preserveClientIp: "false",
    proxyProtocolV2: true,
    stickiness: { type: "source_ip" },
    targetHealthStates: [{ enableUnhealthyConnectionTermination: false, unhealthyDrainingInterval: 30 }],
    tags: { Name: "http" },
  };
  const targets = await Life.begin(TARGETS, all);
  expect(targets.state).toMatchObject(all);
  const http = { protocol: "HTTP", path: "/ping", port: "8080", matcher: "200-299", timeout: 6 };
  await targets.change({
    ...all,
    connectionTermination: false,
    deregistrationDelay: 60,
    healthCheck: http,
    proxyProtocolV2: false,
    stickiness: { enabled: false, type: "source_ip" },
    tags: { Name: "HTTP" },
  });
  await targets.change(all);
  const delay = [{ Key: "deregistration_delay.timeout_seconds", Value: "7" }];
  await elb.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn: targets.id, Attributes: delay }));
  await elb.send(new ModifyTargetGroupCommand({ TargetGroupArn: targets.id, HealthCheckIntervalSeconds: 15 }));
  await targets.refresh();
  expect(await targets.plan(all)).toEqual(["update deregistrationDelay", "update healthCheck.interval"]);
  expect(await targets.plan({ ...all, port: 30081, protocol: "TLS" })).toEqual(
    expect.arrayContaining(["update port!", "update protocol!"]),
  );
  await targets.end();
});

test("one of an application load balancer, which sticks by cookies", async () => {
  const all = {
    ...given(),
    protocol: "HTTP",
    deregistrationDelay: 0,
    healthCheck: { path: "/", matcher: "200-499", interval: 10, timeout: 5 },
    loadBalancingAlgorithmType: "least_outstanding_requests",
    slowStart: 30,
    stickiness: { type: "lb_cookie", cookieDuration: 3600 },
  };
  const targets = await Life.begin(TARGETS, all);
  expect(targets.state).toMatchObject({ ...all, protocolVersion: "HTTP1" });
  const stickiness = { type: "app_cookie", cookieName: "web", cookieDuration: 60 };
  await targets.change({ ...all, slowStart: 0, stickiness });
  expect(targets.state).toMatchObject({ slowStart: 0, stickiness });
  await targets.change({ ...all, stickiness: { type: "lb_cookie", enabled: false } });
  expect(await targets.plan({ ...all, protocolVersion: "HTTP2" })).toContain("update protocolVersion!");
  await targets.end();
});

test("those of gateways, and what a TCP check does not ask for, are refused", async () => {
  const check = { protocol: "tcp", path: "/", matcher: "200" };
  expect(await faults(TARGETS, { port: 80, protocol: "GENEVE", vpcId: "vpc-1", healthCheck: check })).toEqual([
    expect.stringMatching(/^protocol: was "GENEVE"; .* serves HTTP, HTTPS, TCP, TCP_UDP, TLS, UDP$/),
    expect.stringMatching(/^healthCheck\.matcher: conflicts/),
    expect.stringMatching(/^healthCheck\.path: conflicts/),
  ]);
});
