import {
  ApiException,
  AppsV1Api,
  BatchV1Api,
  CoreV1Api,
  type CoreV1Event,
  CustomObjectsApi,
  DiscoveryV1Api,
  KubeConfig,
  NetworkingV1Api,
  type V1CronJob,
  type V1Deployment,
  type V1Ingress,
  type V1Job,
  type V1ObjectMeta,
  type V1Pod,
  type V1ReplicaSet,
  type V1Secret,
  type V1Service,
  type V1StatefulSet,
  VersionApi,
} from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";
import { MigrationsApi } from "../migrations/api.ts";
import { apiClient } from "./api-client.ts";
import { MERGE, selector, unlessMissing } from "./api-requests.ts";
import { ArgoApplications } from "./argo-applications.ts";
import { DryRun } from "./dry-run.ts";
import { LiveObjects } from "./live-objects.ts";
import { Rollouts } from "./rollouts.ts";
import { StatefulSets } from "./stateful-sets.ts";

const SHARED_MILLISECONDS = 1_000;

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

export interface Workloads {
  deployments: V1Deployment[];
  statefulSets: V1StatefulSet[];
  /** @default - none */
  cronJobs?: V1CronJob[];
}

/** A ConfigMap or Secret of a service, without its content. */
export interface DataObject {
  kind: "ConfigMap" | "Secret";
  name: string;
  service: string;
  /** Milliseconds since 1970. */
  createdAt: number;
}

/** What the program itself reads of the cluster, and the little that it changes there: gates of rollouts, and Helm's records of revisions. */
export class ClusterReader {
  private readonly api: CoreV1Api;
  private readonly apps: AppsV1Api;
  private readonly batch: BatchV1Api;
  private readonly custom: CustomObjectsApi;
  private readonly discovery: DiscoveryV1Api;
  private readonly networking: NetworkingV1Api;
  private readonly versions: VersionApi;
  /** The last list of pending revisions, by namespace. */
  private readonly recent = new Map<string, { readAt: number; revisions: Promise<PendingRevision[]> }>();

  /** Asks without changing anything. */
  readonly dryRun: DryRun;
  readonly rollouts: Rollouts;
  /** Jobs, ledgers and leases of migrations. */
  readonly migrations: MigrationsApi;
  readonly statefulSets: StatefulSets;
  readonly applications: ArgoApplications;
  readonly objects: LiveObjects;

