import * as pulumi from "@pulumi/pulumi";
import { type Environment, refuseFaults } from "../../config/index.ts";
import type { ClusterReader } from "../cluster/reader.ts";
import { brokenStatefulSets } from "./broken-stateful-sets.ts";
import { clearStuckReleases } from "./clear-stuck-releases.ts";
import { removeGates } from "./gates.ts";
import { growths, immutableFaults, type LiveWorkloads } from "./immutable-fields.ts";
import { inTime } from "./in-time.ts";
import { kedaFaults, usesKeda } from "./keda-faults.ts";
import { keepVolumeSizes } from "./keep-volume-sizes.ts";
import { scaleNotices } from "./scale-notices.ts";
import { unpinReplicas } from "./unpin-replicas.ts";
import { growthFaults } from "./volume-faults.ts";

const INTRO = "What runs in the cluster cannot become what the config says. Nothing in the cluster was changed.";

type Connect = () => Promise<ClusterReader>;

interface LiveCluster extends LiveWorkloads {
  hasKeda: boolean;
  /** Of the API server. Not read if no service is stateful. */
  version: string;
}

/**
 * What has to be known or done in the cluster before its first object changes. A preview refuses the same, if it can read the cluster.
 *
 * @throws pulumi.RunError if the cluster cannot be reached, or if a service cannot become what the config says
 */
export async function prepareRollouts(connect: Connect, environment: Environment): Promise<void> {
  if (pulumi.runtime.isDryRun()) {
    const live = await inTime(readCluster(connect, environment), undefined);
    if (live !== undefined) await checkServices(connect, environment, live);
    return;
  }
  const live = await readOrRefuse(connect, environment);
  await checkServices(connect, environment, live);
  await clearStuckReleases(connect, environment);
  const reader = await connect();
  await unpinReplicas(reader, environment);
  await keepVolumeSizes(reader, environment, live.statefulSets);
  await removeGates(reader, environment);
}

async function checkServices(connect: Connect, environment: Environment, live: LiveCluster): Promise<void> {
  const { services, namespace } = environment;
  const faults = [...immutableFaults(services, live), ...(live.hasKeda ? [] : kedaFaults(services))];
  const growing = growths(services, live);
  if (growing.length > 0) {
    const asked = growthFaults((await connect()).statefulSets, namespace, growing);
    faults.push(...(await (pulumi.runtime.isDryRun() ? inTime(asked, []) : asked)));
  }
  refuseFaults(environment, faults, INTRO);
  if (pulumi.runtime.isDryRun())
    for (const { service, size, claims } of growing.filter((growth) => growth.claims.length > 0))
      await pulumi.log.info(`${service}: ${claims.length} volumes would grow to ${size}. They cannot shrink again.`);
  const scale = scaleNotices(services, [...live.deployments, ...live.statefulSets]);
  for (const notice of [...scale, brokenStatefulSets(services, live.version) ?? []].flat())
    await pulumi.log.warn(notice);
}

async function readCluster(connect: Connect, { namespace, services }: Environment): Promise<LiveCluster> {
  const reader = await connect();
  const hasVolumes = services.some(({ chartFields }) => chartFields.volume !== undefined);
  const [workloads, claims, version, hasKeda] = await Promise.all([
    reader.workloads(namespace),
    hasVolumes ? reader.statefulSets.claims(namespace) : [],
    services.some(({ kind }) => kind === "stateful") ? reader.version() : "",
    services.some(usesKeda) ? reader.hasKind("keda.sh", "v1alpha1", "ScaledObject") : true,
  ]);
  return { ...workloads, claims, version, hasKeda };
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
        `No service was changed. Check that you may list deployments, statefulsets and persistentvolumeclaims in ${namespace}.`,
    );
  }
}
