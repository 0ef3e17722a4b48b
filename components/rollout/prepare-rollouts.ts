import * as pulumi from "@pulumi/pulumi";
import { type Environment, refuseFaults } from "../../config/index.ts";
import type { ClusterReader } from "../cluster/reader.ts";
import { clearStuckReleases } from "./clear-stuck-releases.ts";
import { removeGates } from "./gates.ts";
import { immutableFaults, type LiveWorkloads } from "./immutable-fields.ts";
import { inTime } from "./in-time.ts";
import { kedaFaults, usesKeda } from "./keda-faults.ts";
import { scaleNotices } from "./scale-notices.ts";
import { unpinReplicas } from "./unpin-replicas.ts";

const INTRO = "What runs in the cluster cannot become what the config says. Nothing in the cluster was changed.";

type Connect = () => Promise<ClusterReader>;

interface LiveCluster extends LiveWorkloads {
  hasKeda: boolean;
}

/**
 * What has to be known or done in the cluster before its first object changes. A preview refuses the same, if it can read the cluster.
 *
 * @throws pulumi.RunError if the cluster cannot be reached, or if a service cannot become what the config says
 */
export async function prepareRollouts(connect: Connect, environment: Environment): Promise<void> {
  if (pulumi.runtime.isDryRun()) {
    const live = await inTime(readCluster(connect, environment), undefined);
    if (live !== undefined) await checkServices(environment, live);
    return;
  }
  const live = await readOrRefuse(connect, environment);
  await checkServices(environment, live);
  await clearStuckReleases(connect, environment);
  const reader = await connect();
  await unpinReplicas(reader, environment);
  await removeGates(reader, environment);
}

async function checkServices(environment: Environment, live: LiveCluster): Promise<void> {
  const { services } = environment;
  const faults = [...immutableFaults(services, live), ...(live.hasKeda ? [] : kedaFaults(services))];
  refuseFaults(environment, faults, INTRO);
  for (const notice of scaleNotices(services, [...live.deployments, ...live.statefulSets]))
    await pulumi.log.warn(notice);
}

async function readCluster(connect: Connect, { namespace, services }: Environment): Promise<LiveCluster> {
  const reader = await connect();
  const [workloads, hasKeda] = await Promise.all([
    reader.workloads(namespace),
    services.some(usesKeda) ? reader.hasKind("keda.sh", "v1alpha1", "ScaledObject") : true,
  ]);
  return { ...workloads, hasKeda };
}

async function readOrRefuse(connect: Connect, environment: Environment): Promise<LiveCluster> {
  try {
    return await readCluster(connect, environment);
  } catch (error) {
    // If the cluster cannot be reached, this says so.
    await clearStuckReleases(connect, environment);
    const { namespace } = environment;
    throw new pulumi.RunError(
      `The cluster does not list what runs in ${namespace} (${error instanceof Error ? error.message.split("\n")[0] : error}). ` +
        `No service was changed. Check that you may list deployments and statefulsets in ${namespace}.`,
    );
  }
}
