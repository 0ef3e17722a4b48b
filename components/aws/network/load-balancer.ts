import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { LoadBalancerConfig } from "../../../config/index.ts";

const HTTP_PORT = 80;
const HTTPS_PORT = 443;
/** TLS 1.3 and 1.2, forward secrecy and authenticated encryption only. https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html */
const TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-Res-2021-06";
/** Most characters of a load balancer's or target group's name, less the eight that make it unique. */
const NAME_LENGTH = 32 - 8;
/** Shorter than Traefik's own for idle connections, or a request would be sent down one that is being closed. */
const IDLE_SECONDS = 60;

export interface LoadBalancerArgs {
  network: { vpcId: pulumi.Input<string>; publicSubnetIds: pulumi.Input<pulumi.Input<string>[]> };
  config: LoadBalancerConfig;
  /** Port of every node that leads to the ingress controller. */
  nodePort: number;
  /** Security group of the nodes: the load balancer is let in. */
  nodeSecurityGroupId: pulumi.Input<string>;
  /** Its instances are what requests go to. */
  autoScalingGroupName: pulumi.Input<string>;
  /** data: neither an update nor a person at the console deletes it, and with it the name that others point to. */
  protect: "data" | "none";
}

/**
 * The door from the Internet: an Application Load Balancer in front of the node port that the ingress controller listens
 * behind. With a certificate it serves HTTPS and sends HTTP there.
 *
 * Declared here, not by a Service of type LoadBalancer, it is the same one whatever happens in the cluster, and `destroy`
 * knows of it. Costs by the month, in us-east-1: 16.43 USD, 3.65 USD for a public address in each zone, and 5.84 USD for
 * each 25 new connections a second, 3,000 open ones, or GB an hour, whichever is most.
 */
export class LoadBalancer extends pulumi.ComponentResource {
  /** Where the hosts' CNAME (or alias) records point. */
  readonly dnsName: pulumi.Output<string>;

  constructor(name: string, args: LoadBalancerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:aws:LoadBalancer", name, {}, opts);

    const group = this.createSecurityGroup(name, args);
    const balancer = this.createBalancer(name, args, group);
    const targets = this.createTargets(name, args);
    this.letIn(name, args, group);
    this.listen(name, args.config.certificateArn, balancer, targets);

    this.dnsName = balancer.dnsName;
    this.registerOutputs({ dnsName: this.dnsName });
  }

  private createSecurityGroup(name: string, { network, config }: LoadBalancerArgs): aws.ec2.SecurityGroup {
    const group = new aws.ec2.SecurityGroup(
      `${name}-load-balancer`,
      {
        description: "Load balancer of the ingress controller",
        vpcId: network.vpcId,
        tags: { Name: `${name}-load-balancer` },
      },
      { parent: this },
    );
    const ports = config.certificateArn === undefined ? [HTTP_PORT] : [HTTP_PORT, HTTPS_PORT];
    for (const cidrIpv4 of config.allowCidrs) {
      for (const port of ports) {
        new aws.vpc.SecurityGroupIngressRule(
          // Named for what it says: the others stay when one goes.
          `${name}-from-${cidrIpv4.replace("/", "-")}-to-${port}`,
          {
            securityGroupId: group.id,
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
    return group;
  }

  private createBalancer(
    name: string,
    { network, protect }: LoadBalancerArgs,
    group: aws.ec2.SecurityGroup,
  ): aws.lb.LoadBalancer {
    return new aws.lb.LoadBalancer(
      shortName("lb", name),
      {
        loadBalancerType: "application",
        internal: false,
        subnets: network.publicSubnetIds,
        securityGroups: [group.id],
        idleTimeout: IDLE_SECONDS,
        // What a header's name may not be is dropped, and what two servers would read as two requests is refused.
        dropInvalidHeaderFields: true,
        desyncMitigationMode: "strictest",
        enableDeletionProtection: protect === "data",
        tags: { Name: name },
      },
      { parent: this, protect: protect === "data" },
    );
  }

  /**
   * The nodes, by a port that each of them forwards to a pod of the controller on any of them.
   *
   * Healthy is who answers as the controller does: 404 where no host is named. The question goes to any pod, so a node is
   * given three tries.
   */
  private createTargets(name: string, args: LoadBalancerArgs): aws.lb.TargetGroup {
    const targets = new aws.lb.TargetGroup(
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
      { autoscalingGroupName: args.autoScalingGroupName, lbTargetGroupArn: targets.arn },
      { parent: this },
    );
    return targets;
  }

  /** From the load balancer to the port of the nodes: out of its group and into theirs, for requests and health checks. */
  private letIn(name: string, args: LoadBalancerArgs, group: aws.ec2.SecurityGroup): void {
    const rule = { ipProtocol: "tcp", fromPort: args.nodePort, toPort: args.nodePort };
    new aws.vpc.SecurityGroupEgressRule(
      `${name}-to-nodes`,
      {
        ...rule,
        securityGroupId: group.id,
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
        referencedSecurityGroupId: group.id,
      },
      { parent: this },
    );
  }

  private listen(
    name: string,
    certificateArn: string | undefined,
    balancer: aws.lb.LoadBalancer,
    targets: aws.lb.TargetGroup,
  ): void {
    const forward = { type: "forward", targetGroupArn: targets.arn };
    const redirect = {
      type: "redirect",
      redirect: { protocol: "HTTPS", port: String(HTTPS_PORT), statusCode: "HTTP_301" },
    };
    new aws.lb.Listener(
      `${name}-http`,
      {
        loadBalancerArn: balancer.arn,
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
        loadBalancerArn: balancer.arn,
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

/** Led by the part, as AWS refuses names that begin with "internal-"; cut, as it takes short ones only. */
function shortName(part: string, name: string): string {
  return `${part}-${name}`.slice(0, NAME_LENGTH).replace(/-+$/, "");
}
