import type { NodeGroupConfig } from "../../../config/index.ts";
import type { Workload } from "../cluster/workload.ts";

/** Which add-ons an environment runs. */
export interface AddonChoice {
  traefik: { enabled: boolean; replicas: number };
  metricsServer: { enabled: boolean };
  descheduler: { enabled: boolean };
}

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
 * What runs once in a cluster. Sources of the requests:
 * https://github.com/kubernetes/kubernetes/blob/master/cluster/addons/dns/coredns/coredns.yaml.base (EKS's are the same),
 * https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/deploy/kubernetes/base/controller.yaml (six containers),
 * charts/traefik/values.yaml, components/addons/descheduler-policy.ts, components/aws/autoscaler/values.ts and
 * https://github.com/kubernetes-sigs/metrics-server/blob/master/charts/metrics-server/values.yaml
 */
export function clusterPods(
  { traefik, metricsServer, descheduler }: AddonChoice,
  { autoscaler, min }: Pick<NodeGroupConfig, "autoscaler" | "min">,
): Workload[] {
  const pods: Workload[] = [
    { name: "coredns", pods: 2, cpuMillis: 100, memoryMiB: 70 },
    { name: "ebs-csi-controller", pods: 2, cpuMillis: 60, memoryMiB: 232 },
  ];
  if (traefik.enabled) {
    const apart = traefikSpread(traefik, min) === "required";
    pods.push({ name: "traefik", pods: traefik.replicas, cpuMillis: 100, memoryMiB: 64, apart });
  }
  if (metricsServer.enabled) pods.push({ name: "metrics-server", pods: 1, cpuMillis: 100, memoryMiB: 200 });
  if (descheduler.enabled) pods.push({ name: "descheduler", pods: 1, cpuMillis: 50, memoryMiB: 64 });
  if (autoscaler === "cluster-autoscaler") {
    pods.push({ name: "cluster-autoscaler", pods: 1, cpuMillis: 100, memoryMiB: 300 });
  }
  return pods;
}

/**
 * How Traefik's pods are spread. Every request passes through them, so never are two on one node; but with more of them than
 * nodes one would find none, and its release would wait for it in vain.
 *
 * @param min nodes at least.
 */
export function traefikSpread(traefik: { replicas: number }, min: number): "required" | "preferred" {
  return traefik.replicas <= min ? "required" : "preferred";
}
