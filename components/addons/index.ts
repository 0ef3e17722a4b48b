import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Environment } from "../../config/index.ts";
import { chartHash, chartPath } from "../charts.ts";
import type { ClusterConnection } from "../cluster/connection.ts";
import { restrictedNamespace, type ServicesNamespace } from "../cluster/namespace.ts";
import { type Addon, SYSTEM_NAMESPACE } from "./addon.ts";
import { enabledAddons } from "./list.ts";

export interface AddonsArgs {
  cluster: ClusterConnection;
  environment: Environment;
  servicesNamespace: ServicesNamespace;
}

/** What a cluster runs once, for all services: one Helm release for each add-on that the environment enables. */
export class Addons extends pulumi.ComponentResource {
  /** Add-ons whose kinds some services have. Their releases must be there before. */
  readonly ofKinds: pulumi.Resource[] = [];

  constructor(name: string, args: AddonsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:index:Addons", name, {}, opts);
    for (const addon of enabledAddons(args.environment)) this.createRelease(addon, args);
    this.registerOutputs({});
  }

  private createRelease(addon: Addon, { cluster, environment, servicesNamespace }: AddonsArgs): void {
    const { name, timeoutSeconds } = addon;
    const namespace = addon.namespace(environment);
    const { deletedWith: created } = servicesNamespace.options;
    const options = { ...cluster.options, parent: this, ...(cluster.cluster && { deletedWith: cluster.cluster }) };
    const into = namespace === SYSTEM_NAMESPACE ? namespace : restrictedNamespace(namespace, options).metadata.name;
    const secrets = Object.entries(addon.secrets?.(environment) ?? {}).map(
      ([secret, stringData]) =>
        new kubernetes.core.v1.Secret(
          secret,
          { metadata: { name: secret, namespace: into }, stringData },
          { ...options, additionalSecretOutputs: ["stringData", "data"] },
        ),
    );
    const needsNamespace = addon.needsServicesNamespace?.(environment) && created;
    const release = new kubernetes.helm.v3.Release(
      name,
      {
        name,
        namespace: into,
        chart: chartPath(name),
        values: { ...addon.values(environment, cluster.ingress), chartHash: chartHash(name) },
        atomic: true,
        timeout: timeoutSeconds,
      },
      {
        ...options,
        ...cluster.addonOptions?.[name],
        dependsOn: [
          ...secrets,
          ...(cluster.addonOptions?.[name]?.dependsOn ?? []),
          ...(needsNamespace ? [created] : []),
        ],
      },
    );
    if (addon.group !== undefined) this.ofKinds.push(release);
  }
}
