import * as pulumi from "@pulumi/pulumi";
import type { Environment } from "../../config/index.ts";
import { enabledAddons } from "../addons/list.ts";
import type { ClusterReader, PendingRevision } from "../cluster/reader.ts";
import { failGate } from "./gates.ts";
import { recordKilledUpgrade } from "./killed-upgrade.ts";

const POLL_MILLISECONDS = 2_000;
/** Helm looks at what it waits for every 2 s. Within this time it has recorded that its wait has failed. */
const HELM_ENDS_WITHIN_SECONDS = 10;

/** Helm's timeout in seconds, by the release's name. */
type Timeouts = Map<string, number>;

/**
 * Deletes Helm revisions that a killed update left pending. Helm refuses to change such a release: "another operation is in
 * progress". This update holds the stack's lock, so no other update is running. But a provider can outlive its killed engine,
 * so the rollout's gate is deleted first: a Helm that still waits for the rollout then ends within seconds and records that
 * itself. A revision that stays pending belongs to nobody. A release without a gate is left alone until Helm's timeout for it has
 * passed. Only the record of the revision is deleted: the release then continues from the revision before it, whose record is told what
 * the killed one may have changed.
 *
 * @throws pulumi.RunError if the cluster cannot be reached. Better now than half-way through the update.
 */
export async function clearStuckReleases(
  connect: () => Promise<ClusterReader>,
  environment: Environment,
): Promise<void> {
  if (pulumi.runtime.isDryRun()) return;
  const reader = await connect();
  const namespaces = [...timeoutsByNamespace(environment)];
  await Promise.all(namespaces.map(([namespace, timeouts]) => clearNamespace(reader, namespace, timeouts)));
}

/** Only the releases of this stack: its lock says nothing about those of others. */
function timeoutsByNamespace(environment: Environment): Map<string, Timeouts> {
  const namespaces = new Map<string, Timeouts>();
  const add = (namespace: string, release: string, seconds: number) =>
    namespaces.set(namespace, (namespaces.get(namespace) ?? new Map()).set(release, seconds));
  for (const { name, rollout } of environment.services) add(environment.namespace, name, rollout.timeoutSeconds);
  for (const { name, namespace, timeoutSeconds } of enabledAddons(environment))
    add(namespace(environment), name, timeoutSeconds);
  return namespaces;
}

async function clearNamespace(reader: ClusterReader, namespace: string, timeouts: Timeouts): Promise<void> {
  /** When a release's gate was deleted last, as seconds since the epoch. */
  const gateDeleted = new Map<string, number>();
  const announced = new Set<string>();
  for (;;) {
    const pending = (await pendingRevisions(reader, namespace)).filter(({ release }) => timeouts.has(release));
    if (pending.length === 0) return;
    let isWaiting = false;
    for (const revision of pending) {
      const { release, status, secret, since } = revision;
      const expires = since.valueOf() / 1000 + (timeouts.get(release) ?? 0);
      // A Helm that has only begun creates the gate after this, so it is looked for again each time.
      if (await failGate(reader, namespace, release)) gateDeleted.set(release, nowSeconds());
      const ends = Math.min(expires, (gateDeleted.get(release) ?? expires) + HELM_ENDS_WITHIN_SECONDS);
      const seconds = ends - nowSeconds();
      if (seconds <= 0) {
        await recordKilledUpgrade(reader, namespace, release);
        if (await reader.deleteRevision(namespace, revision))
          await pulumi.log.warn(
            `${release}: an earlier update was interrupted (${status}). Its unfinished Helm revision ${secret} was deleted.`,
          );
        continue;
      }
      isWaiting = true;
      if (!announced.has(secret)) {
        announced.add(secret);
        await pulumi.log.info(
          `${release}: an earlier update was interrupted (${status}). Waiting up to ${Math.ceil(seconds)} s for it to end.`,
        );
      }
    }
    if (isWaiting) await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS));
  }
}

function nowSeconds(): number {
  return Date.now() / 1000;
}

async function pendingRevisions(reader: ClusterReader, namespace: string): Promise<PendingRevision[]> {
  return reader.pendingRevisions(namespace).catch((error: unknown) => {
    throw new pulumi.RunError(
      `The cluster does not list its Helm releases: ${explain(error)}. Nothing in it was changed. ` +
        `Check that the cluster is running and that you may read secrets in ${namespace}.`,
    );
  });
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = (error as NodeJS.ErrnoException).code;
  return typeof code === "string" ? code : (error.message.split("\n")[0] ?? "");
}
