import type { Environment } from "../../config/index.ts";
import { rolloutGate } from "../../config/naming.ts";
import type { ClusterReader } from "../cluster/reader.ts";

/** Label of the Job that holds Helm's wait: see charts/service/templates/rollout-gates.yaml. */
const HOLDS = { "app.kubernetes.io/component": "rollout-gate" };
/** A Job wants as many completions as it has indexes in parallel, or neither can be changed. */
const OPEN = { spec: { completions: 0, parallelism: 0 } };

/** Names of the Jobs that hold Helm's wait for a service now. Once there is one, Helm has applied the new workload. */
export async function closedGates(reader: ClusterReader, namespace: string, service: string): Promise<string[]> {
  const jobs = await reader.jobs(namespace, { "app.kubernetes.io/instance": service, ...HOLDS });
  return jobs.filter(({ spec }) => spec?.completions !== 0).map(({ metadata }) => metadata?.name ?? "");
}

/** Lets Helm end its wait with success. */
export async function openGates(reader: ClusterReader, namespace: string, jobs: readonly string[]): Promise<void> {
  await Promise.all(jobs.map((name) => reader.patchJob(namespace, name, OPEN)));
}

/**
 * Deletes the Jobs of earlier rollouts. Helm's rollback of an upgrade that failed while it was applied stops at an object that exists
 * and is not in the manifest of that upgrade, and each upgrade has a Job of its own: https://github.com/helm/helm/issues/9207. Jobs of
 * updates that were killed belong to no manifest and would stay.
 */
export async function removeGates(
  reader: ClusterReader,
  { namespace, services }: Pick<Environment, "namespace"> & { services: readonly { name: string }[] },
): Promise<void> {
  const names = services.map(({ name }) => name);
  const jobs = (await reader.jobs(namespace, HOLDS)).filter(({ metadata }) =>
    names.includes(metadata?.labels?.["app.kubernetes.io/instance"] ?? ""),
  );
  await Promise.all(jobs.map(({ metadata }) => reader.deleteJob(namespace, metadata?.name ?? "")));
}

/** Makes Helm's wait fail, so that it rolls back. @returns whether there was a gate to take away */
export function failGate(reader: ClusterReader, namespace: string, service: string): Promise<boolean> {
  return reader.deleteService(namespace, rolloutGate(service));
}
