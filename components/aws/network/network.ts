import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import {
  type ExistingNetwork,
  isExistingNetwork,
  type NetworkConfig,
  type OwnNetwork,
  planSubnets,
} from "../../../config/index.ts";
import { CONTROL_PLANE_ZONES } from "./availability-zones.ts";
import { FlowLogs } from "./flow-logs.ts";

/** Everything outside the VPC: registries, AWS's APIs, partners of the services. */
const INTERNET = "0.0.0.0/0";

export interface NetworkArgs {
  /** Cluster that the subnets are tagged for: Kubernetes finds the subnets of its load balancers by the tag. */
  clusterName: string;
  /** Availability zones of a VPC that is created: a zone keeps its ranges as long as it keeps its position. See chooseZones. */
  availabilityZones: string[];
  config: NetworkConfig;
  /** KMS key of the flow logs. Its policy must let CloudWatch Logs of the region use it. */
  kmsKeyArn: pulumi.Input<string>;
}

interface Subnet {
  /** Resolved once the subnet has its route: a node that starts before never joins. */
  id: pulumi.Output<string>;
  routeTable: aws.ec2.RouteTable;
}

interface NetworkIds {
  vpcId: pulumi.Input<string>;
  cidr: pulumi.Input<string>;
  controlPlaneSubnetIds: pulumi.Input<string>[];
  nodeSubnetIds: pulumi.Input<string>[];
  publicSubnetIds: pulumi.Input<string>[];
}

type RouteTarget = { gatewayId: pulumi.Input<string> } | { natGatewayId: pulumi.Input<string> };

/**
 * The VPC with a subnet for nodes and a public subnet in each availability zone; or the existing ones that the config names.
 *
 * Costs a month in us-east-1: 33 USD for each NAT gateway and 0.045 USD per GB through it, 3.65 USD for each public address (each
 * NAT gateway has one; with `nat: none` each node), 0.50 USD per GB of flow logs. Images and artifacts come from S3 through a
 * gateway endpoint, which is free.
 */
export class Network extends pulumi.ComponentResource {
  readonly vpcId: pulumi.Output<string>;
  /** Main range of the VPC. */
  readonly cidr: pulumi.Output<string>;
  /**
   * For the control plane's network interfaces: subnets for nodes, always in two zones. A cluster keeps the zones it was created
   * with, while a node group can use another zone later.
   * Source: https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html
   */
  readonly controlPlaneSubnetIds: pulumi.Output<string[]>;
  /** For nodes and their pods. They reach the Internet through NAT, or directly with `nat: none`. */
  readonly nodeSubnetIds: pulumi.Output<string[]>;
  /** For internet-facing load balancers. */
  readonly publicSubnetIds: pulumi.Output<string[]>;

  constructor(name: string, args: NetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:aws:Network", name, {}, opts);

    const { vpcId, cidr, controlPlaneSubnetIds, nodeSubnetIds, publicSubnetIds } = isExistingNetwork(args.config)
      ? this.lookUpNetwork(args.config)
      : this.createNetwork(name, args, args.config);

    this.vpcId = pulumi.output(vpcId);
    this.cidr = pulumi.output(cidr);
    this.controlPlaneSubnetIds = pulumi.output(controlPlaneSubnetIds);
    this.nodeSubnetIds = pulumi.output(nodeSubnetIds);
    this.publicSubnetIds = pulumi.output(publicSubnetIds);
    this.registerOutputs({ vpcId, cidr, controlPlaneSubnetIds, nodeSubnetIds, publicSubnetIds });
  }

  private lookUpNetwork({ vpcId, privateSubnetIds, publicSubnetIds }: ExistingNetwork): NetworkIds {
    const { cidrBlock } = aws.ec2.getVpcOutput({ id: vpcId }, { parent: this });
    return {
      vpcId,
      cidr: cidrBlock,
      controlPlaneSubnetIds: privateSubnetIds,
      nodeSubnetIds: privateSubnetIds,
      publicSubnetIds,
    };
  }

