/**
 * The platform, from the ground up. One stack in stacks/ is one deployment of this file.
 * Wiring only: what things are is in components/, what they are set to in stacks/.
 */
import {
  Addons,
  clearStuckReleases,
  connectCluster,
  Images,
  planImages,
  restrictedNamespace,
  Service,
} from "./components/index.ts";
import { loadEnvironment } from "./stacks/index.ts";

const root = import.meta.dirname;

// Everything that can be refused is refused here, before anything is changed.
const environment = loadEnvironment(root);
const plans = await planImages(environment, root);

// The ground: a cluster that is already there.
const cluster = connectCluster(environment);
await clearStuckReleases(cluster, environment);

// What every service stands on: ingress and metrics.
new Addons("addons", { cluster, addons: environment.addons, root });
const servicesNamespace = restrictedNamespace(environment.namespace, { provider: cluster.provider });

// What the services run: built if the registry lacks the release, looked up if it has it.
const images = new Images("images", { environment, plans });

// The services: one Helm release each.
const deployed = environment.services.map(
  (service) =>
    new Service(service.name, {
      service,
      cluster,
      namespace: servicesNamespace,
      image: images.of(service),
      url: environment.url,
      root,
    }),
);

// What others may rely on.
export const release = environment.release;
export const namespace = environment.namespace;
export const services = Object.fromEntries(
  deployed.map(({ name, url, release, image }) => [name, { url, release, image }]),
);
// What the next update reads: see planImages.
export const builds = images.builds;
