import * as pulumi from "@pulumi/pulumi";
import { type Environment, refuseFaults, usesArgoRollouts } from "../../config/index.ts";
import type { ClusterReader } from "../cluster/reader.ts";
import type { Rollout } from "../cluster/rollouts.ts";
import { manifestsFolder } from "../gitops/render-only.ts";
import { argoFaults } from "./argo-faults.ts";
import { brokenStatefulSets } from "./broken-stateful-sets.ts";
import { clearStuckReleases } from "./clear-stuck-releases.ts";
import { removeGates } from "./gates.ts";
import { growths, immutableFaults, type LiveWorkloads } from "./immutable-fields.ts";
import { inTime } from "./in-time.ts";
import { readDescriptions } from "./interrupted-upgrade.ts";
import { kedaFaults, usesKeda } from "./keda-faults.ts";
import { keepVolumeSizes } from "./keep-volume-sizes.ts";
import { scaleNotices } from "./scale-notices.ts";
import { keepReplacedWorkloads } from "./switch-workload.ts";
import { unpinReplicas } from "./unpin-replicas.ts";
import { forgetUnrecordedInstalls } from "./unrecorded-installs.ts";
import { growthFaults } from "./volume-faults.ts";

const INTRO = "What runs in the cluster cannot become what the config says. Nothing in the cluster was changed.";

type Connect = () => Promise<ClusterReader>;

interface LiveCluster extends LiveWorkloads {
  rollouts: readonly Rollout[];
  hasKeda: boolean;
  hasArgoRollouts: boolean;
  /** Of the API server. Not read if no service is stateful. */
  version: string;
}

/**
 * What has to be known or done in the cluster before its first object changes. A preview refuses the same, if it can read the cluster.
 *
 * @throws pulumi.RunError if the cluster cannot be reached, or if a service cannot become what the config says
 */
export async function prepareRollouts(connect: Connect, environment: Environment): Promise<void> {
  if (manifestsFolder() !== undefined) return;
  if (pulumi.runtime.isDryRun()) {
    const live = await inTime(readCluster(connect, environment), undefined);
    if (live === undefined) return;
    await checkServices(connect, environment, live);
    await inTime(readDescriptions(await connect(), environment), undefined);
    return;
  }
  const live = await readOrRefuse(connect, environment);
  await checkServices(connect, environment, live);
  await clearStuckReleases(connect, environment);
  const reader = await connect();
  await forgetUnrecordedInstalls(reader, environment);
  await readDescriptions(reader, environment);
  await unpinReplicas(reader, environment);
  await keepReplacedWorkloads(reader, environment, live);
  await keepVolumeSizes(reader, environment, live.statefulSets);
  await removeGates(reader, environment);
}

async function checkServices(connect: Connect, environment: Environment, live: LiveCluster): Promise<void> {
  const { services, namespace } = environment;
  const faults = [
    ...immutableFaults(services, live),
    ...(live.hasKeda ? [] : kedaFaults(services)),
    ...(live.hasArgoRollouts ? [] : argoFaults(services)),
  ];
  const growing = growths(services, live);
  if (growing.length > 0) {
    const asked = growthFaults((await connect()).statefulSets, namespace, growing);
    faults.push(...(await (pulumi.runtime.isDryRun() ? inTime(asked, []) : asked)));
  }
  refuseFaults(environment, faults, INTRO);
  if (pulumi.runtime.isDryRun())
    for (const { service, size, claims } of growing.filter((growth) => growth.claims.length > 0))
      await pulumi.log.info(`${service}: ${claims.length} volumes would grow to ${size}. They cannot shrink again.`);
  const scale = scaleNotices(services, [...live.deployments, ...live.statefulSets, ...live.rollouts]);
  for (const notice of [...scale, brokenStatefulSets(services, live.version) ?? []].flat())
    await pulumi.log.warn(notice);
}

async function readCluster(connect: Connect, { namespace, services, addons }: Environment): Promise<LiveCluster> {
  const reader = await connect();
  const argo = addons.argoRollouts.enabled ? [] : services.filter(({ rollout }) => usesArgoRollouts(rollout.strategy));
  const hasVolumes = services.some(({ chartFields }) => chartFields.volume !== undefined);
  const [workloads, rollouts, hasArgoRollouts, claims, version, hasKeda] = await Promise.all([
    reader.workloads(namespace),
    reader.rollouts.visible(namespace),
    argo.length > 0 ? reader.hasKind("argoproj.io", "v1alpha1", "Rollout") : true,
    hasVolumes ? reader.statefulSets.claims(namespace) : [],
    services.some(({ kind }) => kind === "stateful") ? reader.version() : "",
    services.some(usesKeda) ? reader.hasKind("keda.sh", "v1alpha1", "ScaledObject") : true,
  ]);
  return { ...workloads, rollouts, claims, version, hasKeda, hasArgoRollouts };
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
        `No service was changed. Check that you may list deployments, statefulsets, rollouts and persistentvolumeclaims in ${namespace}.`,
    );
  }
}
