import {
  AppsV1Api,
  type KubeConfig,
  NetworkingV1Api,
  type V1Deployment,
  type V1StatefulSet,
} from "@kubernetes/client-node";
import Table from "cli-table3";
import { publicUrl, type UrlForm, urlFormOf } from "../config/naming.ts";
import { cronJobsOf, formatRuns, type RunHistory, runHistory } from "./jobs/run-history.ts";

/** What the cluster runs of one service. After a failed update it may differ from the stack's file. */
export interface ServiceStatus {
  /** URL of the first host; undefined for a service without hosts. */
  url?: string;
  release: string;
  /** `sha256:…` of the image. */
  digest: string;
  ready: number;
  desired: number;
  /** Its runs, if it is of kind cron or job: then no pod has to be there. */
  runs?: RunHistory;
}

/** The services of a namespace, by name. Empty if the namespace does not exist. */
export async function runningServices(
  config: KubeConfig,
  namespace: string,
  url: UrlForm,
): Promise<Record<string, ServiceStatus>> {
  const apps = config.makeApiClient(AppsV1Api);
  const [deployments, statefulSets, ingresses, { cronJobs, jobs }] = await Promise.all([
    apps.listNamespacedDeployment({ namespace }),
    apps.listNamespacedStatefulSet({ namespace }),
    config.makeApiClient(NetworkingV1Api).listNamespacedIngress({ namespace }),
    cronJobsOf(config, namespace),
  ]);
  const specs = new Map(ingresses.items.map(({ metadata, spec }) => [metadata?.name, spec]));
  const workloads: (V1Deployment | V1StatefulSet)[] = [...deployments.items, ...statefulSets.items];
  const entries = workloads.map(({ metadata, spec, status }): [string, ServiceStatus] => {
    const name = metadata?.name ?? "";
    const ingress = specs.get(name);
    const host = ingress?.rules?.[0]?.host;
    return [
      name,
      {
        ...(host && { url: publicUrl(host, "/", urlFormOf(Boolean(ingress?.tls?.length), url)) }),
        // Not of the pods: the image of somebody else has a version of its own there.
        release: metadata?.labels?.["app.kubernetes.io/version"] ?? "",
        digest: spec?.template.spec?.containers[0]?.image?.split("@")[1] ?? "",
        ready: status?.readyReplicas ?? 0,
        desired: spec?.replicas ?? 0,
      },
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

/** The services as a table. */
export function serviceTable(services: Record<string, ServiceStatus>): string {
  const table = new Table({ head: ["Service", "URL", "Release", "Digest", "Ready"], style: { head: [], border: [] } });
  for (const [name, { url, release, digest, ready, desired, runs }] of Object.entries(services)) {
    table.push([name, url ?? "-", release, digest.slice(0, 19), runs ? formatRuns(runs) : `${ready}/${desired}`]);
  }
  return table.toString();
}
