import { CoreV1Api, type CoreV1Event, KubeConfig, type V1Pod } from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";

/** What the program itself asks of the cluster: pods that are in trouble, Helm revisions that never ended. */
export class ClusterReader {
  private constructor(private readonly api: CoreV1Api) {}

  /** @throws pulumi.RunError if the kubeconfig lacks the context. */
  static connect({ context, kubeconfig }: { context: string; kubeconfig?: string }): ClusterReader {
    const config = new KubeConfig();
    if (kubeconfig) config.loadFromFile(kubeconfig);
    else config.loadFromDefault();
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
  async pendingRevisions(namespace: string): Promise<{ secret: string; release: string; status: string }[]> {
    const { items } = await this.api.listNamespacedSecret({
      namespace,
      labelSelector: "owner=helm,status in (pending-install,pending-upgrade,pending-rollback)",
    });
    return items.map(({ metadata }) => ({
      secret: metadata?.name ?? "",
      release: metadata?.labels?.name ?? "",
      status: metadata?.labels?.status ?? "",
    }));
  }

  async deleteSecret(namespace: string, name: string): Promise<void> {
    await this.api.deleteNamespacedSecret({ namespace, name });
  }
}

function selector(labels: Record<string, string>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
}
