import { type V1Lease, V1MicroTime } from "@kubernetes/client-node";
import { isForbidden, type MigrationsApi } from "./api.ts";
import { endOf } from "./job-end.ts";
import { jobName, type Migration } from "./migration.ts";

const POLL_MILLISECONDS = 1_000;
/** Above a Job's own deadline: until its pod is gone. */
const MARGIN_SECONDS = 60;
/** Every service of the cluster can see a Lease here, whatever its namespace. */
const SHARED_NAMESPACE = "kube-system";

interface DatabaseLease {
  namespace: string;
  name: string;
}

/**
 * Waits until no other migration of the database runs. The Lease belongs to the Job and not to this program: if the program is killed, it is
 * held as long as the Job can run, and nobody has to renew it.
 *
 * Others take it once its Job is over, or is gone. If they may not read that Job, they wait until its deadline has passed. They count that
 * from their own first look, so that clocks need not agree: https://github.com/kubernetes/client-go/blob/v0.36.1/tools/leaderelection/leaderelection.go
 *
 * @param migration whose Job exists already, suspended: a Lease whose Job does not exist is free
 * @param say is called with who holds it, once for each holder
 */
export async function acquireLease(
  api: MigrationsApi,
  migration: Migration,
  say: (message: string) => Promise<void>,
): Promise<void> {
  const places = leasePlaces(migration);
  for (const [index, lease] of places.entries()) {
    try {
      return await acquire(api, lease, migration, say);
    } catch (error) {
      if (!isForbidden(error) || index === places.length - 1) throw error;
      await say(
        `you may not write leases in ${lease.namespace}, so migrations of the database ${migration.config.database} by services of other ` +
          "namespaces are not waited for",
      );
    }
  }
}

/** Gives up what the migration's Job has. */
export async function releaseLeases(api: MigrationsApi, migration: Migration): Promise<void> {
  for (const { namespace, name } of leasePlaces(migration)) {
    const lease = await api.lease(namespace, name).catch((error: unknown) => {
      if (isForbidden(error)) return undefined;
      throw error;
    });
    if (lease?.spec?.holderIdentity === holderOf(migration)) await api.deleteLease(namespace, lease);
  }
}

/** Where the Lease may be: the first place that the user may write to. */
function leasePlaces({ namespace, service, config }: Migration): DatabaseLease[] {
  if (config.database === undefined) return [{ namespace, name: `${service}.migration` }];
  const name = `slipway-database-${config.database}`;
  return [
    { namespace: SHARED_NAMESPACE, name },
    { namespace, name },
  ];
}

/** The Job, as `<namespace>/<name>`. */
function holderOf(migration: Migration): string {
  return `${migration.namespace}/${jobName(migration)}`;
}

async function acquire(
  api: MigrationsApi,
  { namespace, name }: DatabaseLease,
  migration: Migration,
  say: (message: string) => Promise<void>,
): Promise<void> {
  const holder = holderOf(migration);
  const spec = { holderIdentity: holder, leaseDurationSeconds: migration.config.timeoutSeconds + MARGIN_SECONDS };
  let seen = { version: "", since: 0 };
  const told = new Set<string>();
  for (;;) {
    const lease = await api.lease(namespace, name);
    const acquireTime = new V1MicroTime();
    if (lease === undefined) {
      const body = { metadata: { name, namespace }, spec: { ...spec, acquireTime } };
      if (await api.createLease(namespace, body)) return;
      continue;
    }
    const other = lease.spec?.holderIdentity ?? "";
    if (other === holder) return;
    const version = lease.metadata?.resourceVersion ?? "";
    if (seen.version !== version) seen = { version, since: Date.now() };
    if (other === "" || isExpired(lease, seen.since) || (await isOver(api, other))) {
      if (await api.replaceLease(namespace, { ...lease, spec: { ...spec, acquireTime } })) return;
      continue;
    }
    if (!told.has(other)) {
      told.add(other);
      await say(`waits for ${other}, which migrates the same database`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS));
  }
}

function isExpired({ spec }: V1Lease, since: number): boolean {
  return Date.now() - since > (spec?.leaseDurationSeconds ?? 0) * 1000;
}

async function isOver(api: MigrationsApi, holder: string): Promise<boolean> {
  const [namespace = "", name = ""] = holder.split("/");
  try {
    const job = await api.job(namespace, name);
    return job === undefined || endOf(job) !== undefined;
  } catch (error) {
    if (isForbidden(error)) return false;
    throw error;
  }
}
