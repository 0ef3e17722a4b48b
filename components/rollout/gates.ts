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

/** Makes Helm's wait fail, so that it rolls back. @returns whether there was a gate to take away */
export function failGate(reader: ClusterReader, namespace: string, service: string): Promise<boolean> {
  return reader.deleteService(namespace, rolloutGate(service));
}
