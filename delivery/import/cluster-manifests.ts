import {
  AppsV1Api,
  AutoscalingV2Api,
  BatchV1Api,
  CoreV1Api,
  type KubeConfig,
  NetworkingV1Api,
  PolicyV1Api,
  type V1Pod,
} from "@kubernetes/client-node";
import { clusterErrorReason } from "../cluster.ts";
import { Failure } from "../failure.ts";
import { Fields, type KubernetesManifest } from "./fields.ts";

/** The objects of a namespace, and the digests of the images that its pods run. Secrets are not read. */
export interface ClusterManifests {
  manifests: Fields[];
  digests: Map<string, { digest: string }>;
}

interface LiveObject {
  metadata?: { name?: string; ownerReferences?: unknown[]; annotations?: Record<string, string> };
}

/** Kubernetes makes them in each namespace. */
const OF_EACH_NAMESPACE = ["ConfigMap kube-root-ca.crt", "ServiceAccount default"];
/** Of objects that Slipway has made. */
const OWN = "slipway.dev/chart-hash";

/** @throws Failure if the cluster does not answer, or does not let its objects be listed */
export async function readCluster(access: KubeConfig, namespace: string): Promise<ClusterManifests> {
  const apps = access.makeApiClient(AppsV1Api);
  const core = access.makeApiClient(CoreV1Api);
  const in_ = { namespace };
  try {
    const lists: [string, Promise<{ items: LiveObject[] }>][] = [
      ["Deployment", apps.listNamespacedDeployment(in_)],
      ["StatefulSet", apps.listNamespacedStatefulSet(in_)],
      ["DaemonSet", apps.listNamespacedDaemonSet(in_)],
      ["CronJob", access.makeApiClient(BatchV1Api).listNamespacedCronJob(in_)],
      ["Job", access.makeApiClient(BatchV1Api).listNamespacedJob(in_)],
      ["Service", core.listNamespacedService(in_)],
      ["ConfigMap", core.listNamespacedConfigMap(in_)],
      ["ServiceAccount", core.listNamespacedServiceAccount(in_)],
      ["HorizontalPodAutoscaler", access.makeApiClient(AutoscalingV2Api).listNamespacedHorizontalPodAutoscaler(in_)],
      ["PodDisruptionBudget", access.makeApiClient(PolicyV1Api).listNamespacedPodDisruptionBudget(in_)],
      ["Ingress", access.makeApiClient(NetworkingV1Api).listNamespacedIngress(in_)],
      ["NetworkPolicy", access.makeApiClient(NetworkingV1Api).listNamespacedNetworkPolicy(in_)],
    ];
    // All are awaited together: if one fails, the others must not fail later on, when nobody waits for them.
    const [pods, ...found] = await Promise.all([
      core.listNamespacedPod(in_),
      ...lists.map(async ([kind, list]) => (await list).items.map((item) => ({ kind, item }))),
    ]);
    const own = found.flat().filter(({ kind, item }) => isOfTeam(kind, item));
    const manifests = own.map(({ kind, item }) => fieldsOf(kind, item, namespace));
    return { manifests, digests: digestsOfPods(pods.items) };
  } catch (error) {
    throw new Failure(
      `import: the namespace ${namespace} cannot be read: ${clusterErrorReason(error)}. Nothing was written. You need the right to list its ` +
        "workloads, Services, ConfigMaps, ServiceAccounts, autoscalers, budgets, Ingresses, NetworkPolicies and pods, but not its Secrets.",
    );
  }
}

/** What a controller or Slipway has made is not imported. */
function isOfTeam(kind: string, { metadata }: LiveObject): boolean {
  if (metadata?.ownerReferences?.length) return false;
  return !OF_EACH_NAMESPACE.includes(`${kind} ${metadata?.name}`) && metadata?.annotations?.[OWN] === undefined;
}

function fieldsOf(kind: string, object: LiveObject, namespace: string): Fields {
  // As JSON, in which dates are text and what is undefined is not there.
  const plain = JSON.parse(JSON.stringify(object)) as object;
  return new Fields(`cluster: ${namespace}`, { ...plain, kind } as KubernetesManifest);
}

/** By the image's name in the pod. None for an image of which pods run several digests, as in a rollout. */
function digestsOfPods(pods: readonly V1Pod[]): Map<string, { digest: string }> {
  const found = new Map<string, Set<string>>();
  for (const { spec, status } of pods) {
    const statuses = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])];
    for (const { name, image } of [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])]) {
      const [, digest] =
        /@(sha256:[0-9a-f]{64})$/.exec(statuses.find((known) => known.name === name)?.imageID ?? "") ?? [];
      if (image && digest) found.set(image, (found.get(image) ?? new Set()).add(digest));
    }
  }
  const sure = [...found].filter(([, digests]) => digests.size === 1);
  return new Map(sure.map(([image, [digest = ""]]) => [image, { digest }]));
}
