import { canonical, contains, overlaps, planSubnets, SERVICE_CIDR, sizeOf } from "../cidr.ts";
import { isExistingNetwork, type NodeGroupConfig } from "../environment.ts";
import type { Fault } from "../fault.ts";
import { resolveNetwork } from "../resolve.ts";
import type { OwnNetwork } from "../schema/cluster.ts";
import type { ParsedEnvironment } from "../schema/environment.ts";
import { rangeListFaults, repeatedFaults } from "./lists.ts";

type Aws = Pick<NonNullable<ParsedEnvironment["aws"]>, "region" | "zones">;
type Cluster = Extract<ParsedEnvironment["cluster"], { target: "eks" }>;

/** Private ranges: RFC 1918, RFC 6598, and the part of RFC 2544 that AWS suggests for pods. */
const PRIVATE_RANGES = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "198.19.0.0/16"];
const LARGEST_VPC = 2 ** 16;
const SMALLEST_VPC = 2 ** 12;

/** Addresses in a /28 prefix, the unit in which a node takes addresses for its pods. */
const PREFIX_ADDRESSES = 16;
/** A node's own addresses: one for each of its network interfaces, one of them spare. */
const INTERFACE_ADDRESSES = 2;
/** Five are AWS's in every subnet; EKS needs 16 for the control plane's network interfaces. */
const RESERVED_ADDRESSES = 5 + 16;
/** Extra nodes that an update of the group may start in a zone. */
const SURGE_NODES = 2;

const NETWORK = ["cluster", "network"];

/** Faults of the VPC and its zones, and of the ranges that reach the Kubernetes API. */
export function networkFaults(cluster: Pick<Cluster, "network" | "nodeGroup" | "api">, aws?: Aws): Fault[] {
  const mixed = mixedFaults(cluster.network);
  return [
    ...(mixed.length > 0 ? mixed : vpcFaults(cluster, aws?.zones)),
    ...(aws === undefined ? [] : zoneNameFaults(aws, cluster.network)),
    ...rangeListFaults(["cluster", "api", "publicCidrs"], cluster.api.publicCidrs),
  ];
}

function vpcFaults(
  { network: written, nodeGroup }: Pick<Cluster, "network" | "nodeGroup">,
  zoneNames: readonly string[] | undefined,
): Fault[] {
  const network = resolveNetwork(written, zoneNames);
  if (!isExistingNetwork(network)) return rangeFaults(network, nodeGroup);
  return [
    ...repeatedFaults([...NETWORK, "privateSubnetIds"], network.privateSubnetIds),
    ...repeatedFaults([...NETWORK, "publicSubnetIds"], network.publicSubnetIds),
  ];
}

/** `aws.zones`: of the region, each once, as many as `cluster.network.zones` says, and only for a VPC of the stack's own. */
function zoneNameFaults({ region, zones: names }: Aws, { vpcId, zones: count }: Cluster["network"]): Fault[] {
  if (names === undefined) return [];
  const at = ["aws", "zones"];
  if (vpcId !== undefined) {
    const message = "the zones of an existing VPC are those of cluster.network.privateSubnetIds. Remove it";
    return [{ path: at, message }];
  }
  const elsewhere = names.flatMap((name, index) =>
    name.slice(0, -1) === region
      ? []
      : [
          {
            path: [...at, index],
            message: `not in aws.region, which is ${region}. Use ${region}a or another of its zones`,
          },
        ],
  );
  const other = count === undefined || count === names.length;
  const message = `${names.length} given, but cluster.network.zones is ${count}. Make them the same number, or remove cluster.network.zones`;
  return [...elsewhere, ...repeatedFaults(at, names), ...(other ? [] : [{ path: at, message }])];
}

/** An existing VPC needs all of its ids, and nothing of a new one. */
function mixedFaults({ vpcId, privateSubnetIds, publicSubnetIds, ...created }: Cluster["network"]): Fault[] {
  const ids = { vpcId, privateSubnetIds, publicSubnetIds };
  if (Object.values(ids).every((id) => id === undefined)) return [];
  const missing = Object.entries(ids).flatMap(([key, id]) =>
    id === undefined ? [{ path: [...NETWORK, key], message: "required for an existing VPC. Add it" }] : [],
  );
  const extra = Object.keys(created).map((key) => ({
    path: [...NETWORK, key],
    message: "only for a VPC that the stack creates. Remove it, or remove the ids",
  }));
  return [...missing, ...extra];
}

/** Why a VPC of this range cannot hold the cluster; undefined if it can. True of an existing VPC as well. */
export function serviceRangeFault(cidr: string): string | undefined {
  if (!overlaps(cidr, SERVICE_CIDR)) return undefined;
  return (
    `${cidr} overlaps ${SERVICE_CIDR}, the addresses of the cluster's Services: pods could not reach what has one of them. ` +
    "Use another range, such as 10.0.0.0/16"
  );
}

function rangeFaults(network: OwnNetwork, nodeGroup: Pick<NodeGroupConfig, "max" | "maxPods">): Fault[] {
  const { cidr } = network;
  const fault = (message: string): Fault[] => [{ path: [...NETWORK, "cidr"], message }];
  const size = sizeOf(cidr);
  if (cidr !== canonical(cidr)) return fault(`not the first address of its range. Use ${canonical(cidr)}`);
  if (size > LARGEST_VPC) return fault("AWS allows no VPC larger than /16. Use /16 to /20");
  if (size < SMALLEST_VPC) return fault("too small: every pod takes an address of it. Use /16 to /20");
  if (!PRIVATE_RANGES.some((range) => contains(range, cidr))) {
    return fault(
      "these addresses belong to others on the Internet, and no pod could reach them. " +
        `Use a range in ${PRIVATE_RANGES.join(", ")}`,
    );
  }
  const overlapping = serviceRangeFault(cidr);
  return overlapping === undefined ? capacityFaults(network, nodeGroup) : fault(overlapping);
}

/** A node takes whole prefixes for its pods and keeps one spare. If its subnet has none left, its pods never start. */
function capacityFaults(
  { cidr, zones }: OwnNetwork,
  { max, maxPods }: Pick<NodeGroupConfig, "max" | "maxPods">,
): Fault[] {
  const subnet = planSubnets(cidr, zones).private[0] as string;
  const perNode = PREFIX_ADDRESSES * (Math.ceil(maxPods / PREFIX_ADDRESSES) + 1) + INTERFACE_ADDRESSES;
  const most = zones * Math.max(Math.floor((sizeOf(subnet) - RESERVED_ADDRESSES) / perNode) - SURGE_NODES, 0);
  if (max <= most) return [];
  const message =
    `too small for ${max} nodes (nodeGroup.max) of ${maxPods} pods (nodeGroup.maxPods): each node takes ${perNode} ` +
    `addresses, and the ${zones} subnets for nodes (the first is ${subnet}) have room for ${most} nodes besides the extra ` +
    `ones of an update. Use a larger range${sizeOf(cidr) < LARGEST_VPC ? ", /16 at most" : ": this is the largest"}, ` +
    "or lower max or maxPods";
  return [{ path: [...NETWORK, "cidr"], message }];
}
