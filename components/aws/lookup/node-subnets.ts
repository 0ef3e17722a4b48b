import * as aws from "@pulumi/aws";
import { type EksEnvironment, type Fault, isExistingNetwork } from "../../../config/index.ts";
import { providerMessage } from "./provider-errors.ts";

/** A subnet of the nodes in a VPC that already exists. */
export interface NodeSubnet {
  id: string;
  zone: string;
  /** IPv4 range. */
  cidr: string;
}

/**
 * The subnets of `cluster.network.privateSubnetIds`, in their order; none if the stack creates its own VPC.
 *
 * @throws the provider's error if AWS cannot be reached.
 */
export async function lookUpNodeSubnets(
  { cluster: { network }, aws: { region } }: EksEnvironment,
  provider: aws.Provider,
): Promise<{ subnets: NodeSubnet[]; faults: Fault[] }> {
  if (!isExistingNetwork(network)) return { subnets: [], faults: [] };
  const found = await Promise.all(
    network.privateSubnetIds.map(async (id, index): Promise<NodeSubnet | Fault> => {
      const path = ["cluster", "network", "privateSubnetIds", index];
      try {
        const { vpcId, availabilityZone: zone, cidrBlock: cidr } = await aws.ec2.getSubnet({ id }, { provider });
        if (vpcId === network.vpcId) return { id, zone, cidr };
        return { path, message: `it is in ${vpcId}. Take a subnet of ${network.vpcId}` };
      } catch (error) {
        if (!/InvalidSubnetID|no matching/i.test(providerMessage(error))) throw error;
        return { path, message: `${region} has no such subnet. Take one of ${network.vpcId}` };
      }
    }),
  );
  return {
    subnets: found.filter((one) => "zone" in one),
    faults: found.filter((one) => "message" in one),
  };
}
