import { setTimeout as sleep } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import type { Environment } from "../../config/index.ts";
import { ADDON_TIMEOUT_SECONDS, addonReleases } from "../addons/index.ts";
import type { ClusterReader, PendingRevision } from "../cluster/reader.ts";

const POLL_MILLISECONDS = 2_000;

/**
 * Clears Helm revisions that an update killed in the middle left pending. Helm refuses such a release for ever
 * ("another operation is in progress"), yet the stack's lock, which this update holds, says that no update is at it.
 * A provider may outlive the engine that was killed and be at it still, so a revision is left alone until Helm's own
 * timeout for it is over. Only the record of the revision goes: the one before it becomes the last again and is
 * upgraded from.
 *
 * @throws pulumi.RunError if the cluster cannot be reached: better here than half-way through.
 */
export async function clearStuckReleases(
  connect: () => Promise<ClusterReader>,
  environment: Environment,
): Promise<void> {
  if (pulumi.runtime.isDryRun()) return;
  const reader = await connect();
  const clear = async (namespace: string, timeouts: Map<string, number>) => {
    const secondsLeft = ({ release, since }: PendingRevision) =>
      (timeouts.get(release) ?? 0) - (Date.now() - since.valueOf()) / 1000;
    const waitedFor = new Set<string>();
    for (;;) {
      const all = await reader.pendingRevisions(namespace).catch((error: unknown) => {
        throw new pulumi.RunError(
          `The cluster cannot be asked for its Helm releases: ${explain(error)}. Nothing in it was changed. ` +
            `Check that it runs and that you may read secrets in ${namespace}.`,
        );
      });
      // Releases of others are none of this stack's business: its lock says nothing about them.
      const pending = all.filter(({ release }) => timeouts.has(release));
      if (pending.length === 0) return;
      for (const revision of pending) {
        const { secret, release, status } = revision;
        if (secondsLeft(revision) <= 0) {
          if (!(await reader.deleteRevision(namespace, revision))) continue;
          await pulumi.log.warn(
            `${release}: an earlier update was cut off (${status}); its unfinished Helm revision ${secret} was cleared.`,
          );
        } else if (!waitedFor.has(secret)) {
          waitedFor.add(secret);
          await pulumi.log.info(
            `${release}: an earlier update was cut off (${status}). ` +
              `Waiting for it to end, ${Math.ceil(secondsLeft(revision))} s at most.`,
          );
        }
      }
      await sleep(POLL_MILLISECONDS);
    }
  };
  const services = new Map(environment.services.map(({ name, rollout }) => [name, rollout.timeoutSeconds]));
  const addons = addonReleases(environment).map(({ name, namespace }) =>
    clear(namespace, new Map([[name, ADDON_TIMEOUT_SECONDS]])),
  );
  await Promise.all([clear(environment.namespace, services), ...addons]);
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = (error as NodeJS.ErrnoException).code;
  return typeof code === "string" ? code : (error.message.split("\n")[0] ?? "");
}
