import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import {
  type ExistingNetwork,
  isExistingNetwork,
  type NetworkConfig,
  type OwnNetwork,
  planSubnets,
} from "../../../config/index.ts";
import { zoneFaults } from "./faults.ts";
import { FlowLogs } from "./flow-logs.ts";

/** Outgoing traffic, as far as it is not to the VPC itself: registries, AWS's APIs, the services' own partners. */
const ANYWHERE = "0.0.0.0/0";
/** Every network has as many, and a control plane takes no fewer. */
const LEAST_ZONES = 2;

export interface NetworkArgs {
  /** Cluster that the subnets are marked for: load balancers of Kubernetes find them by it. */
  clusterName: string;
  /** Availability zones to take from, in their order: each keeps its ranges as long as it keeps its place. */
  zones: string[];
  config: NetworkConfig;
  /** KMS key for the flow logs. Its policy lets CloudWatch Logs of the region use it. */
  logGroupKeyArn: pulumi.Input<string>;
}

/** A subnet with its way out. */
interface RoutedSubnet {
  /** Known once the way out is there: a node that starts before it never joins. */
  id: pulumi.Output<string>;
  table: aws.ec2.RouteTable;
}

/** What a network consists of, made or found. */
interface Parts {
  vpcId: pulumi.Input<string>;
  cidr: pulumi.Input<string>;
  controlPlaneSubnetIds: pulumi.Input<string>[];
  nodeSubnetIds: pulumi.Input<string>[];
  publicSubnetIds: pulumi.Input<string>[];
}

/**
 * The VPC: a subnet for nodes and a public one in each availability zone, or those that the config names.
 *
 * Costs by the month, in us-east-1: 33 USD for each NAT gateway and 0.045 USD per GB through it, 3.65 USD for each public
 * address (a NAT gateway's; with nat none every node's), 0.50 USD per GB of flow logs. Images and artifacts come
 * from S3 by an endpoint of its own, which costs nothing.
 */
export class Network extends pulumi.ComponentResource {
  readonly vpcId: pulumi.Output<string>;
  /** Main range of the VPC. */
  readonly cidr: pulumi.Output<string>;
  /**
   * For the control plane's interfaces: subnets for nodes, in two zones however many there are. A cluster can never have other
   * zones than those it was made in, while its nodes may go to one more.
   * Source: https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html
   */
  readonly controlPlaneSubnetIds: pulumi.Output<string[]>;
  /** For nodes and their pods. Out to the Internet by NAT, or themselves with nat none. */
  readonly nodeSubnetIds: pulumi.Output<string[]>;
  /** For load balancers that the Internet reaches. */
  readonly publicSubnetIds: pulumi.Output<string[]>;

  /** @throws pulumi.RunError if there are fewer zones than the config wants. */
  constructor(name: string, args: NetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    for (const { path, message } of zoneFaults(args.config, args.zones)) {
      throw new pulumi.RunError(`${path.join(".")}: ${message}.`);
    }
    super("slipway:aws:Network", name, {}, opts);

    const { vpcId, cidr, controlPlaneSubnetIds, nodeSubnetIds, publicSubnetIds } = isExistingNetwork(args.config)
      ? this.lookUp(args.config)
      : this.create(name, args, args.config);

    this.vpcId = pulumi.output(vpcId);
    this.cidr = pulumi.output(cidr);
    this.controlPlaneSubnetIds = pulumi.output(controlPlaneSubnetIds);
    this.nodeSubnetIds = pulumi.output(nodeSubnetIds);
    this.publicSubnetIds = pulumi.output(publicSubnetIds);
    this.registerOutputs({ vpcId, cidr, controlPlaneSubnetIds, nodeSubnetIds, publicSubnetIds });
  }

  private lookUp({ vpcId, privateSubnetIds, publicSubnetIds }: ExistingNetwork): Parts {
    const { cidrBlock } = aws.ec2.getVpcOutput({ id: vpcId }, { parent: this });
    return {
      vpcId,
      cidr: cidrBlock,
      controlPlaneSubnetIds: privateSubnetIds,
      nodeSubnetIds: privateSubnetIds,
      publicSubnetIds,
    };
  }

