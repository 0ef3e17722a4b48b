import type { EksEnvironment, Fault, LoadBalancerConfig, NetworkConfig } from "../../../config/index.ts";
import { DEFAULT_MAX_PODS } from "../nodes/max-pods.ts";
import { canonical, contains, overlaps, planSubnets, sizeOf } from "./cidr.ts";
import { deregistrationSeconds, isExisting, type OwnNetwork, ownNetwork, SERVICE_CIDR } from "./settings.ts";

/** What the Traefik chart does about a pod that stops. A test keeps it equal to the chart's values.yaml. */
export const TRAEFIK_SHUTDOWN = { acceptSeconds: 15, drainSeconds: 15 } as const;

/** Ranges that are nobody's on the Internet: RFC 1918, RFC 6598, and of RFC 2544 the part that AWS suggests for pods. */
const PRIVATE_RANGES = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "198.19.0.0/16"];
const LARGEST_VPC = 2 ** 16;
const SMALLEST_VPC = 2 ** 12;

/** Addresses in a /28 prefix, the unit in which a node takes them for its pods. */
const PREFIX_ADDRESSES = 16;
/** A node's own: one for each of its interfaces, one of which is kept to spare. */
const INTERFACE_ADDRESSES = 2;
/** Taken by AWS in every subnet; and what EKS asks to be left free for the control plane's interfaces. */
const RESERVED_ADDRESSES = 5 + 16;
/** Nodes above the most that an update of the group brings up in a zone. */
const SURGE_NODES = 2;

const NETWORK = ["cluster", "network"];

/** Faults of the network and of what lets traffic in. Paths are those of `slipway:environment`. */
export function networkFaults({ cluster, loadBalancer }: Pick<EksEnvironment, "cluster" | "loadBalancer">): Fault[] {
  const network = cluster.network as NetworkConfig | undefined;
  return [
    ...(isExisting(network)
      ? [
          ...twiceFaults([...NETWORK, "privateSubnetIds"], network.privateSubnetIds),
          ...twiceFaults([...NETWORK, "publicSubnetIds"], network.publicSubnetIds),
        ]
      : rangeFaults(ownNetwork(network), cluster.nodeGroup)),
    ...listFaults(["cluster", "api", "publicCidrs"], cluster.api?.publicCidrs ?? []),
    ...listFaults(["loadBalancer", "allowCidrs"], loadBalancer?.allowCidrs ?? []),
    ...deregistrationFaults(loadBalancer),
  ];
}

/**
 * Faults of what AWS has for the network, to be asked for before anything is declared.
 *
 * @param zones availability zones of the region in which EKS runs.
 */
export function zoneFaults(config: NetworkConfig | undefined, zones: readonly string[]): Fault[] {
  if (isExisting(config)) return [];
  const wanted = ownNetwork(config).zones;
  if (zones.length >= wanted) return [];
  const fewer = zones.length < 2 ? "" : `${zones.length}, or `;
  const message = `${wanted} wanted; the region has ${zones.join(", ") || "none"}. Take ${fewer}another region`;
  return [{ path: [...NETWORK, "zones"], message }];
}

/** Why a VPC of this range cannot hold the cluster, if it cannot. Holds for a VPC that is there already too. */
export function serviceRangeFault(cidr: string): string | undefined {
  if (!overlaps(cidr, SERVICE_CIDR)) return undefined;
  return (
    `${cidr} overlaps ${SERVICE_CIDR}, the addresses of the cluster's Services: pods could not reach what has one of them. ` +
    "Take another range, such as 10.0.0.0/16"
  );
}

function rangeFaults(network: OwnNetwork, nodeGroup: { max: number; maxPods?: number }): Fault[] {
  const { cidr } = network;
  const fault = (message: string): Fault[] => [{ path: [...NETWORK, "cidr"], message }];
  const size = sizeOf(cidr);
  if (cidr !== canonical(cidr)) return fault(`lies within a range. Take ${canonical(cidr)}`);
  if (size > LARGEST_VPC) return fault("AWS makes no VPC larger than /16. Take /16 to /20");
  if (size < SMALLEST_VPC) return fault("too small: every pod takes an address of it. Take /16 to /20");
  if (!PRIVATE_RANGES.some((range) => contains(range, cidr))) {
    return fault(
      `on the Internet these addresses are others', whom no pod could reach. Take a range in ${PRIVATE_RANGES.join(", ")}`,
    );
  }
  const taken = serviceRangeFault(cidr);
  return taken === undefined ? capacityFaults(network, nodeGroup) : fault(taken);
}

/** A node takes whole prefixes for its pods and keeps one to spare; with none left in its subnet its pods wait for ever. */
function capacityFaults({ cidr, zones }: OwnNetwork, nodeGroup: { max: number; maxPods?: number }): Fault[] {
  const { max, maxPods = DEFAULT_MAX_PODS } = nodeGroup;
  const subnet = planSubnets(cidr, zones).private[0] as string;
  const perNode = PREFIX_ADDRESSES * (Math.ceil(maxPods / PREFIX_ADDRESSES) + 1) + INTERFACE_ADDRESSES;
  const most = zones * Math.max(Math.floor((sizeOf(subnet) - RESERVED_ADDRESSES) / perNode) - SURGE_NODES, 0);
  if (max <= most) return [];
  const message =
    `too small for ${max} nodes (nodeGroup.max) of ${maxPods} pods (nodeGroup.maxPods): each takes ${perNode} addresses, and ` +
    `the ${zones} subnets for nodes (${subnet} and so on) have room for ${most} and an update's spare ones. ` +
    `Take a larger range${sizeOf(cidr) < LARGEST_VPC ? ", /16 at most" : ": this is the largest"}, or lower max or maxPods`;
  return [{ path: [...NETWORK, "cidr"], message }];
}

/**
 * The load balancer sends a node that leaves no new request and cuts those that last longer than its delay. Traefik lets
 * requests end for as long when its own pod stops: neither may cut what the other would let end.
 *
 * @param shutdown of the pods behind the load balancer, in seconds.
 */
export function deregistrationFaults(
  config: LoadBalancerConfig | undefined,
  shutdown: { acceptSeconds: number; drainSeconds: number } = TRAEFIK_SHUTDOWN,
): Fault[] {
  const stopping = shutdown.acceptSeconds + shutdown.drainSeconds;
  if (deregistrationSeconds(config) >= stopping) return [];
  const message =
    `shorter than Traefik's own end, ${stopping} s (shutdown.acceptSeconds + shutdown.drainSeconds of its chart): requests ` +
    `that it still answers would be cut. Take ${stopping} or more`;
  return [{ path: ["loadBalancer", "deregistrationSeconds"], message }];
}

/** AWS keeps ranges from their first address on, and each once: otherwise every preview would show a difference, or fail. */
function listFaults(path: string[], ranges: readonly string[]): Fault[] {
  const faults = ranges.flatMap((range, index) =>
    range === canonical(range)
      ? []
      : [
          {
            path: [...path, index],
            message: `lies within a range. Take ${canonical(range)}, or ${range.split("/")[0]}/32`,
          },
        ],
  );
  return [...faults, ...twiceFaults(path, ranges)];
}

function twiceFaults(path: string[], values: readonly string[]): Fault[] {
  return values.flatMap((value, index) =>
    values.indexOf(value) === index ? [] : [{ path: [...path, index], message: "given twice. Leave one of them out" }],
  );
}
