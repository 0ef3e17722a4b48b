import {
  ApiException,
  CustomObjectsApi,
  type KubeConfig,
  type V1Condition,
  type V1ObjectMeta,
  type V1PodTemplateSpec,
} from "@kubernetes/client-node";
import { apiClient } from "./api-client.ts";
import { JSON_PATCH, MERGE, unlessMissing } from "./api-requests.ts";

const KIND = { group: "argoproj.io", version: "v1alpha1", plural: "rollouts" };

/** What is read of a Rollout: https://argo-rollouts.readthedocs.io/en/stable/features/specification/ */
export interface Rollout {
  apiVersion?: string;
  metadata: V1ObjectMeta;
  spec: {
    replicas?: number;
    paused?: boolean;
    template: V1PodTemplateSpec;
    strategy: {
      blueGreen?: { autoPromotionEnabled?: boolean; previewService?: string };
      canary?: { steps?: { setWeight?: number; pause?: { duration?: string | number } }[] };
    };
  };
  status?: {
    /** A number as text. */
    observedGeneration?: string;
    phase?: "Healthy" | "Progressing" | "Paused" | "Degraded";
    message?: string;
    abort?: boolean;
    /** The controller has paused it, not a person. */
    controllerPause?: boolean;
    abortedAt?: string;
    currentPodHash?: string;
    stableRS?: string;
    currentStepIndex?: number;
    pauseConditions?: { reason: string; startTime: string }[];
    conditions?: (Pick<V1Condition, "type" | "status" | "reason" | "message"> & { lastUpdateTime?: string })[];
    replicas?: number;
    updatedReplicas?: number;
    readyReplicas?: number;
    availableReplicas?: number;
    blueGreen?: { activeSelector?: string; previewSelector?: string };
  };
}

/** What is read of an AnalysisRun: https://argo-rollouts.readthedocs.io/en/stable/features/analysis/ */
export interface AnalysisRun {
  metadata: V1ObjectMeta;
  spec: { metrics: { name: string; successCondition?: string }[] };
  status?: {
    metricResults?: {
      name: string;
      phase: string;
      measurements?: { phase: string; value?: string; message?: string }[];
    }[];
  };
}

/** The Rollouts of Argo Rollouts in a cluster, which may not have the kind. */
export class Rollouts {
  private readonly custom: CustomObjectsApi;

  constructor(config: KubeConfig) {
    this.custom = apiClient(config, CustomObjectsApi);
  }

  /** Undefined if it does not exist. */
  async find(namespace: string, name: string): Promise<Rollout | undefined> {
    return unlessMissing(this.custom.getNamespacedCustomObject({ ...KIND, namespace, name }));
  }

  /** All of a namespace. Empty if the cluster does not have the kind, and for whoever may not see it: who has none needs no right to. */
  async visible(namespace: string): Promise<Rollout[]> {
    try {
      return await this.list(namespace);
    } catch (error) {
      if (error instanceof ApiException && error.code === 403) return [];
      throw error;
    }
  }

  /** All of a namespace. Empty if the cluster does not have the kind. */
  async list(namespace: string): Promise<Rollout[]> {
    const found = await unlessMissing(this.custom.listNamespacedCustomObject({ ...KIND, namespace }));
    return (found as { items: Rollout[] } | undefined)?.items ?? [];
  }

  /** All of a namespace. Empty if the cluster does not have the kind. */
  async analysisRuns(namespace: string): Promise<AnalysisRun[]> {
    const kind = { ...KIND, plural: "analysisruns" };
    const found = await unlessMissing(this.custom.listNamespacedCustomObject({ ...kind, namespace }));
    return (found as { items: AnalysisRun[] } | undefined)?.items ?? [];
  }

  /** @param patch a JSON merge patch */
  async patch(namespace: string, name: string, patch: object): Promise<void> {
    await this.custom.patchNamespacedCustomObject({ ...KIND, namespace, name, body: patch }, MERGE);
  }

  /** Changes it only if every `test` holds. @param operations a JSON patch */
  async patchJson(namespace: string, name: string, operations: readonly object[]): Promise<void> {
    await this.custom.patchNamespacedCustomObject({ ...KIND, namespace, name, body: operations }, JSON_PATCH);
  }

  /** @param status a JSON merge patch of the status */
  async patchStatus(namespace: string, name: string, status: object): Promise<void> {
    await this.custom.patchNamespacedCustomObjectStatus({ ...KIND, namespace, name, body: { status } }, MERGE);
  }

  /** Deletes a Rollout and its pods. It may be gone already. */
  async delete(namespace: string, name: string): Promise<void> {
    const propagationPolicy = "Background";
    await unlessMissing(this.custom.deleteNamespacedCustomObject({ ...KIND, namespace, name, propagationPolicy }));
  }
}
