import type { Ledger, LedgerEntry } from "./ledger.ts";
import { digestOf, keyOf, type Migration, shortDigest } from "./migration.ts";

/** What is known when an update begins. */
export interface Situation {
  migration: Pick<Migration, "service" | "config"> & {
    /** `repository@sha256:…`, undefined if it is not built yet. */
    image: string | undefined;
  };
  ledger: Ledger;
  /** Digests that pods of the service run now. */
  live: readonly string[];
  /** The command is a rollback: an image that the ledger does not know is an older one. */
  isRollback: boolean;
}

/**
 * - `run`: this update runs it.
 * - `done`: it has run.
 * - `goes back`: the image has served before, or the command is a rollback. What it migrated is migrated.
 */
export type Decision = "run" | "done" | "goes back";

/** Whether an update runs a service's migration. */
export function decide({ migration, ledger, live, isRollback }: Situation): Decision {
  if (migration.image === undefined) return isRollback ? "goes back" : "run";
  const image = migration.image;
  const known = ledger.migrations[keyOf({ config: migration.config, image })];
  if (known?.result === "succeeded") return "done";
  if (isRollback) return "goes back";
  if (known !== undefined) return "run";
  const digest = digestOf(image);
  const hasServed = ledger.served[shortDigest(digest)] !== undefined;
  return hasServed && !live.includes(digest) ? "goes back" : "run";
}

/**
 * The newest contract migration that has taken away, or may have, what the image of this update needs. Undefined if the image is the one
 * that was contracted for, a newer one, or what runs already.
 */
export function contractAcross({ migration, ledger, live, isRollback }: Situation): LedgerEntry | undefined {
  const contracts = Object.values(ledger.migrations)
    .filter(({ phase }) => phase === "contract")
    .sort((a, b) => (a.time < b.time ? 1 : -1));
  if (migration.image === undefined) return isRollback ? contracts[0] : undefined;
  const digest = digestOf(migration.image);
  if (live.includes(digest)) return undefined;
  const served = ledger.served[shortDigest(digest)];
  if (served !== undefined) return contracts.find((entry) => entry.digest !== digest && entry.time > served.time);
  const isKnown = Object.values(ledger.migrations).some((entry) => entry.digest === digest);
  return isRollback && !isKnown ? contracts[0] : undefined;
}
