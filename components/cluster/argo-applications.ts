import { CustomObjectsApi, type KubeConfig, type V1ObjectMeta } from "@kubernetes/client-node";
import { apiClient } from "./api-client.ts";
import { MERGE, unlessMissing } from "./api-requests.ts";

const KIND = { group: "argoproj.io", version: "v1alpha1", plural: "applications" };

/** What is read of an Application: https://argo-cd.readthedocs.io/en/release-3.2/operator-manual/application.yaml */
export interface ArgoApplication {
  metadata: V1ObjectMeta;
  /** A sync that is asked for and not over. */
  operation?: object;
  status?: {
    operationState?: { phase?: string };
    resources?: { group?: string; version: string; kind: string; name: string; namespace?: string }[];
  };
}

/** The Applications of Argo CD, for whoever may change them. */
export class ArgoApplications {
  private readonly api: CustomObjectsApi;

  constructor(config: KubeConfig) {
    this.api = apiClient(config, CustomObjectsApi);
  }

  /** Those with a label, such as `slipway.dev/service`. Empty if the cluster does not have the kind. */
  async list(namespace: string, labelSelector: string): Promise<ArgoApplication[]> {
    const list = await unlessMissing(this.api.listNamespacedCustomObject({ ...KIND, namespace, labelSelector }));
    return (list as { items: ArgoApplication[] } | undefined)?.items ?? [];
  }

  /** Sets annotations. Those that are null are removed. */
  async annotate(namespace: string, name: string, annotations: Record<string, string | null>): Promise<void> {
    await this.api.patchNamespacedCustomObject(
      { ...KIND, namespace, name, body: { metadata: { annotations } } },
      MERGE,
    );
  }
}
