import type { MigrationsApi } from "./api.ts";
import { digestOf, keyOf, type Migration, type Phase, shortDigest } from "./migration.ts";

/**
 * - `started`: its Job was let go. If nothing else is known, it may still run.
 * - `failed`: it may have done a part.
 */
export type Result = "started" | "succeeded" | "failed";

export interface LedgerEntry {
  release: string;
  phase: Phase;
  /** When it got this result, in ISO 8601. */
  time: string;
  result: Result;
  digest: string;
  job: string;
  /** Why it failed. */
  reason?: string;
}

/** A release that has been rolled out. */
export interface ServedEntry {
  release: string;
  /** When it was first seen to serve, in ISO 8601. */
  time: string;
  digest: string;
}

/** What is known of a service's migrations and releases. */
export interface Ledger {
  /** By {@link keyOf}. */
  migrations: Record<string, LedgerEntry>;
  /** By {@link shortDigest}. */
  served: Record<string, ServedEntry>;
}

const SERVED = "served.";

/** Name of a service's ledger: a ConfigMap that neither Helm nor Pulumi knows, so that none of their deletes takes it along. */
export function ledgerName(service: string): string {
  return `${service}.migrations`;
}

/** @returns an empty ledger if the service has none */
export async function readLedger(api: MigrationsApi, namespace: string, service: string): Promise<Ledger> {
  return parseLedger((await api.configMap(namespace, ledgerName(service)))?.data ?? {});
}

export function parseLedger(data: Record<string, string>): Ledger {
  const ledger: Ledger = { migrations: {}, served: {} };
  for (const [key, text] of Object.entries(data)) {
    const entry = JSON.parse(text);
    if (key.startsWith(SERVED)) ledger.served[key.slice(SERVED.length)] = entry;
    else ledger.migrations[key] = entry;
  }
  return ledger;
}

export function recordMigration(
  api: MigrationsApi,
  migration: Migration,
  { job, result, reason }: Pick<LedgerEntry, "job" | "result" | "reason">,
): Promise<void> {
  const { service, release, config, image } = migration;
  const entry: LedgerEntry = {
    release,
    phase: config.phase,
    time: new Date().toISOString(),
    result,
    digest: digestOf(image),
    job,
    ...(reason && { reason }),
  };
  return api.putKeys(migration.namespace, ledgerName(service), { [keyOf(migration)]: JSON.stringify(entry) });
}

/** Notes releases that serve, unless the ledger has them already: what counts is when each served first. */
export async function recordServed(
  api: MigrationsApi,
  { namespace, service }: Pick<Migration, "namespace" | "service">,
  releases: readonly { release: string; digest: string }[],
): Promise<void> {
  if (releases.length === 0) return;
  const { served } = await readLedger(api, namespace, service);
  const time = new Date().toISOString();
  const unknown = releases.filter(({ digest }) => served[shortDigest(digest)] === undefined);
  if (unknown.length === 0) return;
  const data = unknown.map(({ release, digest }): [string, string] => {
    const entry: ServedEntry = { release, time, digest };
    return [`${SERVED}${shortDigest(digest)}`, JSON.stringify(entry)];
  });
  await api.putKeys(namespace, ledgerName(service), Object.fromEntries(data));
}
