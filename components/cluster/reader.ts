import {
  ApiException,
  AppsV1Api,
  CoreV1Api,
  type CoreV1Event,
  KubeConfig,
  type V1Deployment,
  type V1Pod,
  type V1ReplicaSet,
  type V1StatefulSet,
} from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";

/** A Helm revision whose operation has not ended. */
export interface PendingRevision {
  /** Name of the Secret that records it. */
  secret: string;
  release: string;
  /** `pending-install`, `pending-upgrade` or `pending-rollback`. */
  status: string;
  since: Date;
  /** Version of the record that was read. */
  resourceVersion: string;
}

/** What the program itself reads of the cluster, and the little that it deletes: rollouts, and Helm revisions that never ended. */
export class ClusterReader {
  private readonly api: CoreV1Api;
  private readonly apps: AppsV1Api;

  private constructor(config: KubeConfig) {
    this.api = config.makeApiClient(CoreV1Api);
    this.apps = config.makeApiClient(AppsV1Api);
  }

  /** @throws pulumi.RunError if the kubeconfig cannot be read or has no such context. */
  static ofContext({ context, kubeconfig }: { context: string; kubeconfig?: string }): ClusterReader {
    const config = new KubeConfig();
    try {
      if (kubeconfig) config.loadFromFile(kubeconfig);
      else config.loadFromDefault();
    } catch (error) {
      throw new pulumi.RunError(
        `cluster.kubeconfig: cannot read ${kubeconfig ?? process.env.KUBECONFIG ?? "~/.kube/config"} ` +
          `(${error instanceof Error ? error.message.split("\n")[0] : error}). Set it, or KUBECONFIG, to a kubeconfig.`,
      );
    }
    const known = config.getContexts().map(({ name }) => name);
    if (!known.includes(context)) {
      throw new pulumi.RunError(
        `cluster.context: "${context}" given; the kubeconfig has ${known.join(", ") || "no context"}. ` +
          "Use one of them, or set KUBECONFIG (or cluster.kubeconfig) to the right file.",
      );
    }
    config.setCurrentContext(context);
    return new ClusterReader(config);
  }

  /** @param kubeconfig text of a kubeconfig. Its current context is used. */
  static ofKubeconfig(kubeconfig: string): ClusterReader {
    const config = new KubeConfig();
    config.loadFromString(kubeconfig);
    return new ClusterReader(config);
  }

  /** Pods that have all the labels, such as `{ "app.kubernetes.io/instance": "api" }`. */
  async pods(namespace: string, labels: Record<string, string>): Promise<V1Pod[]> {
    const { items } = await this.api.listNamespacedPod({ namespace, labelSelector: selector(labels) });
    return items;
  }

  /** Undefined if it does not exist. */
  deployment(namespace: string, name: string): Promise<V1Deployment | undefined> {
    return unlessMissing(this.apps.readNamespacedDeployment({ namespace, name }));
  }

  /** Undefined if it does not exist. */
  statefulSet(namespace: string, name: string): Promise<V1StatefulSet | undefined> {
    return unlessMissing(this.apps.readNamespacedStatefulSet({ namespace, name }));
  }

  /** ReplicaSets that have all the labels. */
  async replicaSets(namespace: string, labels: Record<string, string>): Promise<V1ReplicaSet[]> {
    const { items } = await this.apps.listNamespacedReplicaSet({ namespace, labelSelector: selector(labels) });
    return items;
  }

  /** Deletes a Service. @returns whether it existed. */
  async deleteService(namespace: string, name: string): Promise<boolean> {
    return (await unlessMissing(this.api.deleteNamespacedService({ namespace, name }))) !== undefined;
  }

  /** Last lines of a pod's log, or of the run before if a container restarted. Empty if there is no log. */
  async lastLogLines(pod: V1Pod, lines: number): Promise<string[]> {
    const { name = "", namespace = "" } = pod.metadata ?? {};
    // An init container or a sidecar that failed keeps the service's own from starting.
    const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
    const failed = statuses.find(
      ({ ready, lastState, state }) => !ready && (lastState?.terminated ?? state?.terminated?.exitCode),
    );
    const container = failed?.name ?? pod.spec?.containers[0]?.name;
    for (const previous of failed?.lastState?.terminated ? [true, false] : [false]) {
      try {
        const log = await this.api.readNamespacedPodLog({ name, namespace, container, tailLines: lines, previous });
        if (log) return log.trimEnd().split("\n");
      } catch {
        // The container has not started, or the pod is gone. Then there is no log.
      }
    }
    return [];
  }

  /** Message of the newest warning event of a pod, such as a failed readiness probe. */
  async lastWarning(pod: V1Pod): Promise<string | undefined> {
    const { name, namespace = "" } = pod.metadata ?? {};
    const { items } = await this.api.listNamespacedEvent({
      namespace,
      fieldSelector: `involvedObject.name=${name},type=Warning`,
    });
    const when = (event: CoreV1Event) => (event.lastTimestamp ?? event.metadata.creationTimestamp)?.valueOf() ?? 0;
    return items.sort((a, b) => when(a) - when(b)).at(-1)?.message;
  }

  /**
   * Helm revisions whose operation has not ended. Labels: https://helm.sh/docs/topics/kubernetes_apis/ and Helm's secrets driver.
   *
   * @param release only revisions of this release. @default - of all
   */
  async pendingRevisions(namespace: string, release?: string): Promise<PendingRevision[]> {
    const pending = "owner=helm,status in (pending-install,pending-upgrade,pending-rollback)";
    const { items } = await this.api.listNamespacedSecret({
      namespace,
      labelSelector: release === undefined ? pending : `${pending},name=${release}`,
    });
    return items.map(({ metadata }) => ({
      secret: metadata?.name ?? "",
      release: metadata?.labels?.name ?? "",
      status: metadata?.labels?.status ?? "",
      since: metadata?.creationTimestamp ?? new Date(0),
      resourceVersion: metadata?.resourceVersion ?? "",
    }));
  }

  /**
   * Deletes the record of a revision. If the record has changed since it was read, the operation has ended, and it stays.
   *
   * @returns whether it was deleted.
   */
  async deleteRevision(namespace: string, { secret, resourceVersion }: PendingRevision): Promise<boolean> {
    try {
      await this.api.deleteNamespacedSecret({ namespace, name: secret, body: { preconditions: { resourceVersion } } });
      return true;
    } catch (error) {
      if (error instanceof ApiException && (error.code === 404 || error.code === 409)) return false;
      throw error;
    }
  }
}

async function unlessMissing<T>(request: Promise<T>): Promise<T | undefined> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof ApiException && error.code === 404) return undefined;
    throw error;
  }
}

function selector(labels: Record<string, string>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
}
