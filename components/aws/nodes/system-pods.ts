import { milliUnits, wholeUnits } from "../../../config/quantity.ts";
import type { Addon, AddonEnvironment } from "../../addons/addon.ts";
import { enabledAddons } from "../../addons/list.ts";
import { chartPods } from "../../charts.ts";
import type { PodRequests } from "./pod-requests.ts";

const MIB = 2 ** 20;

/**
 * The daemon sets of the EKS add-ons, which run on every node. Sources of the requests:
 * https://github.com/aws/amazon-vpc-cni-k8s/blob/master/config/master/aws-k8s-cni.yaml (two containers of 25m),
 * https://github.com/aws/containers-roadmap/issues/1509 (kube-proxy: 100m and no memory, as EKS installs it),
 * https://github.com/aws/eks-pod-identity-agent/blob/main/charts/eks-pod-identity-agent/values.yaml (nothing),
 * https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/deploy/kubernetes/base/node.yaml (three containers)
 */
export const DAEMON_SETS: readonly PodRequests[] = [
  { name: "aws-node", replicas: 1, cpuMillis: 50, memoryMiB: 0 },
  { name: "kube-proxy", replicas: 1, cpuMillis: 100, memoryMiB: 0 },
  { name: "eks-pod-identity-agent", replicas: 1, cpuMillis: 0, memoryMiB: 0 },
  { name: "ebs-csi-node", replicas: 1, cpuMillis: 30, memoryMiB: 104 },
];

/**
 * The daemon sets of Container Insights. Source of the requests:
 * https://github.com/aws-observability/helm-charts/blob/main/charts/amazon-cloudwatch-observability/values.yaml
 */
const INSIGHTS_DAEMON_SETS: readonly PodRequests[] = [
  { name: "cloudwatch-agent", replicas: 1, cpuMillis: 250, memoryMiB: 128 },
  { name: "fluent-bit", replicas: 1, cpuMillis: 50, memoryMiB: 25 },
];
const INSIGHTS_PODS: readonly PodRequests[] = [
  { name: "amazon-cloudwatch-observability-controller-manager", replicas: 1, cpuMillis: 100, memoryMiB: 64 },
];

/** Pods that run on every node. */
export function daemonSets({ containerInsights }: { containerInsights?: unknown }): readonly PodRequests[] {
  return containerInsights === undefined ? DAEMON_SETS : [...DAEMON_SETS, ...INSIGHTS_DAEMON_SETS];
}

/**
 * Pods of the EKS add-ons that are not daemon sets. Sources of the requests:
 * https://github.com/kubernetes/kubernetes/blob/master/cluster/addons/dns/coredns/coredns.yaml.base (EKS's are the same),
 * https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/deploy/kubernetes/base/controller.yaml (six containers)
 */
const EKS_ADDON_PODS: readonly PodRequests[] = [
  { name: "coredns", replicas: 2, cpuMillis: 100, memoryMiB: 70 },
  { name: "ebs-csi-controller", replicas: 2, cpuMillis: 60, memoryMiB: 232 },
];

/** The pods of an environment's cluster beside its services and daemon sets: those of EKS's add-ons and of the program's. */
export function addonPods(environment: AddonEnvironment): PodRequests[] {
  const { cluster } = environment;
  const hasInsights = cluster.target === "eks" && cluster.containerInsights !== undefined;
  return [
    ...EKS_ADDON_PODS,
    ...(hasInsights ? INSIGHTS_PODS : []),
    ...enabledAddons(environment).map((addon) => podsOf(addon, environment)),
  ];
}

function podsOf(addon: Addon, environment: AddonEnvironment): PodRequests {
  const { replicas, requests } = chartPods(addon.name);
  return {
    name: addon.name,
    replicas: addon.replicas?.(environment) ?? replicas,
    cpuMillis: milliUnits(requests.cpu),
    memoryMiB: Math.ceil(wholeUnits(requests.memory) / MIB),
    onePerNode: addon.onePerNode?.(environment) ?? false,
  };
}
