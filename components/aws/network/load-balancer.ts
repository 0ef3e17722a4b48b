import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { LOAD_BALANCER, type LoadBalancerConfig } from "../../../config/index.ts";

const HTTP_PORT = 80;
const HTTPS_PORT = 443;
/** TLS 1.3 and 1.2, forward secrecy and authenticated encryption only. https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html */
const TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-Res-2021-06";
/** AWS allows 32 characters for the name of a load balancer or target group; Pulumi's auto-naming takes eight of them. */
const MAX_NAME_LENGTH = 32 - 8;

export interface LoadBalancerArgs {
  network: { vpcId: pulumi.Input<string>; publicSubnetIds: pulumi.Input<pulumi.Input<string>[]> };
  config: LoadBalancerConfig;
  /** Port on every node that forwards to the ingress controller. */
  nodePort: number;
  /** Security group of the nodes, which gets a rule for the load balancer. */
  nodeSecurityGroupId: pulumi.Input<string>;
  /** Auto Scaling group whose instances are the targets. */
  autoScalingGroupName: pulumi.Input<string>;
  /** data: nobody deletes it, by an update or in the console, and so its DNS name stays. */
  protect: "data" | "none";
}

/**
 * Internet-facing Application Load Balancer in front of the ingress controller's node port. With a certificate it serves HTTPS
 * and redirects HTTP to it. Why it is declared here and not by a Service: docs/decisions/load-balancer.md.
 *
 * Costs a month in us-east-1: 16.43 USD, 3.65 USD for a public address in each zone, and 5.84 USD for each 25 new connections a
 * second, 3,000 active connections or 1 GB an hour, whichever is most.
 */
export class LoadBalancer extends pulumi.ComponentResource {
  /** Target of the hosts' CNAME or alias records. */
  readonly dnsName: pulumi.Output<string>;
  /** The load balancer and its target group in CloudWatch's metrics. */
  readonly metricDimensions: { LoadBalancer: pulumi.Output<string>; TargetGroup: pulumi.Output<string> };

  constructor(name: string, args: LoadBalancerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:aws:LoadBalancer", name, {}, opts);

    const securityGroup = this.createSecurityGroup(name, args);
    this.allowClients(name, args, securityGroup);
    this.allowTrafficToNodes(name, args, securityGroup);
    const loadBalancer = this.createLoadBalancer(name, args, securityGroup);
    const targetGroup = this.createTargetGroup(name, args);
    this.createListeners(name, args, loadBalancer, targetGroup);

    this.dnsName = loadBalancer.dnsName;
    this.metricDimensions = { LoadBalancer: loadBalancer.arnSuffix, TargetGroup: targetGroup.arnSuffix };
    this.registerOutputs({ dnsName: this.dnsName });
  }

  private createSecurityGroup(name: string, { network }: LoadBalancerArgs): aws.ec2.SecurityGroup {
    return new aws.ec2.SecurityGroup(
      `${name}-load-balancer`,
      {
        description: "Load balancer of the ingress controller",
        vpcId: network.vpcId,
        tags: { Name: `${name}-load-balancer` },
      },
      { parent: this },
    );
  }

  private allowClients(name: string, { config }: LoadBalancerArgs, securityGroup: aws.ec2.SecurityGroup): void {
    const ports = config.certificateArn === undefined ? [HTTP_PORT] : [HTTP_PORT, HTTPS_PORT];
    for (const cidrIpv4 of config.allowCidrs) {
      for (const port of ports) {
        new aws.vpc.SecurityGroupIngressRule(
          // Named by its content, so that removing one rule leaves the others alone.
          `${name}-from-${cidrIpv4.replace("/", "-")}-to-${port}`,
          {
            securityGroupId: securityGroup.id,
            description: "Clients",
            cidrIpv4,
            ipProtocol: "tcp",
            fromPort: port,
            toPort: port,
          },
          { parent: this },
        );
      }
    }
  }

