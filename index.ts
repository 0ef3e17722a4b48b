/**
 * The platform, from the ground up. One stack in stacks/ is one deployment of this file.
 * Wiring only: what things are is in components/, what they are set to in stacks/.
 */
import "./components/stack-traces.ts";
import {
  Addons,
  declareApplications,
  deleteOldData,
  deliveryModeOf,
  deployServices,
  findNameKey,
  findTarget,
  handOver,
  Images,
  planImages,
  prepareCluster,
  refuseDeletions,
  refuseEarlyCommit,
  refuseToGiveUpNamespace,
  requireSecrets,
  servicesNamespace,
} from "./components/index.ts";
import { loadEnvironment } from "./config/index.ts";

const root = import.meta.dirname;

// Every fault that can be found before a change is reported here.
const environment = loadEnvironment(root);
await refuseToGiveUpNamespace(environment);
await refuseEarlyCommit(environment);
await refuseDeletions(environment);
const target = await findTarget(environment);
const plans = await planImages(environment, target.images, root);

// The cluster: one of our own on EKS, or one that exists already.
const cluster = await target.connect();
const { repository } = target.images;
const { renaming, accepted, migrations } = await prepareCluster({ environment, cluster, repository, plans });
const key = await findNameKey(environment);
const handover = await handOver(environment, cluster, key);
const secrets = await requireSecrets(environment, key, handover.names);

// What every service needs of it: ingress, metrics, rebalancing, room for more pods.
const servicesIn = servicesNamespace(environment, cluster.options);
const addons = new Addons("addons", { cluster, environment, servicesNamespace: servicesIn });

// The images: built if the registry does not have the release yet.
const images = new Images("images", {
  environment,
  repository: target.images,
  plans,
  registry: cluster.registry,
});

// The services: one Helm release each, or manifests for Argo CD.
const deployed = await deployServices({
  environment: renaming,
  cluster,
  addons,
  namespace: servicesIn,
  images,
  nameKey: key,
  migrations,
  handover,
});

// What Argo CD rolls out, if it does.
declareApplications({ environment, cluster, addons, handover, after: deployed });
await deleteOldData({
  environment,
  cluster,
  secrets: { ...secrets, kept: Object.values(handover.names) },
});

// The stack's outputs. The next update reads `builds` and `createsNamespace`: see planImages and refuseToGiveUpNamespace.
export const release = environment.release;
export const namespace = environment.namespace;
export const createsNamespace = environment.createNamespace;
export const services = Object.fromEntries(
  deployed.map(({ name, url, release, image }) => [name, { url, release, image }]),
);
// `routes` is read by the next update: see host-moves.ts.
export const routes = Object.fromEntries(deployed.map(({ name, routes }) => [name, routes]));
// `accepted` is read by the next update: see dryRunServices.
export { accepted };
// Read by the next update: see modeChange.
export const deliveryMode = deliveryModeOf(environment);
// `handover` is read by the next update: see gitops/handover.ts.
export { handover };
// `secretObjects` is read by an update that only renders: see requireSecrets.
export const secretObjects = secrets;
// Read by the next update: see content-name.ts. Pulumi warns of an output without a value.
export const nameKey = key ?? "";
export const platform = cluster.outputs;
export const builds = images.builds;
