/**
 * Addresses of the cluster's Services. They exist on the nodes only, so pods could not reach anything else with such an
 * address. One of the two ranges that EKS itself chooses: https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html
 */
export const SERVICE_CIDR = "172.20.0.0/16";

/** Ranges of a VPC's subnets: one of each kind for each availability zone, in the same order. */
export interface SubnetPlan {
  /** For load balancers and NAT gateways. */
  public: string[];
  /** For nodes and their pods, four times as large. */
  private: string[];
}

/** Availability zones that a plan has room for. */
export const MOST_ZONES = 3;
/** AWS allows no subnet smaller than /28. https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html */
const SMALLEST_SUBNET = 28;

interface Range {
  first: number;
  size: number;
}

/**
 * Divides a VPC's range into subnets. Pods take addresses of the VPC, so the nodes of each zone get a quarter of it. The
 * public subnets share the last quarter, and a sixteenth is left over. A zone's subnets do not depend on the number of
 * zones: adding a zone later moves none.
 *
 * @param cidr range of the VPC, such as 10.0.0.0/16.
 * @param zones 1 to 3.
 * @throws RangeError if the range is too small or the number of zones is out of bounds.
 */
export function planSubnets(cidr: string, zones: number): SubnetPlan {
  if (!Number.isInteger(zones) || zones < 1 || zones > MOST_ZONES) {
    throw new RangeError(`${zones} zones given; a network spreads over 1 to ${MOST_ZONES}.`);
  }
  const vpc = rangeOf(cidr);
  const [large, small] = [vpc.size / 4, vpc.size / 16];
  if (small < 2 ** (32 - SMALLEST_SUBNET)) {
    throw new RangeError(`${cidr}: its subnets would be smaller than /${SMALLEST_SUBNET}. Use /24 or larger.`);
  }
  const each = (first: number, size: number) =>
    Array.from({ length: zones }, (_, zone) => cidrOf({ first: first + zone * size, size }));
  return { public: each(vpc.first + 3 * large, small), private: each(vpc.first, large) };
}

/** Whether the ranges have an address in common. @throws RangeError if one of them is not a range. */
export function overlaps(a: string, b: string): boolean {
  const [one, other] = [rangeOf(a), rangeOf(b)];
  return one.first < other.first + other.size && other.first < one.first + one.size;
}

/** Whether every address of `inner` is in `outer`. @throws RangeError if one of them is not a range. */
export function contains(outer: string, inner: string): boolean {
  const [around, within] = [rangeOf(outer), rangeOf(inner)];
  return around.first <= within.first && within.first + within.size <= around.first + around.size;
}

/** Number of addresses in the range. @throws RangeError if it is not a range. */
export function sizeOf(cidr: string): number {
  return rangeOf(cidr).size;
}

/** The range as AWS writes it, by its first address: 10.0.0.0/16 for 10.0.3.7/16. @throws RangeError if it is not a range. */
export function canonical(cidr: string): string {
  return cidrOf(rangeOf(cidr));
}

function rangeOf(cidr: string): Range {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(cidr);
  const [a = 256, b = 256, c = 256, d = 256, prefix = 33] = (match ?? []).slice(1).map(Number);
  if (Math.max(a, b, c, d) > 255 || prefix > 32) {
    throw new RangeError(`"${cidr}" given; an IPv4 range is written as 10.0.0.0/16.`);
  }
  const size = 2 ** (32 - prefix);
  const address = ((a * 256 + b) * 256 + c) * 256 + d;
  return { first: address - (address % size), size };
}

function cidrOf({ first, size }: Range): string {
  const octets = [24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256);
  return `${octets.join(".")}/${32 - Math.log2(size)}`;
}
