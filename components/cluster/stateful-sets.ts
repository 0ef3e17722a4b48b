import {
  ApiException,
  AppsV1Api,
  CoreV1Api,
  type CoreV1Event,
  HttpMethod,
  type KubeConfig,
  type KubernetesObject,
  KubernetesObjectApi,
  type ResponseContext,
  type V1PersistentVolumeClaim,
  type V1Pod,
  type V1StatefulSet,
} from "@kubernetes/client-node";
import { apiClient } from "./api-client.ts";
import { MERGE, unlessMissing } from "./api-requests.ts";

/** The right to ask is missing, which says nothing about the claim. */
const NO_RIGHT = /cannot patch resource/;

/** Why the API would not let a claim grow. */
export interface GrowthRefusal {
  message: string;
  /** Whoever asks may not change claims. */
  isByRights: boolean;
}

/** What the program changes of stateful services besides their releases: claims that grow, and pods that a rollout leaves behind. */
export class StatefulSets {
  private readonly core: CoreV1Api;
  private readonly apps: AppsV1Api;
  private readonly objects: WholeObjects;

  constructor(config: KubeConfig) {
    this.core = apiClient(config, CoreV1Api);
    this.apps = apiClient(config, AppsV1Api);
    this.objects = apiClient(config, WholeObjects);
  }

  async claims(namespace: string): Promise<V1PersistentVolumeClaim[]> {
    return (await this.core.listNamespacedPersistentVolumeClaim({ namespace })).items;
  }

  /** Asks without changing anything: for a class that cannot grow, a claim that has no volume yet, a quota. */
  async refusalOfGrowth(namespace: string, name: string, size: string): Promise<GrowthRefusal | undefined> {
    try {
      await this.patchSize(namespace, name, size, "All");
      return undefined;
    } catch (error) {
      if (!(error instanceof ApiException) || ![403, 422].includes(error.code)) throw error;
      const message = messageOf(error.body);
      return { message, isByRights: NO_RIGHT.test(message) };
    }
  }

  /** Asks the claim's driver for a larger volume. It grows meanwhile or later. */
  async grow(namespace: string, name: string, size: string): Promise<void> {
    await this.patchSize(namespace, name, size);
  }

  private async patchSize(namespace: string, name: string, storage: string, dryRun?: "All"): Promise<void> {
    await this.core.patchNamespacedPersistentVolumeClaim(
      { namespace, name, body: { spec: { resources: { requests: { storage } } } }, ...(dryRun && { dryRun }) },
      MERGE,
    );
  }

  /** Message of the newest warning about a claim, such as of its driver. */
  async lastWarning(namespace: string, claim: string): Promise<string | undefined> {
    const fieldSelector = `involvedObject.kind=PersistentVolumeClaim,involvedObject.name=${claim},type=Warning`;
    const { items } = await this.core.listNamespacedEvent({ namespace, fieldSelector });
    const when = (event: CoreV1Event) => (event.lastTimestamp ?? event.metadata.creationTimestamp)?.valueOf() ?? 0;
    return items.sort((a, b) => when(a) - when(b)).at(-1)?.message;
  }

  /** With every field that the API has. Undefined if it does not exist. */
  async whole(namespace: string, name: string): Promise<V1StatefulSet | undefined> {
    const header = { apiVersion: "apps/v1", kind: "StatefulSet", metadata: { namespace, name } };
    return unlessMissing(this.objects.send("read", header));
  }

  /** Deletes a StatefulSet and leaves its pods running. It is gone when the garbage collector has let go of them. */
  async deleteWithoutPods({ metadata }: V1StatefulSet): Promise<void> {
    const { name = "", namespace = "", uid } = metadata ?? {};
    const body = { propagationPolicy: "Orphan", ...(uid && { preconditions: { uid } }) };
    await this.apps.deleteNamespacedStatefulSet({ name, namespace, body });
  }

  async create(set: V1StatefulSet): Promise<void> {
    await this.objects.send("create", set);
  }

  /** Sets how many pods keep the template from before: those with numbers below it. */
  async setPartition(namespace: string, name: string, partition: number): Promise<void> {
    await this.apps.patchNamespacedStatefulSet(
      { namespace, name, body: { spec: { updateStrategy: { rollingUpdate: { partition } } } } },
      MERGE,
    );
  }

  /** Deletes a pod, unless it is gone or another one has its name by now. */
  async deletePod({ metadata }: V1Pod): Promise<void> {
    const { name = "", namespace = "", uid } = metadata ?? {};
    try {
      await this.core.deleteNamespacedPod({ name, namespace, body: { ...(uid && { preconditions: { uid } }) } });
    } catch (error) {
      if (!(error instanceof ApiException) || ![404, 409].includes(error.code)) throw error;
    }
  }
}

/**
 * Reads and sends objects as they are. The client's own methods leave out fields that they do not know: a StatefulSet that is made
 * again without one would have another pod template, and all pods would be replaced.
 */
class WholeObjects extends KubernetesObjectApi {
  async send<T extends KubernetesObject>(action: "read" | "create", object: T): Promise<T> {
    const path = await this.specUriPath(object, action);
    const method = action === "read" ? HttpMethod.GET : HttpMethod.POST;
    const request = this.configuration.baseServer.makeRequestContext(path, method);
    request.setHeaderParam("Accept", "application/json");
    request.setHeaderParam("Content-Type", "application/json");
    if (action === "create") request.setBody(JSON.stringify(object));
    return this.requestPromise(request);
  }

  protected override async processResponse<T extends KubernetesObject>(
    response: ResponseContext,
    type?: string,
  ): Promise<T> {
    const isAnswer = response.httpStatusCode >= 200 && response.httpStatusCode < 300;
    return isAnswer ? (JSON.parse(await response.body.text()) as T) : super.processResponse<T>(response, type);
  }
}

function messageOf(body: unknown): string {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  try {
    return String((JSON.parse(text) as { message?: unknown }).message ?? text);
  } catch {
    return text;
  }
}
