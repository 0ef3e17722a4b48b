import * as pulumi from "@pulumi/pulumi";
import type { Environment } from "../config/index.ts";
import type { ClusterConnection } from "./cluster/connection.ts";
import type { ServicesNamespace } from "./cluster/namespace.ts";
import { hostMoves, inOrder, previousRoutes, takenByNewServices } from "./host-moves.ts";
import type { Images } from "./images/images.ts";
import type { MigrationPlan } from "./migrations/index.ts";
import { Service } from "./service.ts";

export interface ServicesArgs {
  environment: Environment;
  cluster: ClusterConnection;
  namespace: ServicesNamespace;
  images: Images;
  /** Services whose migration this update runs. */
  migrations: MigrationPlan;
}

/** All services of an environment. They are rolled out side by side, unless a host moves from one to another. */
export async function deployServices({
  environment,
  cluster,
  namespace,
  images,
  migrations,
}: ServicesArgs): Promise<Service[]> {
  const byName = new Map(environment.services.map((service) => [service.name, service]));
  const previous = await previousRoutes();
  for (const [name, from] of takenByNewServices(previous, environment.services)) {
    await pulumi.log.warn(
      `${name} is new and takes hosts from ${from.join(", ")}. Until its first pod is ready, requests may be answered 503. ` +
        `To lose none, deploy ${name} without hosts first, and move them with the next deploy.`,
    );
  }
  const waitsFor = hostMoves(previous, environment.services);
  const { order, circular } = inOrder([...byName.keys()], waitsFor);
  if (circular.length > 0) {
    await pulumi.log.warn(
      `${circular.join(" and ")} exchange hosts. Some requests get no answer while both are rolled out. ` +
        "To lose none, move one host in this update and the other in the next.",
    );
  }
  const deployed = new Map<string, Service>();
  for (const name of [...order, ...circular]) {
    const service = byName.get(name);
    if (service === undefined) continue;
    const after = (waitsFor.get(name) ?? []).flatMap((other) => deployed.get(other) ?? []);
    const args = { service, cluster, namespace, image: images.of(service), after, migrates: migrations.has(name) };
    deployed.set(
      name,
      new Service(name, { ...args, deployedTags: images.deployedTags, url: environment.url, dns: environment.dns }),
    );
  }
  return environment.services.flatMap(({ name }) => deployed.get(name) ?? []);
}
