import type { IpPermission } from "@aws-sdk/client-ec2";

/** Rules of a security group as the group lists them: those of one protocol, range of ports and description together. */
export type ListedRules = {
  readonly protocol: string;
  readonly fromPort: number;
  readonly toPort: number;
  readonly description: string;
  /** Whether the group itself is among the sources. */
  readonly self: boolean;
  readonly cidrBlocks: readonly string[];
  readonly ipv6CidrBlocks: readonly string[];
  readonly prefixListIds: readonly string[];
  readonly securityGroups: readonly string[];
};

type List = "cidrBlocks" | "ipv6CidrBlocks" | "prefixListIds" | "securityGroups";
type Source = readonly [list: List, value: string, description: string];

/**
 * What permissions allow, as a security group lists it.
 *
 * @param groupId the group's own id.
 */
export function listedRules(groupId: string, permissions: readonly IpPermission[]): ListedRules[] {
  const listed = new Map<string, ListedRules>();
  for (const permission of permissions) {
    const { IpProtocol: protocol = "-1", FromPort: fromPort = 0, ToPort: toPort = 0 } = permission;
    for (const [list, value, description] of sourcesOf(permission)) {
      const key = JSON.stringify([protocol, fromPort, toPort, description]);
      const rules = listed.get(key) ?? { protocol, fromPort, toPort, description, ...NO_SOURCES };
      const added = value === groupId ? { self: true } : { [list]: [...rules[list], value] };
      listed.set(key, { ...rules, ...added });
    }
  }
  return [...listed.values()];
}

const NO_SOURCES = { self: false, cidrBlocks: [], ipv6CidrBlocks: [], prefixListIds: [], securityGroups: [] };

function sourcesOf(permission: IpPermission): Source[] {
  const { IpRanges = [], Ipv6Ranges = [], PrefixListIds = [], UserIdGroupPairs = [] } = permission;
  return [
    ...IpRanges.map(({ CidrIp = "", Description = "" }): Source => ["cidrBlocks", CidrIp, Description]),
    ...Ipv6Ranges.map(({ CidrIpv6 = "", Description = "" }): Source => ["ipv6CidrBlocks", CidrIpv6, Description]),
    ...PrefixListIds.map(
      ({ PrefixListId = "", Description = "" }): Source => ["prefixListIds", PrefixListId, Description],
    ),
    ...UserIdGroupPairs.map(({ GroupId = "", Description = "" }): Source => ["securityGroups", GroupId, Description]),
  ];
}
