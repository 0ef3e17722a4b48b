import { join } from "node:path";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { type Environment, INGRESS_NAMESPACE, isEks } from "../../config/index.ts";
import { type ClusterConnection, type IngressAccess, restrictedNamespace } from "../cluster/connection.ts";
import { chartHash } from "../content-hash.ts";
import { deschedulerValues } from "./descheduler-policy.ts";

const TRAEFIK_CHART = "./charts/traefik";
const SYSTEM_NAMESPACE = "kube-system";
/** https://github.com/kubernetes-sigs/metrics-server/releases */
const METRICS_SERVER = { repository: "https://kubernetes-sigs.github.io/metrics-server/", version: "3.13.1" };
/** https://github.com/kubernetes-sigs/descheduler/releases */
const DESCHEDULER = { repository: "https://kubernetes-sigs.github.io/descheduler/", version: "0.36.0" };
/** Helm's timeout for an add-on. */
export const ADDON_TIMEOUT_SECONDS = 180;

export interface AddonsArgs {
  cluster: ClusterConnection;
  environment: Environment;
  /** Folder of the project. */
  root: string;
}

/** The Helm releases of the add-ons that the environment runs. */
export function addonReleases(environment: Environment): { name: string; namespace: string }[] {
  const { traefik, metricsServer, descheduler } = environment.addons;
  return [
    ...(traefik.enabled ? [{ name: "traefik", namespace: INGRESS_NAMESPACE }] : []),
    ...(metricsServer.enabled ? [{ name: "metrics-server", namespace: SYSTEM_NAMESPACE }] : []),
    ...(descheduler.enabled ? [{ name: "descheduler", namespace: SYSTEM_NAMESPACE }] : []),
    ...(scalesItself(environment) ? [{ name: "cluster-autoscaler", namespace: SYSTEM_NAMESPACE }] : []),
  ];
}

function scalesItself(environment: Environment): boolean {
  return isEks(environment) && environment.cluster.nodeGroup.autoscaler === "cluster-autoscaler";
}

/** What every service stands on, once per cluster: the ingress controller, metrics for the HPA, and rebalancing. */
export class Addons extends pulumi.ComponentResource {
  constructor(name: string, args: AddonsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:index:Addons", name, {}, opts);
    const { traefik, metricsServer, descheduler } = args.environment.addons;
    if (traefik.enabled) this.createTraefik(args);
    if (metricsServer.enabled) this.createMetricsServer(args);
    if (descheduler.enabled) this.createDescheduler(args);
    this.registerOutputs({});
  }

  private createTraefik({ cluster, environment, root }: AddonsArgs): void {
    const options = { ...cluster.options, parent: this, ...(cluster.cluster && { deletedWith: cluster.cluster }) };
    const namespace = restrictedNamespace(INGRESS_NAMESPACE, options);
    new kubernetes.helm.v3.Release(
      "traefik",
      {
        name: "traefik",
        namespace: namespace.metadata.name,
        chart: TRAEFIK_CHART,
        values: {
          ...(cluster.ingress && behindLoadBalancer(cluster.ingress)),
          ...environment.addons.traefik.values,
          chartHash: chartHash(join(root, TRAEFIK_CHART)),
        },
        atomic: true,
        timeout: ADDON_TIMEOUT_SECONDS,
      },
      options,
    );
  }

  private createMetricsServer({ cluster, environment }: AddonsArgs): void {
    const {
      repository = METRICS_SERVER.repository,
      version = METRICS_SERVER.version,
      ...values
    } = environment.addons.metricsServer.values;
    this.createRelease("metrics-server", { repository, version }, values, cluster);
  }

  private createDescheduler({ cluster, environment }: AddonsArgs): void {
    const {
      repository = DESCHEDULER.repository,
      version = DESCHEDULER.version,
      intervalMinutes,
      image,
    } = environment.addons.descheduler.values;
    const values = {
      ...deschedulerValues({ intervalMinutes, namespace: environment.namespace }),
      ...(image && { image }),
    };
    this.createRelease("descheduler", { repository, version }, values, cluster);
  }

  private createRelease(
    name: string,
    { repository, version }: { repository: string; version: string },
    values: Record<string, unknown>,
    cluster: ClusterConnection,
  ): void {
    new kubernetes.helm.v3.Release(
      name,
      {
        name,
        namespace: SYSTEM_NAMESPACE,
        chart: name,
        repositoryOpts: { repo: repository },
        version,
        values,
        atomic: true,
        timeout: ADDON_TIMEOUT_SECONDS,
      },
      { ...cluster.options, parent: this, ...(cluster.cluster && { deletedWith: cluster.cluster }) },
    );
  }
}

/** The controller's chart values behind a load balancer that is declared apart. */
function behindLoadBalancer({ nodePort, trustedRanges, spread }: IngressAccess): object {
  return { service: { type: "NodePort", nodePort }, spread, trustedIPs: trustedRanges };
}
