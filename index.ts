/**
 * The platform, from the ground up. One stack in stacks/ is one deployment of this file.
 * Wiring only: what things are is in components/, what they are set to in stacks/.
 */
import { Addons, findTarget, Images, planImages, restrictedNamespace, Service } from "./components/index.ts";
import { loadEnvironment } from "./config/index.ts";

const root = import.meta.dirname;

// Every fault that can be found before a change is reported here.
const environment = loadEnvironment(root);
const target = await findTarget(environment);
const plans = await planImages(environment, target.images, root);

// The cluster: one of our own on EKS, or one that exists already.
const cluster = await target.connect();

// What every service needs of it: ingress, metrics, rebalancing, room for more pods.
new Addons("addons", { cluster, environment });
const servicesNamespace = restrictedNamespace(environment.namespace, cluster.options);

// The images: built if the registry does not have the release yet.
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
      dns: environment.dns,
    }),
);

// The stack's outputs. `builds` is read by the next update: see planImages.
export const release = environment.release;
export const namespace = environment.namespace;
export const services = Object.fromEntries(
  deployed.map(({ name, url, release, image }) => [name, { url, release, image }]),
);
export const platform = cluster.outputs;
export const builds = images.builds;
