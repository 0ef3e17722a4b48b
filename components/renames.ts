import * as pulumi from "@pulumi/pulumi";
import { type Environment, refuseFaults } from "../config/index.ts";
import type { ClusterConnection } from "./cluster/connection.ts";
import { createsCluster } from "./cluster/creates-cluster.ts";
import { type LiveServices, planRenames } from "./rename-plan.ts";
import { inTime } from "./rollout/in-time.ts";

const INTRO = "A service cannot get another name in one deploy. No service was changed.";

/**
 * The environment with its renamed services beside those that they replace, as long as these run: see rename-plan.ts.
 *
 * @throws pulumi.RunError if a rename would lose requests or data, or if the cluster does not say what runs
 */
export async function prepareRenames<E extends Environment>(environment: E, cluster: ClusterConnection): Promise<E> {
  const isRenaming = environment.services.some(({ renamedFrom }) => renamedFrom !== undefined);
  if (!isRenaming || (await createsCluster(cluster))) return environment;
  const asked = readServices(environment, cluster);
  const live = pulumi.runtime.isDryRun() ? await inTime(asked, undefined) : await orRefuse(asked);
  if (live === undefined) return environment;
  const { services, faults, notices } = planRenames(environment, live);
  refuseFaults(environment, faults, INTRO);
  for (const notice of notices) await pulumi.log.info(notice);
  return { ...environment, services };
}

async function readServices({ namespace }: Environment, cluster: ClusterConnection): Promise<LiveServices> {
  const reader = await cluster.reader();
  const [workloads, ingresses, rollouts] = await Promise.all([
    reader.workloads(namespace),
    reader.ingresses(namespace),
    reader.rollouts.visible(namespace),
  ]);
  return { ...workloads, ingresses, rollouts };
}

function orRefuse(asked: Promise<LiveServices>): Promise<LiveServices> {
  return asked.catch((error: unknown) => {
    const why = error instanceof Error ? error.message.split("\n")[0] : String(error);
    throw new pulumi.RunError(
      `The cluster does not say whether the old names of renamed services still run (${why}). No service was changed. Check that you may ` +
        "list deployments, statefulsets and ingresses, or remove renamedFrom if nothing of the old name runs.",
    );
  });
}
