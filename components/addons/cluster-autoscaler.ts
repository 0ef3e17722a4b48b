import { autoscalerTag, type EksEnvironment } from "../../config/index.ts";
import { type Addon, inSystemNamespace } from "./addon.ts";

/**
 * Adds a node when pods find no room; drains and removes one that is not needed. It finds the Auto Scaling groups by the tags
 * that EKS gives them (https://docs.aws.amazon.com/eks/latest/userguide/managed-node-groups.html). A group that spans zones
 * grows in the zone that Auto Scaling picks, so a pod whose volume is in another zone may have to wait for another node.
 */
export const clusterAutoscaler: Addon = {
  name: "cluster-autoscaler",
  namespace: inSystemNamespace,
  timeoutSeconds: 180,
  enabled: ({ cluster }) => cluster.target === "eks" && cluster.nodeGroup.autoscaler === "cluster-autoscaler",
  values: (environment) => {
    const { cluster, aws } = environment as EksEnvironment;
    return { clusterName: cluster.name, region: aws.region, image: { tag: autoscalerTag(cluster.version) } };
  },
};