  private constructor(config: KubeConfig) {
    this.dryRun = new DryRun(config);
    this.rollouts = new Rollouts(config);
    this.migrations = new MigrationsApi(config);
    this.statefulSets = new StatefulSets(config);
    this.applications = new ArgoApplications(config);
    this.objects = new LiveObjects(config);
    this.api = apiClient(config, CoreV1Api);
    this.apps = apiClient(config, AppsV1Api);
    this.batch = apiClient(config, BatchV1Api);
    this.custom = apiClient(config, CustomObjectsApi);
    this.discovery = apiClient(config, DiscoveryV1Api);
    this.networking = apiClient(config, NetworkingV1Api);
    this.versions = apiClient(config, VersionApi);
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

  /** The API server's, such as v1.36.3. */
  async version(): Promise<string> {
    return (await this.versions.getCode()).gitVersion;
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

  /** Changes a Deployment. @param patch a JSON merge patch */
  async patchDeployment(namespace: string, name: string, patch: object): Promise<void> {
    await this.apps.patchNamespacedDeployment({ namespace, name, body: patch }, MERGE);
  }

  /** Deletes a Deployment and its pods. It may be gone already. */
  async deleteDeployment(namespace: string, name: string): Promise<void> {
    await unlessMissing(this.apps.deleteNamespacedDeployment({ namespace, name, propagationPolicy: "Background" }));
  }

  /** Undefined if it does not exist. */
  service(namespace: string, name: string): Promise<V1Service | undefined> {
    return unlessMissing(this.api.readNamespacedService({ namespace, name }));
  }

  /** Names of the pods that get the requests of a Service. */
  async readyPods(namespace: string, service: string): Promise<string[]> {
    const labelSelector = selector({ "kubernetes.io/service-name": service });
    const { items } = await this.discovery.listNamespacedEndpointSlice({ namespace, labelSelector });
    const ready = items.flatMap(({ endpoints }) => endpoints ?? []).filter(({ conditions }) => conditions?.ready);
    return ready.map(({ targetRef }) => targetRef?.name ?? "");
  }

  /** Changes a Service. @param patch a JSON merge patch */
  async patchService(namespace: string, name: string, patch: object): Promise<void> {
    await this.api.patchNamespacedService({ namespace, name, body: patch }, MERGE);
  }

  /** All workloads of a namespace. Empty if it does not exist. */
  async workloads(namespace: string): Promise<Workloads> {
    const [deployments, statefulSets, cronJobs] = await Promise.all([
      this.apps.listNamespacedDeployment({ namespace }),
      this.apps.listNamespacedStatefulSet({ namespace }),
      this.cronJobs(namespace),
    ]);
    return { deployments: deployments.items, statefulSets: statefulSets.items, cronJobs };
  }

  /** Undefined if it does not exist. */
  cronJob(namespace: string, name: string): Promise<V1CronJob | undefined> {
    return unlessMissing(this.batch.readNamespacedCronJob({ namespace, name }));
  }

  /** Empty for whoever may not list them: who has none needs no right to. */
  private async cronJobs(namespace: string): Promise<V1CronJob[]> {
    try {
      return (await this.batch.listNamespacedCronJob({ namespace })).items;
    } catch (error) {
      if (error instanceof ApiException && error.code === 403) return [];
      throw error;
    }
  }

  /** Undefined if it does not exist. */
  job(namespace: string, name: string): Promise<V1Job | undefined> {
    return unlessMissing(this.batch.readNamespacedJob({ namespace, name }));
  }

  /** Creates a Job, unless one of its name exists. */
  async createJob(namespace: string, body: V1Job): Promise<void> {
    try {
      await this.batch.createNamespacedJob({ namespace, body });
    } catch (error) {
      if (!(error instanceof ApiException && error.code === 409)) throw error;
    }
  }

  /** Whether the cluster has a kind of an API group that is not Kubernetes' own. */
  async hasKind(group: string, version: string, kind: string): Promise<boolean> {
    const list = await unlessMissing(this.custom.getAPIResources({ group, version }));
    return list?.resources.some((resource) => resource.kind === kind) ?? false;
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

  /** Whether a namespace exists. Whoever may not read namespaces works in one that exists. */
  async hasNamespace(name: string): Promise<boolean> {
    try {
      return (await unlessMissing(this.api.readNamespace({ name }))) !== undefined;
    } catch (error) {
      if (error instanceof ApiException && error.code === 403) return true;
      throw error;
    }
  }

  /** Jobs that have all the labels. */
  async jobs(namespace: string, labels: Record<string, string>): Promise<V1Job[]> {
    const { items } = await this.batch.listNamespacedJob({ namespace, labelSelector: selector(labels) });
    return items;
  }

  /** Deletes a Job, which may be gone already. */
  async deleteJob(namespace: string, name: string): Promise<void> {
    await unlessMissing(this.batch.deleteNamespacedJob({ namespace, name, propagationPolicy: "Background" }));
  }

  /** Deletes the ConfigMaps and Secrets that have all the labels and whose name passes. */
  async deleteData(
    namespace: string,
    labels: Record<string, string>,
    isDeleted: (name: string) => boolean,
  ): Promise<void> {
    const labelSelector = selector(labels);
    const [maps, secrets] = await Promise.all([
      this.api.listNamespacedConfigMap({ namespace, labelSelector }),
      this.api.listNamespacedSecret({ namespace, labelSelector }),
    ]);
    const namesIn = (items: { metadata?: V1ObjectMeta }[]) =>
      items.map(({ metadata }) => metadata?.name ?? "").filter(isDeleted);
    await Promise.all([
      ...namesIn(maps.items).map((name) => unlessMissing(this.api.deleteNamespacedConfigMap({ namespace, name }))),
      ...namesIn(secrets.items).map((name) => unlessMissing(this.api.deleteNamespacedSecret({ namespace, name }))),
    ]);
  }

  /** ConfigMaps and Secrets that have a label, whatever its value. */
  async dataWith(namespace: string, label: string): Promise<DataObject[]> {
    const [maps, secrets] = await Promise.all([
      this.api.listNamespacedConfigMap({ namespace, labelSelector: label }),
      this.api.listNamespacedSecret({ namespace, labelSelector: label }),
    ]);
    const of = (kind: DataObject["kind"], items: { metadata?: V1ObjectMeta }[]) =>
      items.map(({ metadata }) => ({
        kind,
        name: metadata?.name ?? "",
        service: metadata?.labels?.[label] ?? "",
        createdAt: metadata?.creationTimestamp?.valueOf() ?? 0,
      }));
    return [...of("ConfigMap", maps.items), ...of("Secret", secrets.items)];
  }

  async ingresses(namespace: string): Promise<V1Ingress[]> {
    return (await this.networking.listNamespacedIngress({ namespace })).items;
  }

  /** Changes a Job. @param patch a JSON merge patch */
  async patchJob(namespace: string, name: string, patch: object): Promise<void> {
    await this.batch.patchNamespacedJob({ namespace, name, body: patch }, MERGE);
  }

  /** Last lines of a container's log, or of its run before if it restarted. Empty if there is no log. */
  async lastLogLines(pod: V1Pod, container: string, lines: number): Promise<string[]> {
    const { name = "", namespace = "" } = pod.metadata ?? {};
    const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
    const restarted = statuses.some((status) => status.name === container && status.lastState?.terminated);
    for (const previous of restarted ? [true, false] : [false]) {
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
   * Helm revisions of a release whose operation has not ended, at most a second ago: the watches of all services share one request.
   */
  async pendingRevisionsOf(namespace: string, release: string): Promise<PendingRevision[]> {
    const known = this.recent.get(namespace);
    const isRecent = known !== undefined && Date.now() - known.readAt < SHARED_MILLISECONDS;
    const { revisions } = isRecent ? known : { revisions: this.pendingRevisions(namespace) };
    if (!isRecent) this.recent.set(namespace, { readAt: Date.now(), revisions });
    return (await revisions).filter((revision) => revision.release === release);
  }

  /** Helm revisions whose operation has not ended. Labels: https://helm.sh/docs/topics/kubernetes_apis/ and Helm's secrets driver. */
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
   * The Secrets in which Helm keeps revisions whose operation has ended.
   *
   * @param labels such as `{ status: "deployed" }`
   */
  async revisionRecords(namespace: string, labels: Record<string, string>): Promise<V1Secret[]> {
    const labelSelector = selector({ owner: "helm", ...labels });
    return (await this.api.listNamespacedSecret({ namespace, labelSelector })).items;
  }

  /** Creates a Secret. */
  async createSecret(secret: V1Secret): Promise<void> {
    await this.api.createNamespacedSecret({ namespace: secret.metadata?.namespace ?? "", body: secret });
  }

  /** Replaces a Secret. The API refuses it if the Secret has changed since it was read. */
  async replaceSecret(secret: V1Secret): Promise<void> {
    const { name = "", namespace = "" } = secret.metadata ?? {};
    await this.api.replaceNamespacedSecret({ name, namespace, body: secret });
  }

  /**
   * Deletes the record of a revision. If the record has changed since it was read, the operation has ended, and it stays.
   *
   * @returns whether it was deleted.
   */
  async deleteRevision(
    namespace: string,
    { secret, resourceVersion }: Pick<PendingRevision, "secret" | "resourceVersion">,
  ): Promise<boolean> {
    try {
      await this.api.deleteNamespacedSecret({ namespace, name: secret, body: { preconditions: { resourceVersion } } });
      return true;
    } catch (error) {
      if (error instanceof ApiException && (error.code === 404 || error.code === 409)) return false;
      throw error;
    }
  }
}
