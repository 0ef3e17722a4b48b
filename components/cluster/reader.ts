import { ApiException, CoreV1Api, type CoreV1Event, KubeConfig, type V1Pod } from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";

/** A Helm revision in the midst of an operation. */
export interface PendingRevision {
  /** Secret that is its record. */
  secret: string;
  release: string;
  /** `pending-install`, `pending-upgrade` or `pending-rollback`. */
  status: string;
  since: Date;
  /** Of the record as it was read. */
  resourceVersion: string;
}

/** What the program itself asks of the cluster: pods that are in trouble, Helm revisions that never ended. */
export class ClusterReader {
  private constructor(private readonly api: CoreV1Api) {}

  /** @throws pulumi.RunError if the kubeconfig lacks the context. */
  static connect({ context, kubeconfig }: { context: string; kubeconfig?: string }): ClusterReader {
    const config = new KubeConfig();
    try {
      if (kubeconfig) config.loadFromFile(kubeconfig);
      else config.loadFromDefault();
    } catch (error) {
      throw new pulumi.RunError(
        `cluster.kubeconfig: ${kubeconfig ?? process.env.KUBECONFIG ?? "~/.kube/config"} cannot be read ` +
          `(${error instanceof Error ? error.message.split("\n")[0] : error}). Point it, or KUBECONFIG, at a kubeconfig.`,
      );
    }
    const known = config.getContexts().map(({ name }) => name);
    if (!known.includes(context)) {
      throw new pulumi.RunError(
        `cluster.context: "${context}" given; the kubeconfig has ${known.join(", ") || "no context"}. ` +
          "Take one of them, or point KUBECONFIG (or cluster.kubeconfig) at the right file.",
      );
    }
    config.setCurrentContext(context);
    return new ClusterReader(config.makeApiClient(CoreV1Api));
  }

  /** @param kubeconfig the text of one; its current context counts. */
  static connectBy(kubeconfig: string): ClusterReader {
    const config = new KubeConfig();
    config.loadFromString(kubeconfig);
    return new ClusterReader(config.makeApiClient(CoreV1Api));
  }

  /** Pods with all the labels, such as `{ "app.kubernetes.io/instance": "api" }`. */
  async pods(namespace: string, labels: Record<string, string>): Promise<V1Pod[]> {
    const { items } = await this.api.listNamespacedPod({ namespace, labelSelector: selector(labels) });
    return items;
  }

  /** Last lines of a container's log; of its last run where it has been restarted. Empty where there is none. */
  async lastLogLines(pod: V1Pod, lines: number): Promise<string[]> {
    const { name = "", namespace = "" } = pod.metadata ?? {};
    const restarted = (pod.status?.containerStatuses ?? []).some((status) => status.lastState?.terminated);
    for (const previous of restarted ? [true, false] : [false]) {
      try {
        const log = await this.api.readNamespacedPodLog({ name, namespace, tailLines: lines, previous });
        if (log) return log.trimEnd().split("\n");
      } catch {
        // The container may not have started, or the pod may be gone: then there is no log to show.
      }
    }
    return [];
  }

  /** Message of the newest warning about a pod, such as what its readiness probe met. */
  async lastWarning(pod: V1Pod): Promise<string | undefined> {
    const { name, namespace = "" } = pod.metadata ?? {};
    const { items } = await this.api.listNamespacedEvent({
      namespace,
      fieldSelector: `involvedObject.name=${name},type=Warning`,
    });
    const when = (event: CoreV1Event) => (event.lastTimestamp ?? event.metadata.creationTimestamp)?.valueOf() ?? 0;
    return items.sort((a, b) => when(a) - when(b)).at(-1)?.message;
  }

  /** Helm revisions in the midst of an operation. Labels: https://helm.sh/docs/topics/kubernetes_apis/ and Helm's secrets driver. */
  async pendingRevisions(namespace: string): Promise<PendingRevision[]> {
    const { items } = await this.api.listNamespacedSecret({
      namespace,
      labelSelector: "owner=helm,status in (pending-install,pending-upgrade,pending-rollback)",
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
   * Deletes the record of a revision, unless it has changed since it was read: then the operation has ended.
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

function selector(labels: Record<string, string>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
}
