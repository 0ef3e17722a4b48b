import { ApiException, CoreV1Api, type KubeConfig, type V1Node, type V1Pod } from "@kubernetes/client-node";
import { type Rollout, Rollouts } from "../../components/cluster/rollouts.ts";
import { TEMPLATE_HASH } from "../../components/rollout/argo-rollout.ts";
import { mayBeUneven, type Spread, spreadOf } from "./spread.ts";

/** Where a service runs. */
export interface Placement {
  /** Those on a node that neither have ended nor are about to. Of a Rollout: those that serve, not those that it keeps. */
  pods: V1Pod[];
  spread: Spread;
}

/** Where the services of a namespace run, by name. Whoever may not see the nodes gets numbers, and learns nothing of what is uneven. */
export async function readPlacements(access: KubeConfig, namespace: string): Promise<Record<string, Placement>> {
  const core = access.makeApiClient(CoreV1Api);
  const [{ items }, nodes, rollouts] = await Promise.all([
    core.listNamespacedPod({ namespace }),
    visibleNodes(core),
    new Rollouts(access).visible(namespace),
  ]);
  const byService = podsByService(items, rollouts);
  const spreads = (pods: readonly V1Pod[] | undefined) =>
    Object.fromEntries(
      [...byService].map(([name, own]) => [name, { pods: own, spread: spreadOf(own, { nodes, pods }) }]),
    );
  const measured = spreads(undefined);
  const asks = Object.values(measured).some(({ spread }) => mayBeUneven(spread, nodes));
  // The pods of all teams are many. They only matter if a node might take one more.
  return asks && nodes.length > 1 ? spreads(await allPods(core)) : measured;
}

function podsByService(pods: readonly V1Pod[], rollouts: readonly Rollout[]): Map<string, V1Pod[]> {
  const serving = new Map(rollouts.map(({ metadata, status }) => [metadata.name, status?.stableRS]));
  const byService = new Map<string, V1Pod[]>();
  for (const pod of pods) {
    const { labels = {}, ownerReferences = [], deletionTimestamp } = pod.metadata ?? {};
    const service = labels["app.kubernetes.io/instance"];
    const isLasting = ownerReferences.some(({ kind }) => kind === "ReplicaSet" || kind === "StatefulSet");
    const hasEnded = pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed";
    if (service === undefined || !isLasting || hasEnded || deletionTimestamp || !pod.spec?.nodeName) continue;
    const template = serving.get(service);
    if (template !== undefined && labels[TEMPLATE_HASH] !== template) continue;
    byService.set(service, [...(byService.get(service) ?? []), pod]);
  }
  return byService;
}

function visibleNodes(core: CoreV1Api): Promise<V1Node[]> {
  return unlessForbidden(core.listNode().then(({ items }) => items)).then((nodes) => nodes ?? []);
}

function allPods(core: CoreV1Api): Promise<V1Pod[] | undefined> {
  const fieldSelector = "status.phase!=Succeeded,status.phase!=Failed";
  return unlessForbidden(core.listPodForAllNamespaces({ fieldSelector }).then(({ items }) => items));
}

async function unlessForbidden<T>(request: Promise<T>): Promise<T | undefined> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof ApiException && error.code === 403) return undefined;
    throw error;
  }
}
