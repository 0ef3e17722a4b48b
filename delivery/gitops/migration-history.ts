import { migrationJobsVariables } from "../../components/gitops/migration-jobs.ts";
import type { EnvironmentSettings } from "../../config/environment.ts";
import { withManifests } from "./manifests-repository.ts";

/** The chart renders no Job in this mode: each is that of a migration. */
const JOB_FILE = /^[^/]+\/manifests\/job-(.+)\.yaml$/;

/**
 * Tells the program which migrations the branch has had. Its history is the ledger of this mode: whoever renders need not ask the cluster.
 *
 * @returns variables for the program; none if no service has a migration
 * @throws Failure if the repository cannot be read
 */
export async function migrationVariables({
  gitops,
  services,
}: Pick<EnvironmentSettings, "gitops" | "services">): Promise<Record<string, string>> {
  if (gitops === undefined || !services.some(({ migration }) => migration !== undefined)) return {};
  return withManifests(gitops, async (manifests) => {
    const added = await manifests.everAdded();
    const deploys = await manifests.history(Number.POSITIVE_INFINITY);
    const committed = added.flatMap((file) => jobOfFile(file) ?? []);
    const failed = deploys.flatMap(({ deploy }) => deploy?.failedJobs ?? []);
    return migrationJobsVariables({ committed: committed.sort(), failed: failed.sort() });
  });
}

/** Name of the Job that a manifest is. Undefined for another object. */
export function jobOfFile(file: string): string | undefined {
  return JOB_FILE.exec(file)?.[1];
}