  /** Requests and health checks: out of the load balancer's security group and into the nodes'. */
  private allowTrafficToNodes(name: string, args: LoadBalancerArgs, securityGroup: aws.ec2.SecurityGroup): void {
    const rule = { ipProtocol: "tcp", fromPort: args.nodePort, toPort: args.nodePort };
    new aws.vpc.SecurityGroupEgressRule(
      `${name}-to-nodes`,
      {
        ...rule,
        securityGroupId: securityGroup.id,
        description: "Ingress controller on the nodes",
        referencedSecurityGroupId: args.nodeSecurityGroupId,
      },
      { parent: this },
    );
    new aws.vpc.SecurityGroupIngressRule(
      `${name}-to-nodes`,
      {
        ...rule,
        securityGroupId: args.nodeSecurityGroupId,
        description: "Load balancer to the ingress controller",
        referencedSecurityGroupId: securityGroup.id,
      },
      { parent: this },
    );
  }

  private createLoadBalancer(
    name: string,
    { network, protect }: LoadBalancerArgs,
    securityGroup: aws.ec2.SecurityGroup,
  ): aws.lb.LoadBalancer {
    return new aws.lb.LoadBalancer(
      shortName("lb", name),
      {
        loadBalancerType: "application",
        internal: false,
        subnets: network.publicSubnetIds,
        securityGroups: [securityGroup.id],
        idleTimeout: LOAD_BALANCER.idleSeconds,
        // Against request smuggling: drop invalid header names, refuse requests that two servers could read differently.
        dropInvalidHeaderFields: true,
        desyncMitigationMode: "strictest",
        enableDeletionProtection: protect === "data",
        tags: { Name: name },
      },
      { parent: this, protect: protect === "data" },
    );
  }

  /**
   * The nodes. Each forwards the node port to a Traefik pod on any node, so a failed check may be another node's fault: a node
   * is unhealthy only after three. Traefik answers the check, which names no host, with 404; any answer below 500 is healthy.
   */
  private createTargetGroup(name: string, args: LoadBalancerArgs): aws.lb.TargetGroup {
    const targetGroup = new aws.lb.TargetGroup(
      shortName("http", name),
      {
        vpcId: args.network.vpcId,
        targetType: "instance",
        protocol: "HTTP",
        port: args.nodePort,
        deregistrationDelay: args.config.deregistrationSeconds,
        healthCheck: {
          protocol: "HTTP",
          port: "traffic-port",
          path: "/",
          matcher: "200-499",
          interval: 10,
          timeout: 5,
          healthyThreshold: 2,
          unhealthyThreshold: 3,
        },
        tags: { Name: name },
      },
      { parent: this },
    );
    new aws.autoscaling.Attachment(
      name,
      { autoscalingGroupName: args.autoScalingGroupName, lbTargetGroupArn: targetGroup.arn },
      { parent: this },
    );
    return targetGroup;
  }

  private createListeners(
    name: string,
    { config }: LoadBalancerArgs,
    loadBalancer: aws.lb.LoadBalancer,
    targetGroup: aws.lb.TargetGroup,
  ): void {
    const certificateArn = config.certificateArn;
    const forward = { type: "forward", targetGroupArn: targetGroup.arn };
    const redirect = {
      type: "redirect",
      redirect: { protocol: "HTTPS", port: String(HTTPS_PORT), statusCode: "HTTP_301" },
    };
    new aws.lb.Listener(
      `${name}-http`,
      {
        loadBalancerArn: loadBalancer.arn,
        port: HTTP_PORT,
        protocol: "HTTP",
        defaultActions: [certificateArn === undefined ? forward : redirect],
      },
      { parent: this },
    );
    if (certificateArn === undefined) return;
    new aws.lb.Listener(
      `${name}-https`,
      {
        loadBalancerArn: loadBalancer.arn,
        port: HTTPS_PORT,
        protocol: "HTTPS",
        sslPolicy: TLS_POLICY,
        certificateArn,
        defaultActions: [forward],
      },
      { parent: this },
    );
  }
}

/** The prefix first, because AWS refuses names that start with "internal-". */
function shortName(prefix: string, name: string): string {
  return `${prefix}-${name}`.slice(0, MAX_NAME_LENGTH).replace(/-+$/, "");
}
