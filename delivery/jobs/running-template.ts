import {
  AppsV1Api,
  BatchV1Api,
  CustomObjectsApi,
  type KubeConfig,
  type V1CronJob,
  type V1PodTemplateSpec,
} from "@kubernetes/client-node";
import { unlessMissing } from "../../components/cluster/api-requests.ts";

/** What a service runs in the cluster now. */
export type RunningTemplate =
  | { kind: "CronJob"; cronJob: V1CronJob }
  | { kind: "Deployment" | "StatefulSet" | "Rollout"; template: V1PodTemplateSpec };

/** Reads the service's workload, of whatever kind. Undefined if there is none. */
export async function runningTemplate(
  access: KubeConfig,
  namespace: string,
  name: string,
): Promise<RunningTemplate | undefined> {
  const apps = access.makeApiClient(AppsV1Api);
  const batch = access.makeApiClient(BatchV1Api);
  const [deployment, statefulSet, cronJob] = await Promise.all([
    unlessMissing(apps.readNamespacedDeployment({ name, namespace })),
    unlessMissing(apps.readNamespacedStatefulSet({ name, namespace })),
    unlessMissing(batch.readNamespacedCronJob({ name, namespace })),
  ]);
  if (cronJob) return { kind: "CronJob", cronJob };
  if (deployment?.spec) return { kind: "Deployment", template: deployment.spec.template };
  if (statefulSet?.spec) return { kind: "StatefulSet", template: statefulSet.spec.template };
  const template = await rolloutTemplate(access, namespace, name);
  return template && { kind: "Rollout", template };
}

/** Of Argo Rollouts: https://argo-rollouts.readthedocs.io/en/stable/features/specification/ */
async function rolloutTemplate(
  access: KubeConfig,
  namespace: string,
  name: string,
): Promise<V1PodTemplateSpec | undefined> {
  const custom = access.makeApiClient(CustomObjectsApi);
  const kind = { group: "argoproj.io", version: "v1alpha1", plural: "rollouts" };
  const rollout = await unlessMissing(custom.getNamespacedCustomObject({ ...kind, namespace, name }));
  return (rollout as { spec?: { template?: V1PodTemplateSpec } } | undefined)?.spec?.template;
}
