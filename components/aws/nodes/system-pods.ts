import type { Addon, AddonEnvironment } from "../../addons/addon.ts";
import { enabledAddons } from "../../addons/list.ts";
import { chartPods } from "../../charts.ts";
import type { Workload } from "../cluster/workload.ts";
import { milliUnits, wholeUnits } from "./quantity.ts";

const MIB = 2 ** 20;

/**
 * What runs on every node: the daemon sets of EKS's add-ons. Sources of the requests:
 * https://github.com/aws/amazon-vpc-cni-k8s/blob/master/config/master/aws-k8s-cni.yaml (two containers of 25m),
 * https://github.com/aws/containers-roadmap/issues/1509 (kube-proxy: 100m and no memory, as EKS installs it),
 * https://github.com/aws/eks-pod-identity-agent/blob/main/charts/eks-pod-identity-agent/values.yaml (nothing),
 * https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/deploy/kubernetes/base/node.yaml (three containers)
 */
export const NODE_PODS: readonly Workload[] = [
  { name: "aws-node", pods: 1, cpuMillis: 50, memoryMiB: 0 },
  { name: "kube-proxy", pods: 1, cpuMillis: 100, memoryMiB: 0 },
  { name: "eks-pod-identity-agent", pods: 1, cpuMillis: 0, memoryMiB: 0 },
  { name: "ebs-csi-node", pods: 1, cpuMillis: 30, memoryMiB: 104 },
];

/**
 * Pods of EKS's add-ons that run once in a cluster. Sources of the requests:
 * https://github.com/kubernetes/kubernetes/blob/master/cluster/addons/dns/coredns/coredns.yaml.base (EKS's are the same),
 * https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/deploy/kubernetes/base/controller.yaml (six containers)
 */
const EKS_PODS: readonly Workload[] = [
  { name: "coredns", pods: 2, cpuMillis: 100, memoryMiB: 70 },
  { name: "ebs-csi-controller", pods: 2, cpuMillis: 60, memoryMiB: 232 },
];

/** What runs once in an environment's cluster beside the services: EKS's add-ons and the program's own. */
export function clusterPods(environment: AddonEnvironment): Workload[] {
  return [...EKS_PODS, ...enabledAddons(environment).map((addon) => podsOf(addon, environment))];
}

function podsOf(addon: Addon, environment: AddonEnvironment): Workload {
  const { replicas, requests } = chartPods(addon.name);
  return {
    name: addon.name,
    pods: addon.replicas?.(environment) ?? replicas,
    cpuMillis: milliUnits(requests.cpu),
    memoryMiB: Math.ceil(wholeUnits(requests.memory) / MIB),
    apart: addon.onePerNode?.(environment) ?? false,
  };
}
