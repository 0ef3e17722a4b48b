import type { LoadBalancerConfig, NetworkConfig } from "../../../config/index.ts";

export type ExistingNetwork = Extract<NetworkConfig, { vpcId: string }>;
export type OwnNetwork = Required<Exclude<NetworkConfig, ExistingNetwork>>;

/**
 * Addresses of the cluster's Services. They exist on the nodes only, so whatever else had one would be out of reach of every
 * pod. One of the two ranges that EKS itself takes: https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html
 */
export const SERVICE_CIDR = "172.20.0.0/16";

/** Whether the config names a VPC that is there already. */
export function isExisting(config: NetworkConfig | undefined): config is ExistingNetwork {
  return config !== undefined && "vpcId" in config && config.vpcId !== undefined;
}

/** A network of the stack's own, with the defaults filled in. */
export function ownNetwork(config: Exclude<NetworkConfig, ExistingNetwork> = {}): OwnNetwork {
  const { cidr = "10.0.0.0/16", zones = 3, nat = "single" } = config;
  return { cidr, zones, nat };
}

/** Seconds that a node which leaves the load balancer has for the requests that are on their way through it. @default 30 */
export function deregistrationSeconds(config: LoadBalancerConfig | undefined): number {
  return config?.deregistrationSeconds ?? 30;
}
