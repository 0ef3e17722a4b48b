import * as pulumi from "@pulumi/pulumi";
import type { Environment } from "../stacks/index.ts";
import { addonNamespaces } from "./addons.ts";
import type { ClusterConnection } from "./cluster.ts";

/**
 * Clears Helm revisions that an update killed in the middle left pending. Helm refuses such a release for ever
 * ("another operation is in progress"), yet the stack's lock, which this update holds, says that nobody is at it.
 * Only the record of the revision goes: the revision before it becomes the last again and is upgraded from.
 *
 * @throws pulumi.RunError if the cluster cannot be reached: better here than half-way through.
 */
export async function clearStuckReleases(cluster: ClusterConnection, environment: Environment): Promise<void> {
  if (pulumi.runtime.isDryRun()) return;
  const reader = await cluster.reader();
  for (const namespace of [environment.namespace, ...addonNamespaces(environment)]) {
    const revisions = await reader.pendingRevisions(namespace).catch((error: unknown) => {
      throw new pulumi.RunError(
        `The cluster cannot be asked for its Helm releases: ${explain(error)}. Nothing was changed. Check that it runs and that you may read secrets in ${namespace}.`,
      );
    });
    for (const { secret, release, status } of revisions) {
      await reader.deleteSecret(namespace, secret);
      await pulumi.log.warn(
        `${release}: an earlier update was cut off (${status}); its unfinished Helm revision ${secret} was cleared.`,
      );
    }
  }
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = (error as NodeJS.ErrnoException).code;
  return code === undefined || typeof code === "number" ? (error.message.split("\n")[0] ?? "") : code;
}
