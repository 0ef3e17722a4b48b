import type { KubernetesObject, V1Job } from "@kubernetes/client-node";
import { migrationObjects } from "../migrations/job.ts";
import type { Migration } from "../migrations/migration.ts";

/** Argo CD applies a wave once all of the one before is healthy: a Job that has not succeeded holds the rollout back. */
const WAVE = "argocd.argoproj.io/sync-wave";
/** What the Job needs. */
const BEFORE = "-2";
const EXPAND = "-1";
const NEEDED = ["ServiceAccount", "ConfigMap"];

/**
 * Adds the expand migration of a service to its manifests.
 *
 * The Job is no hook of Argo CD. A hook runs with every sync, or is deleted when it fails, and its log with it. A Job of the repository runs
 * when it is created, and stays: one that has succeeded lets each later sync pass, and one that has failed stops it.
 *
 * @param objects all of the service, ConfigMaps included
 * @param job name of the Job
 */
export function withMigration(
  objects: readonly KubernetesObject[],
  migration: Migration,
  job: string,
): KubernetesObject[] {
  const { job: made, networkPolicy } = migrationObjects(objects, migration);
  return [
    ...objects.map((object) => (NEEDED.includes(object.kind ?? "") ? inWave(BEFORE, object) : object)),
    // One for all Jobs of the service: it must be there before the pod is.
    inWave(BEFORE, {
      ...networkPolicy,
      metadata: { ...networkPolicy.metadata, name: `${migration.service}.migration` },
    }),
    inWave(EXPAND, kept(made, job)),
  ];
}

/** A Job that is removed from the repository stays: it says that its migration has run. After a rollback and back it does not run again. */
function kept({ metadata, spec, ...job }: V1Job, name: string): V1Job {
  const { suspend: _, ...started } = spec ?? {};
  const annotations = {
    ...metadata?.annotations,
    "argocd.argoproj.io/sync-options": "Prune=false",
    "argocd.argoproj.io/compare-options": "IgnoreExtraneous",
    // Of the Application. One that failed in an earlier attempt would make it degraded permanently. A sync waits for the Job all the same.
    "argocd.argoproj.io/ignore-healthcheck": "true",
  };
  return { ...job, metadata: { ...metadata, name, annotations }, spec: started as V1Job["spec"] } as V1Job;
}

function inWave<T extends KubernetesObject>(wave: string, object: T): T {
  const { metadata } = object;
  return { ...object, metadata: { ...metadata, annotations: { ...metadata?.annotations, [WAVE]: wave } } };
}