  private create(name: string, args: NetworkArgs, { cidr, zones: count, nat }: OwnNetwork): Parts {
    const zones = args.zones.slice(0, count);
    const ranges = planSubnets(cidr, zones.length);

    const vpc = this.createVpc(name, cidr);
    this.emptyDefaultSecurityGroup(name, vpc);
    new FlowLogs(name, { vpc, keyArn: args.logGroupKeyArn }, { parent: this });
    const gateway = new aws.ec2.InternetGateway(name, { vpcId: vpc.id, tags: { Name: name } }, { parent: this });

    const table = this.createRouteTable(`${name}-public`, vpc);
    const route = this.route(`${name}-public`, table, { gatewayId: gateway.id });
    const marks = { [`kubernetes.io/cluster/${args.clusterName}`]: "shared" };
    const publicSubnets = zones.map((zone, index) =>
      this.createSubnet(`${name}-public-${zone}`, vpc, table, route, {
        availabilityZone: zone,
        cidrBlock: ranges.public[index],
        mapPublicIpOnLaunch: false,
        tags: { ...marks, "kubernetes.io/role/elb": "1" },
      }),
    );

    const gateways = zones
      .slice(0, { none: 0, single: 1, "per-zone": zones.length }[nat])
      .map((zone, index) => this.createNat(`${name}-${zone}`, publicSubnets[index] as RoutedSubnet));
    // A table for each zone whatever the number of gateways: to take more or fewer of them later changes routes in place.
    const nodeSubnets = zones.map((zone, index) => {
      const own = this.createRouteTable(`${name}-nodes-${zone}`, vpc);
      const out = gateways[index] ?? gateways[0];
      return this.createSubnet(
        `${name}-nodes-${zone}`,
        vpc,
        own,
        this.route(`${name}-nodes-${zone}`, own, out ? { natGatewayId: out.id } : { gatewayId: gateway.id }),
        {
          availabilityZone: zone,
          cidrBlock: ranges.private[index],
          // Without NAT a node needs an address of its own to get out, and EKS refuses a subnet that gives none.
          mapPublicIpOnLaunch: nat === "none",
          tags: { ...marks, "kubernetes.io/role/internal-elb": "1" },
        },
      );
    });

    this.createStorageEndpoint(name, vpc, [table, ...nodeSubnets.map((subnet) => subnet.table)]);
    return {
      vpcId: vpc.id,
      cidr: vpc.cidrBlock,
      controlPlaneSubnetIds: nodeSubnets.slice(0, LEAST_ZONES).map(({ id }) => id),
      nodeSubnetIds: nodeSubnets.map(({ id }) => id),
      publicSubnetIds: publicSubnets.map(({ id }) => id),
    };
  }

  private createVpc(name: string, cidrBlock: string): aws.ec2.Vpc {
    return new aws.ec2.Vpc(
      name,
      {
        cidrBlock,
        // The cluster's private endpoint is a name in the VPC's own DNS.
        enableDnsSupport: true,
        enableDnsHostnames: true,
        tags: { Name: name },
      },
      { parent: this },
    );
  }

  /** It comes with the VPC, open within itself, and is what anything gets for which nobody named a group. */
  private emptyDefaultSecurityGroup(name: string, vpc: aws.ec2.Vpc): void {
    new aws.ec2.DefaultSecurityGroup(
      name,
      { vpcId: vpc.id, ingress: [], egress: [], tags: { Name: `${name}-default-unused` } },
      { parent: this },
    );
  }

  private createRouteTable(name: string, vpc: aws.ec2.Vpc): aws.ec2.RouteTable {
    return new aws.ec2.RouteTable(name, { vpcId: vpc.id, tags: { Name: name } }, { parent: this });
  }

  private route(
    name: string,
    table: aws.ec2.RouteTable,
    target: { gatewayId: pulumi.Input<string> } | { natGatewayId: pulumi.Input<string> },
  ): aws.ec2.Route {
    return new aws.ec2.Route(
      name,
      { routeTableId: table.id, destinationCidrBlock: ANYWHERE, ...target },
      { parent: this },
    );
  }

  private createSubnet(
    name: string,
    vpc: aws.ec2.Vpc,
    table: aws.ec2.RouteTable,
    route: aws.ec2.Route,
    { tags, ...args }: Omit<aws.ec2.SubnetArgs, "vpcId" | "tags"> & { tags: Record<string, string> },
  ): RoutedSubnet {
    const subnet = new aws.ec2.Subnet(
      name,
      { vpcId: vpc.id, ...args, tags: { ...tags, Name: name } },
      { parent: this },
    );
    const association = new aws.ec2.RouteTableAssociation(
      name,
      { subnetId: subnet.id, routeTableId: table.id },
      { parent: this },
    );
    return { id: pulumi.all([subnet.id, association.id, route.id]).apply(([id]) => id), table };
  }

  private createNat(name: string, subnet: RoutedSubnet): aws.ec2.NatGateway {
    const address = new aws.ec2.Eip(name, { domain: "vpc", tags: { Name: name } }, { parent: this });
    return new aws.ec2.NatGateway(
      name,
      { allocationId: address.id, subnetId: subnet.id, tags: { Name: name } },
      { parent: this },
    );
  }

  /** The layers of ECR's images lie in S3: this way they do not pass the NAT gateway, nor its bill. */
  private createStorageEndpoint(name: string, vpc: aws.ec2.Vpc, tables: aws.ec2.RouteTable[]): void {
    new aws.ec2.VpcEndpoint(
      `${name}-s3`,
      {
        vpcId: vpc.id,
        vpcEndpointType: "Gateway",
        serviceName: pulumi.interpolate`com.amazonaws.${vpc.region}.s3`,
        routeTableIds: tables.map(({ id }) => id),
        tags: { Name: `${name}-s3` },
      },
      { parent: this },
    );
  }
}