  private createNetwork(name: string, args: NetworkArgs, { cidr, nat }: OwnNetwork): NetworkIds {
    const zones = args.availabilityZones;
    const ranges = planSubnets(cidr, zones.length);
    const tags = { [`kubernetes.io/cluster/${args.clusterName}`]: "shared" };

    const vpc = this.createVpc(name, cidr);
    this.closeDefaultSecurityGroup(name, vpc);
    new FlowLogs(name, { vpc, kmsKeyArn: args.kmsKeyArn }, { parent: this });
    const internetGateway = this.createInternetGateway(name, vpc);

    const publicRouteTable = this.createRouteTable(`${name}-public`, vpc);
    const publicRoute = this.createRoute(`${name}-public`, publicRouteTable, { gatewayId: internetGateway.id });
    const publicSubnets = zones.map((zone, index) =>
      this.createSubnet(`${name}-public-${zone}`, vpc, publicRouteTable, publicRoute, {
        availabilityZone: zone,
        cidrBlock: ranges.public[index],
        mapPublicIpOnLaunch: false,
        tags: { ...tags, "kubernetes.io/role/elb": "1" },
      }),
    );

    const natGateways = zones
      .slice(0, { none: 0, single: 1, "per-zone": zones.length }[nat])
      .map((zone, index) => this.createNatGateway(`${name}-${zone}`, publicSubnets[index] as Subnet));
    const nodeSubnets = zones.map((zone, index) => {
      const natGateway = natGateways[index] ?? natGateways[0];
      const target = natGateway ? { natGatewayId: natGateway.id } : { gatewayId: internetGateway.id };
      // A route table for each zone, even with a single NAT gateway: another number of them changes the routes in place.
      const routeTable = this.createRouteTable(`${name}-nodes-${zone}`, vpc);
      const route = this.createRoute(`${name}-nodes-${zone}`, routeTable, target);
      return this.createSubnet(`${name}-nodes-${zone}`, vpc, routeTable, route, {
        availabilityZone: zone,
        cidrBlock: ranges.private[index],
        // Without NAT a node needs its own public address, and EKS refuses a subnet that gives none.
        mapPublicIpOnLaunch: nat === "none",
        tags: { ...tags, "kubernetes.io/role/internal-elb": "1" },
      });
    });

    this.createS3Endpoint(name, vpc, [publicRouteTable, ...nodeSubnets.map((subnet) => subnet.routeTable)]);
    return {
      vpcId: vpc.id,
      cidr: vpc.cidrBlock,
      controlPlaneSubnetIds: nodeSubnets.slice(0, CONTROL_PLANE_ZONES).map(({ id }) => id),
      nodeSubnetIds: nodeSubnets.map(({ id }) => id),
      publicSubnetIds: publicSubnets.map(({ id }) => id),
    };
  }

  private createVpc(name: string, cidrBlock: string): aws.ec2.Vpc {
    return new aws.ec2.Vpc(
      name,
      {
        cidrBlock,
        // Required by the cluster's private endpoint.
        enableDnsSupport: true,
        enableDnsHostnames: true,
        tags: { Name: name },
      },
      { parent: this },
    );
  }

  /** AWS creates it with the VPC, open to itself, and uses it for everything that names no security group. */
  private closeDefaultSecurityGroup(name: string, vpc: aws.ec2.Vpc): void {
    new aws.ec2.DefaultSecurityGroup(
      name,
      { vpcId: vpc.id, ingress: [], egress: [], tags: { Name: `${name}-default-unused` } },
      { parent: this },
    );
  }

  private createInternetGateway(name: string, vpc: aws.ec2.Vpc): aws.ec2.InternetGateway {
    return new aws.ec2.InternetGateway(name, { vpcId: vpc.id, tags: { Name: name } }, { parent: this });
  }

  private createRouteTable(name: string, vpc: aws.ec2.Vpc): aws.ec2.RouteTable {
    return new aws.ec2.RouteTable(name, { vpcId: vpc.id, tags: { Name: name } }, { parent: this });
  }

  private createRoute(name: string, routeTable: aws.ec2.RouteTable, target: RouteTarget): aws.ec2.Route {
    return new aws.ec2.Route(
      name,
      { routeTableId: routeTable.id, destinationCidrBlock: INTERNET, ...target },
      { parent: this },
    );
  }

  private createSubnet(
    name: string,
    vpc: aws.ec2.Vpc,
    routeTable: aws.ec2.RouteTable,
    route: aws.ec2.Route,
    { tags, ...args }: Omit<aws.ec2.SubnetArgs, "vpcId" | "tags"> & { tags: Record<string, string> },
  ): Subnet {
    const subnet = new aws.ec2.Subnet(
      name,
      { vpcId: vpc.id, ...args, tags: { ...tags, Name: name } },
      { parent: this },
    );
    const association = new aws.ec2.RouteTableAssociation(
      name,
      { subnetId: subnet.id, routeTableId: routeTable.id },
      { parent: this },
    );
    return { id: pulumi.all([subnet.id, association.id, route.id]).apply(([id]) => id), routeTable };
  }

  private createNatGateway(name: string, subnet: Subnet): aws.ec2.NatGateway {
    const address = new aws.ec2.Eip(name, { domain: "vpc", tags: { Name: name } }, { parent: this });
    return new aws.ec2.NatGateway(
      name,
      { allocationId: address.id, subnetId: subnet.id, tags: { Name: name } },
      { parent: this },
    );
  }

  /** ECR keeps image layers in S3: through the endpoint they bypass the NAT gateway and its price per GB. */
  private createS3Endpoint(name: string, vpc: aws.ec2.Vpc, routeTables: aws.ec2.RouteTable[]): void {
    new aws.ec2.VpcEndpoint(
      `${name}-s3`,
      {
        vpcId: vpc.id,
        vpcEndpointType: "Gateway",
        serviceName: pulumi.interpolate`com.amazonaws.${vpc.region}.s3`,
        routeTableIds: routeTables.map(({ id }) => id),
        tags: { Name: `${name}-s3` },
      },
      { parent: this },
    );
  }
}
