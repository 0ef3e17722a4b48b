import {
  ApiException,
  BatchV1Api,
  CoordinationV1Api,
  CoreV1Api,
  type KubeConfig,
  NetworkingV1Api,
  type V1ConfigMap,
  type V1Job,
  type V1Lease,
  type V1NetworkPolicy,
  type V1Pod,
  type V1ServiceAccount,
} from "@kubernetes/client-node";
import { apiClient } from "../cluster/api-client.ts";
import { MERGE, selector } from "../cluster/api-requests.ts";

/** What migrations need of the cluster's API. */
export class MigrationsApi {
  private readonly core: CoreV1Api;
  private readonly batch: BatchV1Api;
  private readonly coordination: CoordinationV1Api;
  private readonly networking: NetworkingV1Api;

  constructor(config: KubeConfig) {
    this.core = apiClient(config, CoreV1Api);
    this.batch = apiClient(config, BatchV1Api);
    this.coordination = apiClient(config, CoordinationV1Api);
    this.networking = apiClient(config, NetworkingV1Api);
  }

  configMap(namespace: string, name: string): Promise<V1ConfigMap | undefined> {
    return orUndefined(this.core.readNamespacedConfigMap({ namespace, name }), 404);
  }

  /** Sets keys of a ConfigMap, and leaves its others. */
  async putKeys(namespace: string, name: string, data: Record<string, string>): Promise<void> {
    const metadata = { name, namespace, labels: { "app.kubernetes.io/managed-by": "slipway" } };
    const patch = () => this.core.patchNamespacedConfigMap({ namespace, name, body: { data } }, MERGE);
    if (await orUndefined(patch(), 404)) return;
    if (await orUndefined(this.core.createNamespacedConfigMap({ namespace, body: { metadata, data } }), 409)) return;
    await patch();
  }

  job(namespace: string, name: string): Promise<V1Job | undefined> {
    return orUndefined(this.batch.readNamespacedJob({ namespace, name }), 404);
  }

  /** @param labels such as `{ "app.kubernetes.io/name": "api" }` */
  async jobs(namespace: string, labels: Record<string, string>): Promise<V1Job[]> {
    return (await this.batch.listNamespacedJob({ namespace, labelSelector: selector(labels) })).items;
  }

  /** @returns undefined if there is one of this name */
  createJob(namespace: string, body: V1Job): Promise<V1Job | undefined> {
    return orUndefined(this.batch.createNamespacedJob({ namespace, body }), 409);
  }

  /** @param spec a JSON merge patch of the Job's spec */
  async patchJob(namespace: string, name: string, spec: object): Promise<void> {
    await this.batch.patchNamespacedJob({ namespace, name, body: { spec } }, MERGE);
  }

  /** Deletes this very Job with its pods. It may be gone, or another of its name may be there. */
  async deleteJob(namespace: string, job: V1Job): Promise<void> {
    const { name = "", uid = "" } = job.metadata ?? {};
    const body = { preconditions: { uid } };
    const request = { namespace, name, propagationPolicy: "Background", body };
    await orUndefined(this.batch.deleteNamespacedJob(request), 404, 409);
  }

  /** Creates what does not exist. */
  async createIfMissing(object: V1NetworkPolicy | V1ServiceAccount): Promise<void> {
    const { namespace = "" } = object.metadata ?? {};
    await orUndefined<unknown>(
      object.kind === "NetworkPolicy"
        ? this.networking.createNamespacedNetworkPolicy({ namespace, body: object as V1NetworkPolicy })
        : this.core.createNamespacedServiceAccount({ namespace, body: object as V1ServiceAccount }),
      409,
    );
  }

  async pods(namespace: string, labels: Record<string, string>): Promise<V1Pod[]> {
    return (await this.core.listNamespacedPod({ namespace, labelSelector: selector(labels) })).items;
  }

  /** Log lines with their times, from so many seconds ago. Undefined if there is no log. */
  async log(pod: V1Pod, container: string, sinceSeconds: number): Promise<string | undefined> {
    const { name = "", namespace = "" } = pod.metadata ?? {};
    const request = { name, namespace, container, sinceSeconds, timestamps: true };
    return orUndefined(this.core.readNamespacedPodLog(request), 400, 404);
  }

  /** Message of the newest warning event about a Job, such as that its pod may not be made. */
  async lastWarning(namespace: string, job: string): Promise<string | undefined> {
    const fieldSelector = `involvedObject.kind=Job,involvedObject.name=${job},type=Warning`;
    const { items } = await this.core.listNamespacedEvent({ namespace, fieldSelector });
    const when = ({ lastTimestamp, metadata }: (typeof items)[number]) =>
      (lastTimestamp ?? metadata.creationTimestamp)?.valueOf() ?? 0;
    return items.sort((a, b) => when(a) - when(b)).at(-1)?.message;
  }

  lease(namespace: string, name: string): Promise<V1Lease | undefined> {
    return orUndefined(this.coordination.readNamespacedLease({ namespace, name }), 404);
  }

  /** @returns undefined if there is one of this name */
  createLease(namespace: string, body: V1Lease): Promise<V1Lease | undefined> {
    return orUndefined(this.coordination.createNamespacedLease({ namespace, body }), 409);
  }

  /** @returns undefined if it has changed since it was read */
  replaceLease(namespace: string, body: V1Lease): Promise<V1Lease | undefined> {
    const { name = "" } = body.metadata ?? {};
    return orUndefined(this.coordination.replaceNamespacedLease({ namespace, name, body }), 404, 409);
  }

  /** Deletes a Lease, unless it has changed since it was read. */
  async deleteLease(namespace: string, lease: V1Lease): Promise<void> {
    const { name = "", resourceVersion = "" } = lease.metadata ?? {};
    const body = { preconditions: { resourceVersion } };
    await orUndefined(this.coordination.deleteNamespacedLease({ namespace, name, body }), 404, 409);
  }
}

/** Whether the API has refused a request because the user may not do this. */
export function isForbidden(error: unknown): boolean {
  return error instanceof ApiException && error.code === 403;
}

async function orUndefined<T>(request: Promise<T>, ...codes: number[]): Promise<T | undefined> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof ApiException && codes.includes(error.code)) return undefined;
    throw error;
  }
}
