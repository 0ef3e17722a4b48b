import { AppsV1Api, type KubeConfig, type V1Deployment, type V1StatefulSet } from "@kubernetes/client-node";
import { type Rollout, Rollouts } from "../components/cluster/rollouts.ts";
import { isRolloutObserved } from "../components/rollout/argo-rollout.ts";
import { connectCluster } from "./cluster.ts";
import type { StackEnvironment } from "./environment.ts";

/** Pods of a service's new version. */
export interface Readiness {
  ready: number;
  desired: number;
}

const POLL_MILLISECONDS = 2_000;

/** Asks the cluster again and again how far the rollouts of a stack's services are. It only informs: a failure means no answer. */
export class RolloutReadiness {
  private readonly workloads = new Map<string, V1Deployment | V1StatefulSet | Rollout>();
  /** Generations when the update began: until one changes, the pods are those of the old version. */
  private readonly first = new Map<string, number>();
  private access: KubeConfig | undefined;
  private timer: NodeJS.Timeout | undefined;

  private readonly environment: StackEnvironment;

  constructor(environment: StackEnvironment) {
    this.environment = environment;
  }

  start(): void {
    this.timer = setInterval(() => void this.poll().catch(() => {}), POLL_MILLISECONDS);
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** @returns undefined until the service's new version is in the cluster */
  of(service: string): Readiness | undefined {
    const workload = this.workloads.get(service);
    if (workload === undefined) return undefined;
    const readiness = readinessOf(workload);
    const isNew = workload.metadata?.generation !== this.first.get(service) || readiness.ready < readiness.desired;
    return isNew ? readiness : undefined;
  }

  private async poll(): Promise<void> {
    this.access ??= await connectCluster(this.environment);
    const apps = this.access.makeApiClient(AppsV1Api);
    const { namespace } = this.environment.config;
    const [deployments, statefulSets, rollouts] = await Promise.all([
      apps.listNamespacedDeployment({ namespace }),
      apps.listNamespacedStatefulSet({ namespace }),
      new Rollouts(this.access).visible(namespace),
    ]);
    for (const workload of [...deployments.items, ...statefulSets.items, ...rollouts]) {
      const name = workload.metadata?.name ?? "";
      this.workloads.set(name, workload);
      if (!this.first.has(name)) this.first.set(name, workload.metadata?.generation ?? 0);
    }
  }
}

/**
 * Old pods stay available during a rolling update without unavailable pods, so those that are not available are new ones.
 */
export function readinessOf(workload: V1Deployment | V1StatefulSet | Rollout): Readiness {
  if (isRollout(workload)) return readinessOfRollout(workload);
  const { metadata, spec, status } = workload;
  const desired = spec?.replicas ?? 1;
  const { observedGeneration = 0, replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status ?? {};
  if (observedGeneration < (metadata?.generation ?? 0)) return { ready: 0, desired };
  return { ready: Math.min(desired, Math.max(0, updatedReplicas - (replicas - availableReplicas))), desired };
}

function isRollout(workload: V1Deployment | V1StatefulSet | Rollout): workload is Rollout {
  return workload.apiVersion?.startsWith("argoproj.io/") ?? false;
}

/** Its old pods stay ready beside all the new ones. */
function readinessOfRollout(rollout: Rollout): Readiness {
  const desired = rollout.spec.replicas ?? 1;
  if (!isRolloutObserved(rollout)) return { ready: 0, desired };
  const { replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = rollout.status ?? {};
  return { ready: Math.min(desired, Math.max(0, updatedReplicas - (replicas - availableReplicas))), desired };
}
