import type { V1ConfigMap, V1Job, V1Lease, V1Pod } from "@kubernetes/client-node";
import { ApiException } from "@kubernetes/client-node";
import type { MigrationsApi } from "../../../components/migrations/api.ts";
import type { MigrationObjects } from "../../../components/migrations/job.ts";
import { parseLedger } from "../../../components/migrations/ledger.ts";
import { jobName, type Migration } from "../../../components/migrations/migration.ts";

type Named = { metadata?: { name?: string; namespace?: string; uid?: string; resourceVersion?: string } };

/** A cluster in memory, as far as migrations use it. Jobs run when the test says so. */
export class FakeApi {
  readonly jobsByKey = new Map<string, V1Job>();
  readonly leases = new Map<string, V1Lease>();
  readonly configMaps = new Map<string, V1ConfigMap>();
  /** What was done, in order. */
  readonly done: string[] = [];
  /** Namespaces whose leases the user may not touch. */
  forbidden: string[] = [];
  pod: V1Pod | undefined;
  logText: string | undefined;
  warning: string | undefined;
  /** Called when a Job is let go. */
  onRun: (job: V1Job) => void = () => {};
  private count = 0;

  get api(): MigrationsApi {
    return this as unknown as MigrationsApi;
  }

  ledger(namespace = "shop", service = "orders") {
    return parseLedger(this.configMaps.get(`${namespace}/${service}.migrations`)?.data ?? {});
  }

  /** Ends a Job. */
  finish(key: string, type: "Complete" | "Failed", reason = ""): void {
    const job = this.jobsByKey.get(key);
    if (job) job.status = { conditions: [{ type, status: "True", reason }] };
  }

  async configMap(namespace: string, name: string) {
    return this.configMaps.get(`${namespace}/${name}`);
  }

  async putKeys(namespace: string, name: string, data: Record<string, string>) {
    const old = this.configMaps.get(`${namespace}/${name}`);
    this.configMaps.set(`${namespace}/${name}`, { data: { ...old?.data, ...data } });
    this.done.push(...Object.values(data).map((text) => `ledger ${JSON.parse(text).result ?? "served"}`));
  }

  async job(namespace: string, name: string) {
    return this.jobsByKey.get(`${namespace}/${name}`);
  }

  async jobs() {
    return [...this.jobsByKey.values()];
  }

  async createJob(namespace: string, body: V1Job) {
    const key = `${namespace}/${body.metadata?.name}`;
    if (this.jobsByKey.has(key)) return undefined;
    const job = this.stamped(structuredClone(body));
    this.jobsByKey.set(key, job);
    this.done.push("job created");
    return job;
  }

  async patchJob(namespace: string, name: string, spec: { suspend?: boolean; ttlSecondsAfterFinished?: number }) {
    const job = this.jobsByKey.get(`${namespace}/${name}`);
    if (!job?.spec) throw new Error(`no job ${name}`);
    const isLetGo = job.spec.suspend === true && spec.suspend === false;
    Object.assign(job.spec, spec);
    if (!isLetGo) return;
    this.done.push("job runs");
    this.onRun(job);
  }

  async deleteJob(namespace: string, { metadata }: V1Job) {
    const key = `${namespace}/${metadata?.name}`;
    if (this.jobsByKey.get(key)?.metadata?.uid !== metadata?.uid) return;
    this.jobsByKey.delete(key);
    this.done.push("job deleted");
  }

  async createIfMissing({ kind }: { kind?: string }) {
    this.done.push(`${kind} created`);
  }

  async pods() {
    return this.pod ? [this.pod] : [];
  }

  async log() {
    return this.logText;
  }

  async lastWarning() {
    return this.warning;
  }

  async lease(namespace: string, name: string) {
    this.check(namespace);
    return structuredClone(this.leases.get(`${namespace}/${name}`));
  }

  async createLease(namespace: string, body: V1Lease) {
    this.check(namespace);
    return this.putLease(`${namespace}/${body.metadata?.name}`, body, undefined);
  }

  async replaceLease(namespace: string, body: V1Lease) {
    return this.putLease(`${namespace}/${body.metadata?.name}`, body, body.metadata?.resourceVersion);
  }

  async deleteLease(namespace: string, { metadata }: V1Lease) {
    const key = `${namespace}/${metadata?.name}`;
    if (this.leases.get(key)?.metadata?.resourceVersion === metadata?.resourceVersion) this.leases.delete(key);
    this.done.push("lease given up");
  }

  private putLease(key: string, body: V1Lease, version: string | undefined): V1Lease | undefined {
    if (this.leases.get(key)?.metadata?.resourceVersion !== version) return undefined;
    const lease = this.stamped(structuredClone(body));
    this.leases.set(key, lease);
    this.done.push(`lease taken by ${lease.spec?.holderIdentity}`);
    return lease;
  }

  private stamped<T extends Named>(object: T): T {
    this.count += 1;
    object.metadata = { ...object.metadata, uid: `uid-${this.count}`, resourceVersion: `${this.count}` };
    return object;
  }

  private check(namespace: string): void {
    if (this.forbidden.includes(namespace)) throw new ApiException(403, "forbidden", "", {});
  }
}

export const DIGEST = (digit: string) => `sha256:${digit.repeat(64)}`;

export function migrationOf(over: Partial<Migration> = {}, config: Partial<Migration["config"]> = {}): Migration {
  return {
    service: "orders",
    release: "v2",
    namespace: "shop",
    image: `registry.example.com/shop@${DIGEST("2")}`,
    ...over,
    config: { command: ["/orders"], args: ["migrate"], phase: "expand", timeoutSeconds: 60, ...config },
  };
}

/** As migrationObjects makes them, without a pod. */
export function objectsOf(migration: Migration): () => Promise<MigrationObjects> {
  const metadata = { name: jobName(migration), namespace: migration.namespace };
  return async () => ({
    job: { kind: "Job", metadata, spec: { suspend: true, template: {} } },
    networkPolicy: { kind: "NetworkPolicy", metadata },
    serviceAccount: { kind: "ServiceAccount", metadata },
  });
}
