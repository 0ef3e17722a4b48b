import {
  AppsV1Api,
  type KubeConfig,
  NetworkingV1Api,
  type V1Deployment,
  type V1ReplicaSet,
  type V1StatefulSet,
} from "@kubernetes/client-node";
import Table from "cli-table3";
import { type Rollout, Rollouts } from "../components/cluster/rollouts.ts";
import { isHealthy, isWaitingForPerson, TEMPLATE_HASH } from "../components/rollout/argo-rollout.ts";
import { publicUrl, type UrlForm, urlFormOf } from "../config/naming.ts";
import { cronJobsOf, formatRuns, type RunHistory, runHistory } from "./jobs/run-history.ts";
import type { Spread } from "./spread/spread.ts";

/** What the cluster runs of one service. After a failed update it may differ from the stack's file. */
export interface ServiceStatus {
  /** URL of the first host; undefined for a service without hosts. */
  url?: string;
  release: string;
  /** `sha256:…` of the image. */
  digest: string;
  ready: number;
  desired: number;
  /** The new version of a blue/green or canary rollout that is not over. `release` and `digest` are those of the version before. */
  next?: NextVersion;
  /** Where its pods run. Undefined if nobody may see them. */
  spread?: Spread;
  /** Its runs, if it is of kind cron or job: then no pod has to be there. */
  runs?: RunHistory;
}

export interface NextVersion {
  release: string;
  /** It goes on when somebody promotes it. */
  isWaiting: boolean;
  /** Phase of the Rollout: `Paused`, `Progressing` or `Degraded`. */
  phase: string;
}

/** The services of a namespace, by name. Empty if the namespace does not exist. */
export async function runningServices(
  config: KubeConfig,
  namespace: string,
  url: UrlForm,
): Promise<Record<string, ServiceStatus>> {
  const apps = config.makeApiClient(AppsV1Api);
  const [deployments, statefulSets, rollouts, ingresses, { cronJobs, jobs }] = await Promise.all([
    apps.listNamespacedDeployment({ namespace }),
    apps.listNamespacedStatefulSet({ namespace }),
    new Rollouts(config).visible(namespace),
    config.makeApiClient(NetworkingV1Api).listNamespacedIngress({ namespace }),
    cronJobsOf(config, namespace),
  ]);
  const isUnderWay = rollouts.some((rollout) => !isHealthy(rollout));
  const sets = isUnderWay ? (await apps.listNamespacedReplicaSet({ namespace })).items : [];
  const specs = new Map(ingresses.items.map(({ metadata, spec }) => [metadata?.name, spec]));
  const workloads = [
    ...rollouts.map((rollout) => ({ metadata: rollout.metadata, ...statusOfRollout(rollout, sets) })),
    ...[...deployments.items, ...statefulSets.items].map((workload) => ({
      metadata: workload.metadata,
      ...statusOfWorkload(workload),
    })),
  ];
  const entries = workloads.map(({ metadata, ...status }): [string, ServiceStatus] => {
    const name = metadata?.name ?? "";
    const ingress = specs.get(name);
    const host = ingress?.rules?.[0]?.host;
    return [
      name,
      { ...(host && { url: publicUrl(host, "/", urlFormOf(Boolean(ingress?.tls?.length), url)) }), ...status },
    ];
  });
  const running = cronJobs.map((cronJob): [string, ServiceStatus] => {
    const { metadata, spec } = cronJob;
    const status = {
      release: metadata?.labels?.["app.kubernetes.io/version"] ?? "",
      digest: spec?.jobTemplate.spec?.template.spec?.containers[0]?.image?.split("@")[1] ?? "",
      ready: 0,
      desired: 0,
      runs: runHistory(cronJob, jobs),
    };
    return [metadata?.name ?? "", status];
  });
  return Object.fromEntries([...entries, ...running].sort(([a], [b]) => a.localeCompare(b)));
}

/** Not of the pods: the image of somebody else has a version of its own there. */
const VERSION = "app.kubernetes.io/version";

function statusOfWorkload({ metadata, spec, status }: V1Deployment | V1StatefulSet): ServiceStatus {
  return {
    release: metadata?.labels?.[VERSION] ?? "",
    digest: digestOf(spec?.template.spec?.containers[0]?.image),
    ready: status?.readyReplicas ?? 0,
    desired: spec?.replicas ?? 0,
  };
}

function statusOfRollout(rollout: Rollout, sets: readonly V1ReplicaSet[]): ServiceStatus {
  const { metadata, spec, status } = rollout;
  const release = metadata.labels?.[VERSION] ?? "";
  const desired = spec.replicas ?? 1;
  const own = sets.filter(({ metadata: of }) => of?.ownerReferences?.some(({ uid }) => uid === metadata.uid));
  const stable = own.find(({ metadata: of }) => of?.labels?.[TEMPLATE_HASH] === status?.stableRS);
  if (isHealthy(rollout) || stable === undefined) {
    // Pods of the version before, which are kept for a while, are ready too.
    return { release, digest: digestOf(imageOf(spec)), ready: Math.min(desired, status?.readyReplicas ?? 0), desired };
  }
  const template = stable.spec?.template;
  return {
    release: template?.metadata?.labels?.[VERSION] ?? "",
    digest: digestOf(template?.spec?.containers[0]?.image),
    ready: Math.min(desired, stable.status?.readyReplicas ?? 0),
    desired,
    next: { release, isWaiting: isWaitingForPerson(rollout), phase: status?.phase ?? "Progressing" },
  };
}

function imageOf({ template }: Rollout["spec"]): string | undefined {
  return template.spec?.containers[0]?.image;
}

function digestOf(image: string | undefined): string {
  return image?.split("@")[1] ?? "";
}

/** The services as a table. */
export function serviceTable(services: Record<string, ServiceStatus>): string {
  const table = new Table({ head: ["Service", "URL", "Release", "Digest", "Ready"], style: { head: [], border: [] } });
  for (const [name, { url, release, digest, ready, desired, next, runs }] of Object.entries(services)) {
    const pods = runs ? formatRuns(runs) : `${ready}/${desired}`;
    table.push([name, url ?? "-", describeRelease(release, next), digest.slice(0, 19), pods]);
  }
  return table.toString();
}

function describeRelease(release: string, next: NextVersion | undefined): string {
  if (next === undefined) return release;
  return `${release} (${next.release} ${next.isWaiting ? "waits" : next.phase.toLowerCase()})`;
}
