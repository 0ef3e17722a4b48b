import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { LoadBalancer, type LoadBalancerArgs } from "../../../../components/aws/network/load-balancer.ts";
import { loadBalancerOf } from "../../../config/settings.ts";
import { Declarations, resolved } from "../declared.ts";

const INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule";
const EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule";
const GROUP = "aws:ec2/securityGroup:SecurityGroup";
const BALANCER = "aws:lb/loadBalancer:LoadBalancer";
const TARGETS = "aws:lb/targetGroup:TargetGroup";
const LISTENER = "aws:lb/listener:Listener";
const ATTACHMENT = "aws:autoscaling/attachment:Attachment";
const certificateArn = "arn:aws:acm:eu-west-1:111122223333:certificate/1";

const answers = {
  [BALANCER]: () => ({ arn: "balancer-arn", dnsName: "shop.elb.eu-west-1.amazonaws.com" }),
  [TARGETS]: ({ port }: Record<string, unknown>) => ({ arn: `targets-${port}-arn` }),
};

async function declare(args: Partial<LoadBalancerArgs> = {}, name = "shop") {
  const declarations = await Declarations.begin({ answers });
  const balancer = new LoadBalancer(
    name,
    {
      network: { vpcId: "vpc-0a", publicSubnetIds: ["subnet-1", "subnet-2"] },
      config: loadBalancerOf(),
      nodePort: 30080,
      nodeSecurityGroupId: "sg-nodes",
      autoScalingGroupName: "nodes",
      protect: "none",
      ...args,
    },
    declarations.opts,
  );
  await declarations.settle();
  return { declarations, balancer };
}

