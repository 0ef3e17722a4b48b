import {
  ApiException,
  type KubeConfig,
  type KubernetesObject,
  KubernetesObjectApi,
  PatchStrategy,
} from "@kubernetes/client-node";
import { apiClient } from "./api-client.ts";
import { unlessMissing } from "./api-requests.ts";

/** Names one object of any kind. */
export interface ObjectReference {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace: string };
}

/** A ConfigMap, or a Secret with its values in base64. */
export interface DataObject extends KubernetesObject {
  data?: Record<string, string>;
}

/** Objects of kinds that are known only when the program runs. */
export class LiveObjects {
  private readonly api: KubernetesObjectApi;

  constructor(config: KubeConfig) {
    this.api = apiClient(config, KubernetesObjectApi);
  }

  /** Undefined if it does not exist. */
  read(reference: ObjectReference): Promise<DataObject | undefined> {
    return unlessMissing(this.api.read(reference));
  }

  /** Creates an object, unless there is one of its name. */
  async createIfMissing(object: KubernetesObject): Promise<void> {
    try {
      await this.api.create(object);
    } catch (error) {
      if (!(error instanceof ApiException && error.code === 409)) throw error;
    }
  }

  /** Changes labels and annotations. Those that are null are removed. It may be gone already. */
  async patchMetadata(
    { apiVersion, kind, metadata }: ObjectReference,
    changes: { labels?: Record<string, string>; annotations?: Record<string, string | null> },
  ): Promise<void> {
    // The client's type knows no null, which a merge patch removes.
    const patch = { apiVersion, kind, metadata: { ...metadata, ...changes } } as unknown as KubernetesObject;
    await unlessMissing(this.api.patch(patch, undefined, undefined, undefined, undefined, PatchStrategy.MergePatch));
  }
}
