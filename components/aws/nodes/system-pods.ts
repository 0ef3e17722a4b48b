import type { NodeGroupConfig } from "../../../config/index.ts";
import type { PodRequests } from "./pod-requests.ts";

/** The add-ons that an environment runs. */
export interface AddonChoice {
  traefik: { enabled: boolean; replicas: number };
  metricsServer: { enabled: boolean };
  descheduler: { enabled: boolean };
}

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
 * The pods of the EKS add-ons and the environment's add-ons. Sources of the requests:
 * https://github.com/kubernetes/kubernetes/blob/master/cluster/addons/dns/coredns/coredns.yaml.base (EKS's are the same),
 * https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/deploy/kubernetes/base/controller.yaml (six containers),
 * charts/traefik/values.yaml, components/addons/descheduler-policy.ts, components/aws/autoscaler/values.ts and
 * https://github.com/kubernetes-sigs/metrics-server/blob/master/charts/metrics-server/values.yaml
 */
export function clusterPods(
  { traefik, metricsServer, descheduler }: AddonChoice,
  { autoscaler, min }: Pick<NodeGroupConfig, "autoscaler" | "min">,
): PodRequests[] {
  const pods: PodRequests[] = [
    { name: "coredns", replicas: 2, cpuMillis: 100, memoryMiB: 70 },
    { name: "ebs-csi-controller", replicas: 2, cpuMillis: 60, memoryMiB: 232 },
  ];
  if (traefik.enabled) {
    const onePerNode = traefikSpread(traefik, min) === "required";
    pods.push({ name: "traefik", replicas: traefik.replicas, cpuMillis: 100, memoryMiB: 64, onePerNode });
  }
  if (metricsServer.enabled) pods.push({ name: "metrics-server", replicas: 1, cpuMillis: 100, memoryMiB: 200 });
  if (descheduler.enabled) pods.push({ name: "descheduler", replicas: 1, cpuMillis: 50, memoryMiB: 64 });
  if (autoscaler === "cluster-autoscaler") {
    pods.push({ name: "cluster-autoscaler", replicas: 1, cpuMillis: 100, memoryMiB: 300 });
  }
  return pods;
}

/**
 * How Traefik's pods are spread over the nodes. Every request passes through them, so no two share a node. With more replicas
 * than nodes that cannot hold: the last one would stay pending and its Helm release would time out.
 *
 * @param min minimum number of nodes.
 */
export function traefikSpread(traefik: { replicas: number }, min: number): "required" | "preferred" {
  return traefik.replicas <= min ? "required" : "preferred";
}
