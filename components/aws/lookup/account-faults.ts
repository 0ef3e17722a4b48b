import { type EksEnvironment, type Fault, serviceRangeFault } from "../../../config/index.ts";
import { lockoutFault } from "../access/lockout.ts";
import { upgradeFault, versionFault } from "../cluster/kubernetes-version.ts";
import { chooseZones, offeringFaults, type ZoneFacts } from "../network/availability-zones.ts";
import { headroomFaults } from "../nodes/headroom.ts";
import { architectureFault, type InstanceType } from "../nodes/instance-type.ts";
import { maxPodsFault } from "../nodes/max-pods.ts";
import { addonPods } from "../nodes/system-pods.ts";
import type { AwsAccount } from "./account.ts";

const NODE_GROUP = ["cluster", "nodeGroup"];

/** The stack's output `platform` of the last update. */
export interface LastPlatform {
  /** Zones of the VPC that the stack created, in the order of their subnets' ranges. */
  zones?: string[];
  kubernetesVersion?: string;
  deployRole?: string;
  previewRole?: string;
}

/** What AWS would refuse, or accept only to fail later. */
export function accountFaults(environment: EksEnvironment, account: AwsAccount, last: LastPlatform): Fault[] {
  const { cluster } = environment;
  const { version, admins, nodeGroup } = cluster;
  const { instanceTypes, callerArn: callerRoleArn } = account;
  const maxPods = maxPodsFault(nodeGroup.maxPods, instanceTypes);
  const { kubernetesVersion: lastVersion, deployRole: deployRoleArn, previewRole } = last;
  const ranges = account.vpcCidrs.map(serviceRangeFault).filter((message) => message !== undefined);
  const single = [
    // A hotfix must pass on the day when the support of the running version ends.
    lastVersion === version ? undefined : versionFault(version, account.eksVersions),
    lastVersion === undefined ? undefined : upgradeFault(lastVersion, version),
    // The preview role has no access on purpose, and cannot change what would need it.
    callerRoleArn === previewRole
      ? undefined
      : lockoutFault({ callerRoleArn, admins, ...(deployRoleArn && { deployRoleArn }) }),
    ...ranges.map((message) => ({ path: ["cluster", "network", "vpcId"], message })),
    maxPods === undefined ? undefined : { path: [...NODE_GROUP, "maxPods"], message: maxPods },
  ];
  return [
    ...single.filter((fault) => fault !== undefined),
    ...zoneFaults(environment, account, last),
    ...architectureFaults(environment, instanceTypes),
    // Headroom depends on maxPods: with a wrong one its message would mislead.
    ...(maxPods === undefined
      ? headroomFaults({ ...environment, addonPods: addonPods(environment) }, instanceTypes)
      : []),
  ];
}

/** Availability zones of the VPC that the stack creates, in the order of their subnets' ranges. */
export function zonesOf(environment: EksEnvironment, account: AwsAccount, last: LastPlatform): string[] {
  return chooseZones(environment.cluster.network, zoneFacts(environment, account, last)).zones;
}

function zoneFaults(environment: EksEnvironment, account: AwsAccount, last: LastPlatform): Fault[] {
  const facts = zoneFacts(environment, account, last);
  const existing = [...new Set(account.nodeSubnets.map(({ zone }) => zone))];
  return [...chooseZones(environment.cluster.network, facts).faults, ...offeringFaults(existing, facts)];
}

function zoneFacts(
  { aws, cluster }: EksEnvironment,
  { availabilityZones, offeringZones, nodeGroup }: AwsAccount,
  { zones, kubernetesVersion }: LastPlatform,
): ZoneFacts {
  const { instanceTypes } = cluster.nodeGroup;
  const sameInstanceTypes = String(nodeGroup?.instanceTypes) === String(instanceTypes);
  return {
    available: availabilityZones,
    offering: offeringZones,
    instanceTypes,
    names: aws.zones,
    ...(kubernetesVersion !== undefined && { last: { zones, sameInstanceTypes } }),
  };
}

function architectureFaults({ images }: EksEnvironment, types: readonly InstanceType[]): Fault[] {
  const mixed = architectureFault(types);
  if (mixed !== undefined) return [{ path: [...NODE_GROUP, "instanceTypes"], message: mixed }];
  const needed = types[0]?.architecture === "arm64" ? "linux/arm64" : "linux/amd64";
  const { platform } = images;
  if (platform === needed) return [];
  const message =
    `${platform} does not run on ${types[0]?.name}, which is ${types[0]?.architecture}. ` +
    `Take ${needed}, or other instanceTypes`;
  return [{ path: ["images", "platform"], message }];
}
