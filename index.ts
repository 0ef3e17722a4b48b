/**
 * The platform, from the ground up. One stack in stacks/ is one deployment of this file.
 * Wiring only: what things are is in components/, what they are set to in stacks/.
 */
import { Addons, findTarget, Images, planImages, restrictedNamespace, Service } from "./components/index.ts";
import { loadEnvironment } from "./config/index.ts";

const root = import.meta.dirname;

// Everything that can be refused is refused here, before anything is changed.
const environment = loadEnvironment(root);
const target = await findTarget(environment);
const plans = await planImages(environment, target.images, root);

// The ground: a cluster of our own on EKS, or one that is already there.
const cluster = await target.connect();

// What every service stands on: ingress, metrics, rebalancing.
new Addons("addons", { cluster, environment, root });
const servicesNamespace = restrictedNamespace(environment.namespace, cluster.options);

// What the services run: built if the registry lacks the release, looked up if it has it.
const images = new Images("images", {
  environment,
  repository: target.images,
  plans,
  registry: cluster.registry,
});

// The services: one Helm release each.
const deployed = environment.services.map(
  (service) =>
    new Service(service.name, {
      service,
      cluster,
      namespace: servicesNamespace,
      image: images.of(service),
      deployedTags: images.deployedTags,
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
export const platform = cluster.outputs;
// What the next update reads: see planImages.
export const builds = images.builds;