describe("LoadBalancer", () => {
  it("is internet-facing and has its own security group", async () => {
    const { declarations, balancer } = await declare();
    expect(declarations.one(BALANCER, "lb-shop").inputs).toMatchObject({
      loadBalancerType: "application",
      internal: false,
      dropInvalidHeaderFields: true,
      desyncMitigationMode: "strictest",
      idleTimeout: 60,
      subnets: ["subnet-1", "subnet-2"],
      securityGroups: ["shop-load-balancer-id"],
    });
    expect(declarations.one(GROUP, "shop-load-balancer").inputs).toMatchObject({ vpcId: "vpc-0a" });
    expect(declarations.one(GROUP, "shop-load-balancer").inputs).not.toHaveProperty("egress");
    expect(await resolved(balancer.dnsName)).toBe("shop.elb.eu-west-1.amazonaws.com");
  });

  it("has deletion protection in a protected environment", async () => {
    for (const [protect, kept] of [
      ["data", true],
      ["none", false],
    ] as const) {
      const { inputs, opts } = (await declare({ protect })).declarations.one(BALANCER, "lb-shop");
      expect(inputs).toMatchObject({ enableDeletionProtection: kept });
      expect(opts.protect).toBe(kept);
    }
  });

  it("has no fixed name, so that a replacement exists before it is deleted", async () => {
    const { declarations } = await declare();
    expect(declarations.one(BALANCER, "lb-shop").inputs).not.toHaveProperty("name");
    expect(declarations.one(TARGETS, "http-shop").inputs).not.toHaveProperty("name");
  });

  it("has names short enough for Pulumi's suffix that do not start with internal-", async () => {
    const { declarations } = await declare(
      { config: loadBalancerOf({ certificateArn }) },
      "internal-a23456789-123456-with-a-long-name",
    );
    const names = [...declarations.named(BALANCER), ...declarations.named(TARGETS)];
    expect(names).toEqual(["lb-internal-a23456789-12", "http-internal-a23456789"]);
  });

  it("serves only HTTP to everyone without a certificate", async () => {
    const { declarations } = await declare();
    expect(declarations.named(LISTENER)).toEqual(["shop-http"]);
    expect(declarations.one(LISTENER, "shop-http").inputs).toEqual({
      loadBalancerArn: "balancer-arn",
      port: 80,
      protocol: "HTTP",
      defaultActions: [{ type: "forward", targetGroupArn: "targets-30080-arn" }],
    });
    expect(declarations.named(INGRESS)).toEqual(["shop-from-0.0.0.0-0-to-80", "shop-to-nodes"]);
    expect(declarations.one(INGRESS, "shop-from-0.0.0.0-0-to-80").inputs).toMatchObject({
      securityGroupId: "shop-load-balancer-id",
      cidrIpv4: "0.0.0.0/0",
      ipProtocol: "tcp",
      fromPort: 80,
      toPort: 80,
    });
  });

  it("allows only the clients in the config", async () => {
    const { declarations } = await declare({
      config: loadBalancerOf({ certificateArn, allowCidrs: ["203.0.113.0/24", "198.51.100.7/32"] }),
    });
    const rules = declarations.all
      .filter(({ type, inputs }) => type === INGRESS && inputs.securityGroupId === "shop-load-balancer-id")
      .map(({ inputs }) => `${inputs.cidrIpv4} ${inputs.fromPort}-${inputs.toPort}`);
    expect(rules.sort()).toEqual([
      "198.51.100.7/32 443-443",
      "198.51.100.7/32 80-80",
      "203.0.113.0/24 443-443",
      "203.0.113.0/24 80-80",
    ]);
  });

  it("reaches only the node port of the nodes", async () => {
    const { declarations } = await declare();
    const rule = { ipProtocol: "tcp", fromPort: 30080, toPort: 30080 };
    expect(declarations.named(EGRESS)).toEqual(["shop-to-nodes"]);
    expect(declarations.one(EGRESS, "shop-to-nodes").inputs).toMatchObject({
      ...rule,
      securityGroupId: "shop-load-balancer-id",
      referencedSecurityGroupId: "sg-nodes",
    });
    expect(declarations.one(INGRESS, "shop-to-nodes").inputs).toMatchObject({
      ...rule,
      securityGroupId: "sg-nodes",
      referencedSecurityGroupId: "shop-load-balancer-id",
    });
  });

  it("treats Traefik's 404 as healthy", async () => {
    const { declarations } = await declare();
    expect(declarations.one(TARGETS, "http-shop").inputs).toMatchObject({
      vpcId: "vpc-0a",
      targetType: "instance",
      port: 30080,
      protocol: "HTTP",
      healthCheck: { protocol: "HTTP", port: "traffic-port", path: "/", matcher: "200-499", unhealthyThreshold: 3 },
    });
  });

  it("gives a deregistered node time to finish its requests", async () => {
    const targets = async (config: Parameters<typeof loadBalancerOf>[0] = {}) =>
      (await declare({ config: loadBalancerOf(config) })).declarations.one(TARGETS, "http-shop").inputs;
    expect(await targets()).toMatchObject({ deregistrationDelay: 30 });
    expect(await targets({ deregistrationSeconds: 300 })).toMatchObject({ deregistrationDelay: 300 });
  });

  it("closes idle connections before Traefik does", async () => {
    const { declarations } = await declare();
    const { timeouts } = parse(readFileSync("charts/traefik/values.yaml", "utf8"));
    const { idleTimeout } = declarations.one(BALANCER, "lb-shop").inputs;
    expect(idleTimeout).toBeLessThan(Number.parseInt(timeouts.idle, 10));
  });

  it("has the Auto Scaling group's instances as targets", async () => {
    const { declarations } = await declare();
    expect(declarations.one(ATTACHMENT, "shop").inputs).toEqual({
      autoscalingGroupName: "nodes",
      lbTargetGroupArn: "targets-30080-arn",
    });
  });

  it("serves HTTPS with a certificate and redirects HTTP to it", async () => {
    const { declarations } = await declare({ config: loadBalancerOf({ certificateArn }) });
    expect(declarations.one(LISTENER, "shop-https").inputs).toEqual({
      loadBalancerArn: "balancer-arn",
      port: 443,
      protocol: "HTTPS",
      certificateArn,
      sslPolicy: "ELBSecurityPolicy-TLS13-1-2-Res-2021-06",
      defaultActions: [{ type: "forward", targetGroupArn: "targets-30080-arn" }],
    });
    expect(declarations.one(LISTENER, "shop-http").inputs).toMatchObject({
      defaultActions: [{ type: "redirect", redirect: { protocol: "HTTPS", port: "443", statusCode: "HTTP_301" } }],
    });
  });
});
