import type { EksEnvironment, Fault, NetworkConfig } from "../../../config/index.ts";
import { adminFaults, lockoutFault } from "../access/access.ts";
import { autoscalerFault } from "../autoscaler/version.ts";
import { upgradeFault, versionFault } from "../cluster/kubernetes-version.ts";
import { networkFaults, serviceRangeFault, zoneFaults } from "../network/faults.ts";
import { headroomFaults } from "../nodes/headroom.ts";
import { architectureFault, type InstanceFacts } from "../nodes/instance-types.ts";
import { DEFAULT_MAX_PODS, maxPodsFault } from "../nodes/max-pods.ts";
import { clusterPods } from "../nodes/system-pods.ts";
import type { AccountFacts } from "./lookup.ts";

const NODE_GROUP = ["cluster", "nodeGroup"];

/** What the stack's last update left in its output `platform`. */
export interface LastUpdate {
  kubernetesVersion?: string;
  deployRole?: string;
  previewRole?: string;
}

/** What of the config AWS cannot give, or would give to nobody's good. */
export function accountFaults(environment: EksEnvironment, facts: AccountFacts, last: LastUpdate): Fault[] {
  const { cluster } = environment;
  const { version, admins, nodeGroup } = cluster;
  const { instances, callerArn: callerRoleArn } = facts;
  const maxPods = maxPodsFault(nodeGroup.maxPods ?? DEFAULT_MAX_PODS, instances);
  const withSystemPods = { ...environment, systemPods: clusterPods(environment) };
  const { kubernetesVersion: running, deployRole: deployRoleArn, previewRole } = last;
  const range = facts.vpcCidr === undefined ? undefined : serviceRangeFault(facts.vpcCidr);
  const single = [
    // One that runs already is no reason to refuse a hotfix on the day its support ends.
    running === version ? undefined : versionFault(version, facts.versions),
    running === undefined ? undefined : upgradeFault(running, version),
    nodeGroup.autoscaler === "cluster-autoscaler" ? autoscalerFault(version) : undefined,
    // It has no access on purpose, and no right to change what would need it.
    callerRoleArn === previewRole
      ? undefined
      : lockoutFault({ callerRoleArn, admins, ...(deployRoleArn && { deployRoleArn }) }),
    range === undefined ? undefined : { path: ["cluster", "network", "vpcId"], message: range },
    maxPods === undefined ? undefined : { path: [...NODE_GROUP, "maxPods"], message: maxPods },
  ];
  return [
    ...single.filter((fault) => fault !== undefined),
    ...adminFaults(admins),
    ...networkFaults(environment),
    ...zoneFaults(cluster.network as NetworkConfig | undefined, facts.zones),
    ...architectureFaults(environment, instances),
    // What does not fit is counted with the number of pods that the config names: with a wrong one it would mislead.
    ...(maxPods === undefined ? headroomFaults(withSystemPods, instances) : []),
  ];
}

function architectureFaults({ images }: EksEnvironment, instances: readonly InstanceFacts[]): Fault[] {
  const mixed = architectureFault(instances);
  if (mixed !== undefined) return [{ path: [...NODE_GROUP, "instanceTypes"], message: mixed }];
  const wanted = instances[0]?.architecture === "arm64" ? "linux/arm64" : "linux/amd64";
  const { platform = "linux/amd64" } = images;
  if (platform === wanted) return [];
  const message = `${platform} does not run on ${instances[0]?.instanceType}, which is ${instances[0]?.architecture}. Take ${wanted}, or other instanceTypes`;
  return [{ path: ["images", "platform"], message }];
}
