import { AppsV1Api, type KubeConfig } from "@kubernetes/client-node";
import { Rollouts } from "../../components/cluster/rollouts.ts";
import { isHealthy } from "../../components/rollout/argo-rollout.ts";
import { readinessOf } from "../rollout-readiness.ts";

export interface Settled {
  /** Nothing is under way: no rollout, no promotion that somebody must make, no start of a pod. */
  isSettled: boolean;
  desired: number;
}

/** The services of a namespace, by name. */
export async function readSettled(access: KubeConfig, namespace: string): Promise<Map<string, Settled>> {
  const apps = access.makeApiClient(AppsV1Api);
  const [deployments, statefulSets, rollouts] = await Promise.all([
    apps.listNamespacedDeployment({ namespace }),
    apps.listNamespacedStatefulSet({ namespace }),
    new Rollouts(access).visible(namespace),
  ]);
  const settled = new Map<string, Settled>();
  for (const workload of [...deployments.items, ...statefulSets.items]) {
    const { ready, desired } = readinessOf(workload);
    settled.set(workload.metadata?.name ?? "", { isSettled: ready === desired, desired });
  }
  for (const rollout of rollouts) {
    const { ready, desired } = readinessOf(rollout);
    settled.set(rollout.metadata.name ?? "", { isSettled: isHealthy(rollout) && ready === desired, desired });
  }
  return settled;
}
