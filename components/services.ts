import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { type Environment, usesArgoRollouts } from "../config/index.ts";
import type { Addons } from "./addons/index.ts";
import type { ClusterConnection } from "./cluster/connection.ts";
import type { ServicesNamespace } from "./cluster/namespace.ts";
import { servicesToAdopt } from "./gitops/adopted-services.ts";
import type { Handover } from "./gitops/handover.ts";
import { manifestsFolder } from "./gitops/render-only.ts";
import { RenderedService } from "./gitops/rendered-service.ts";
import { callersOfRenamed, hostMoves, inOrder, previousRoutes, takenByNewServices } from "./host-moves.ts";
import type { Images } from "./images/images.ts";
import type { MigrationPlan } from "./migrations/index.ts";
import { Service } from "./service.ts";
import { stateResources } from "./state-resources.ts";

export interface ServicesArgs {
  environment: Environment;
  cluster: ClusterConnection;
  addons: Addons;
  namespace: ServicesNamespace;
  images: Images;
  /** Key of names that carry a hash of their content: see content-name.ts. */
  nameKey: pulumi.Output<string> | undefined;
  /** Services whose migration this update runs. */
  migrations: MigrationPlan;
  handover: Handover;
}

/** A service as the stack's outputs name it. */
export type DeployedService = Service | RenderedService;

/** All services of an environment. They are rolled out side by side, unless a host moves from one to another or one calls a renamed one. */
export async function deployServices({
  environment,
  cluster,
  addons,
  namespace,
  images,
  nameKey,
  migrations,
  handover,
}: ServicesArgs): Promise<DeployedService[]> {
  if (environment.gitops) return renderServices({ environment, cluster, namespace, images, nameKey, handover });
  const adopted = await servicesToAdopt(environment, handover);
  const byName = new Map(environment.services.map((service) => [service.name, service]));
  const previous = await previousRoutes();
  for (const [name, from] of takenByNewServices(previous, environment.services)) {
    const replaced = from.find((owner) => !byName.has(owner));
    await pulumi.log.warn(
      `${name} is new and takes hosts from ${from.join(", ")}. Until its first pod is ready, requests may be answered 503. ` +
        (replaced ? `If it is ${replaced} under a new name, set renamedFrom: ${replaced}. Otherwise, to` : "To") +
        ` lose none, deploy ${name} without hosts first, and move them with the next deploy.`,
    );
  }
  const moves = hostMoves(previous, environment.services);
  const { circular } = inOrder([...byName.keys()], moves);
  if (circular.length > 0) {
    await pulumi.log.warn(
      `${circular.join(" and ")} exchange hosts. Some requests get no answer while both are rolled out. ` +
        "To lose none, move one host in this update and the other in the next.",
    );
  }
  const callers = callersOfRenamed(environment.services);
  const waitsFor = new Map(
    [...byName.keys()].map((name) => [name, [...(moves.get(name) ?? []), ...(callers.get(name) ?? [])]]),
  );
  const { order, circular: rest } = inOrder([...byName.keys()], waitsFor);
  const deployed = new Map<string, Service>();
  for (const name of [...order, ...rest]) {
    const service = byName.get(name);
    if (service === undefined) continue;
    const after = (waitsFor.get(name) ?? []).flatMap((other) => deployed.get(other) ?? []);
    const kinds = usesArgoRollouts(service.rollout.strategy) ? addons.ofKinds : [];
    const args = {
      service,
      cluster,
      namespace,
      image: images.of(service),
      after: [...after, ...kinds],
      migrates: migrations.has(name),
    };
    deployed.set(
      name,
      new Service(name, {
        ...args,
        deployedTags: images.deployedTags,
        url: environment.url,
        dns: environment.dns,
        nameKey,
        handover,
        adopts: adopted.has(name),
      }),
    );
  }
  return environment.services.flatMap(({ name }) => deployed.get(name) ?? []);
}

/** The services of an environment that Argo CD rolls out. */
async function renderServices({
  environment,
  cluster,
  namespace,
  images,
  nameKey,
  handover,
}: Pick<ServicesArgs, "environment" | "cluster" | "namespace" | "images" | "nameKey" | "handover">): Promise<
  RenderedService[]
> {
  if (nameKey === undefined) throw new Error("findNameKey gives every such environment a key");
  const state = await stateResources();
  const renderer = manifestsFolder() === undefined ? undefined : offlineProvider();
  const args = {
    cluster,
    namespace,
    renderer,
    environment,
    nameKey,
    deployedTags: images.deployedTags,
    handover,
    state,
  };
  return environment.services.map(
    (service) => new RenderedService(service.name, { ...args, service, image: images.of(service) }),
  );
}

/** It has charts rendered, and never a cluster: the job that renders has no credentials for one. */
function offlineProvider(): kubernetes.Provider {
  const name = "none";
  const kubeconfig = {
    apiVersion: "v1",
    kind: "Config",
    // Nothing answers there, whatever the machine runs.
    clusters: [{ name, cluster: { server: "https://127.0.0.1:1" } }],
    users: [{ name, user: {} }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    "current-context": name,
  };
  return new kubernetes.Provider("manifests", { kubeconfig: JSON.stringify(kubeconfig) });
}
