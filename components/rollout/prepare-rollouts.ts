import * as pulumi from "@pulumi/pulumi";
import { type Environment, refuseFaults } from "../../config/index.ts";
import type { ClusterReader } from "../cluster/reader.ts";
import { clearStuckReleases } from "./clear-stuck-releases.ts";
import { immutableFaults } from "./immutable-fields.ts";
import { kedaFaults } from "./keda-faults.ts";
import { scaleNotices } from "./scale-notices.ts";
import { unpinReplicas } from "./unpin-replicas.ts";

const INTRO = "What runs in the cluster cannot become what the config says. Nothing in the cluster was changed.";

/**
 * What has to be known or done in the cluster before its first object changes. A preview refuses the same, if it can read the cluster.
 *
 * @throws pulumi.RunError if the cluster cannot be reached, or if a service cannot become what the config says
 */
export async function prepareRollouts(connect: () => Promise<ClusterReader>, environment: Environment): Promise<void> {
  await checkWorkloads(connect, environment);
  await clearStuckReleases(connect, environment);
  if (!pulumi.runtime.isDryRun()) await unpinReplicas(await connect(), environment);
}

async function checkWorkloads(connect: () => Promise<ClusterReader>, environment: Environment): Promise<void> {
  const { namespace, services } = environment;
  const workloads = await connect()
    .then((reader) => reader.workloads(namespace))
    .catch(async (error: unknown) => {
      if (pulumi.runtime.isDryRun()) return { deployments: [], statefulSets: [] };
      // If the cluster cannot be reached, this says so.
      await clearStuckReleases(connect, environment);
      throw new pulumi.RunError(
        `The cluster does not list what runs in ${namespace} (${error instanceof Error ? error.message.split("\n")[0] : error}). ` +
          `No service was changed. Check that you may list deployments and statefulsets in ${namespace}.`,
      );
    });
  const faults = [...immutableFaults(services, workloads), ...(await kedaFaults(connect, services))];
  refuseFaults(environment, faults, INTRO);
  const notices = scaleNotices(services, [...workloads.deployments, ...workloads.statefulSets]);
  for (const notice of notices) await pulumi.log.warn(notice);
}
