import * as pulumi from "@pulumi/pulumi";
import type { Environment } from "../../config/index.ts";
import type { ClusterConnection } from "../cluster/connection.ts";
import type { ClusterReader, DataObject } from "../cluster/reader.ts";
import { DATA_OF } from "../rollout/unused-data.ts";
import { manifestsFolder } from "./render-only.ts";

/** Of each service and kind. A pull request may wait for its review, and its manifests name a Secret that no pod has yet. */
const NEWEST = 10;

/**
 * Deletes ConfigMaps and Secrets of releases that are long over. Argo CD leaves them, because pods of the release before may restart, and
 * a Secret is not Argo CD's at all. So they would grow by one with each change of a config.
 *
 * @param secrets names of those that the program declares, by service
 */
export async function deleteOldData({
  environment,
  cluster,
  secrets,
}: {
  environment: Pick<Environment, "gitops" | "namespace">;
  cluster: Pick<ClusterConnection, "reader">;
  secrets: Record<string, string[]>;
}): Promise<void> {
  if (environment.gitops === undefined || manifestsFolder() !== undefined || pulumi.runtime.isDryRun()) return;
  const { namespace } = environment;
  try {
    const reader = await cluster.reader();
    const [objects, users] = await Promise.all([reader.dataWith(namespace, DATA_OF), usersOfData(reader, namespace)]);
    const old = oldData(objects, users, new Set(Object.values(secrets).flat()));
    for (const service of new Set(old.map((object) => object.service))) {
      const names = new Set(old.filter((object) => object.service === service).map(({ name }) => name));
      await reader.deleteData(namespace, { [DATA_OF]: service }, (name) => names.has(name));
    }
    if (old.length > 0)
      await pulumi.log.info(`Deleted ConfigMaps and Secrets that no pod uses any more: ${old.length}.`);
  } catch (error) {
    const why = error instanceof Error ? error.message.split("\n")[0] : String(error);
    await pulumi.log.warn(`ConfigMaps and Secrets of old releases stay for now: ${why}. The next update tries again.`);
  }
}

/** Pure: what nobody uses, without the newest. @param users text in which a name in use is in quotes */
export function oldData(objects: readonly DataObject[], users: string, declared: ReadonlySet<string>): DataObject[] {
  const groups = Map.groupBy(objects, ({ kind, service }) => `${kind} ${service}`);
  return [...groups.values()].flatMap((group) =>
    [...group]
      .sort((a, b) => b.createdAt - a.createdAt)
      .slice(NEWEST)
      .filter(({ name }) => !declared.has(name) && !users.includes(`"${name}"`)),
  );
}

/** All that has pods, or makes them again: a name can be in many places of a pod template, and its hash makes it unmistakable. */
async function usersOfData(reader: ClusterReader, namespace: string): Promise<string> {
  const [pods, sets, { deployments, statefulSets, cronJobs = [] }, jobs, rollouts] = await Promise.all([
    reader.pods(namespace, {}),
    reader.replicaSets(namespace, {}),
    reader.workloads(namespace),
    reader.jobs(namespace, {}),
    reader.rollouts.visible(namespace),
  ]);
  const all = [...pods, ...sets, ...deployments, ...statefulSets, ...cronJobs, ...jobs, ...rollouts];
  return JSON.stringify(all.map(({ spec }) => spec));
}
