import type { EnvironmentSettings } from "../../config/environment.ts";
import { withManifests } from "./manifests-repository.ts";
import type { RenderedManifests } from "./render-manifests.ts";

/** The chart renders no Job in this mode: each is that of a migration. */
const JOB_FILE = /^[^/]+\/manifests[^/]*\/job-(.+)\.yaml$/;

/**
 * Tells the program which migrations the branch has had. Its history is the ledger of this mode: whoever renders need not ask the cluster.
 * Without a migration nothing is asked.
 *
 * @throws Failure if the repository cannot be read
 */
export async function tellMigrations(
  rendered: Pick<RenderedManifests, "tellMigrations">,
  { gitops, services }: Pick<EnvironmentSettings, "gitops" | "services">,
): Promise<void> {
  if (gitops === undefined || !services.some(({ migration }) => migration !== undefined)) return;
  await withManifests(gitops, async (manifests) => {
    const added = await manifests.everAdded();
    const deploys = await manifests.history(Number.POSITIVE_INFINITY);
    const committed = added.flatMap((file) => jobOfFile(file) ?? []);
    const failed = deploys.flatMap(({ deploy }) => deploy?.failedJobs ?? []);
    rendered.tellMigrations({ committed: committed.sort(), failed: failed.sort() });
  });
}

/** Name of the Job that a manifest is. Undefined for another object. */
export function jobOfFile(file: string): string | undefined {
  return JOB_FILE.exec(file)?.[1];
}
