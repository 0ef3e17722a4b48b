import type { Environment } from "../config/index.ts";
import { createKinds } from "./addons/kinds.ts";
import type { ClusterConnection } from "./cluster/connection.ts";
import { manifestsFolder } from "./gitops/render-only.ts";
import type { ImagePlans } from "./images/images.ts";
import { lastOutput } from "./last-update.ts";
import { type MigrationPlan, planMigrations } from "./migrations/index.ts";
import { prepareRenames } from "./renames.ts";
import { type Accepted, dryRunServices } from "./rollout/dry-run.ts";
import { growVolumes } from "./rollout/grow-volumes.ts";

export interface PrepareArgs {
  environment: Environment;
  cluster: ClusterConnection;
  /** Repository of the services' own images. */
  repository: string;
  plans: ImagePlans;
}

export interface PreparedCluster {
  /** Without the renames that are over. */
  renaming: Environment;
  accepted: Accepted;
  migrations: MigrationPlan;
}

/**
 * What the cluster must say, and what must be done in it, before the first service changes. An update that only renders manifests asks
 * nothing.
 *
 * @throws pulumi.RunError if the cluster refuses something, or does not answer.
 */
export async function prepareCluster(args: PrepareArgs): Promise<PreparedCluster> {
  const { environment, cluster } = args;
  if (manifestsFolder() !== undefined) {
    return {
      renaming: environment,
      accepted: (await lastOutput<Accepted>("accepted")) ?? {},
      migrations: new Set(),
    };
  }
  const renaming = await prepareRenames(environment, cluster);
  const accepted = await dryRunServices({ ...args, environment: renaming });
  // Argo CD runs those of this mode, and the history of the branch is their ledger.
  const migrations = environment.gitops === undefined ? await planMigrations(args) : new Set<string>();
  await growVolumes({ environment, cluster });
  await createKinds(environment, cluster);
  return { renaming, accepted, migrations };
}
