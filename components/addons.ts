import { join } from "node:path";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Environment } from "../stacks/index.ts";
import { type ClusterConnection, restrictedNamespace } from "./cluster.ts";
import { chartHash } from "./content-hash.ts";

const TRAEFIK_CHART = "./charts/traefik";
const TRAEFIK_NAMESPACE = "ingress";
/** https://github.com/kubernetes-sigs/metrics-server/releases */
const METRICS_SERVER = { repository: "https://kubernetes-sigs.github.io/metrics-server/", version: "3.13.1" };
const METRICS_SERVER_NAMESPACE = "kube-system";
/** Helm's timeout for an add-on. */
export const ADDON_TIMEOUT_SECONDS = 180;

export interface AddonsArgs {
  cluster: ClusterConnection;
  addons: Environment["addons"];
  /** Folder of the project. */
  root: string;
}

/** The Helm releases of the add-ons that the environment runs. */
export function addonReleases({ addons }: Environment): { name: string; namespace: string }[] {
  return [
    ...(addons?.traefik?.enabled === false ? [] : [{ name: "traefik", namespace: TRAEFIK_NAMESPACE }]),
    ...(addons?.metricsServer?.enabled === false
      ? []
      : [{ name: "metrics-server", namespace: METRICS_SERVER_NAMESPACE }]),
  ];
}

/** What every service stands on, once per cluster: the ingress controller, and metrics for the HPA. */
export class Addons extends pulumi.ComponentResource {
  constructor(name: string, args: AddonsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:index:Addons", name, {}, opts);
    if (args.addons?.traefik?.enabled !== false) this.createTraefik(args);
    if (args.addons?.metricsServer?.enabled !== false) this.createMetricsServer(args);
    this.registerOutputs({});
  }

  private createTraefik({ cluster, addons, root }: AddonsArgs): void {
    const { enabled: _, ...values } = addons?.traefik ?? {};
    const options = { parent: this, provider: cluster.provider };
    const namespace = restrictedNamespace(TRAEFIK_NAMESPACE, options);
    new kubernetes.helm.v3.Release(
      "traefik",
      {
        name: "traefik",
        namespace: namespace.metadata.name,
        chart: TRAEFIK_CHART,
        values: { ...values, chartHash: chartHash(join(root, TRAEFIK_CHART)) },
        atomic: true,
        timeout: ADDON_TIMEOUT_SECONDS,
      },
      options,
    );
  }

  private createMetricsServer({ cluster, addons }: AddonsArgs): void {
    const {
      enabled: _,
      repository = METRICS_SERVER.repository,
      version = METRICS_SERVER.version,
      ...values
    } = addons?.metricsServer ?? {};
    new kubernetes.helm.v3.Release(
      "metrics-server",
      {
        name: "metrics-server",
        namespace: METRICS_SERVER_NAMESPACE,
        chart: "metrics-server",
        repositoryOpts: { repo: repository },
        version,
        values,
        atomic: true,
        timeout: ADDON_TIMEOUT_SECONDS,
      },
      { parent: this, provider: cluster.provider },
    );
  }
}
