import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { type Environment, publicUrl, type Service as ServiceConfig, urlFormOf } from "../config/index.ts";
import { chartPath } from "./charts.ts";
import type { ClusterConnection } from "./cluster/connection.ts";
import type { ServicesNamespace } from "./cluster/namespace.ts";
import type { DeployedTags } from "./images/deployed-tags.ts";
import { watchRollout } from "./rollout/watch.ts";
import { SERVICE_CHART, serviceValues } from "./service-values.ts";

/** Revisions that Helm keeps. The history of releases is that of the stack's file in git. */
const HISTORY = 10;

export interface ServiceArgs {
  service: ServiceConfig;
  cluster: ClusterConnection;
  namespace: ServicesNamespace;
  /** `repository@sha256:…`. Not a tag: a tag can move to other bytes while pods run. */
  image: pulumi.Input<string>;
  /** Tags that keep deployed images from the registry's clean-up. @default - no tags are set */
  deployedTags?: DeployedTags;
  /** How hosts are reached from outside. */
  url: Environment["url"];
  /** Services that must be rolled out first. @default - none */
  after?: readonly Service[];
  /** Where the cluster's DNS answers. Undefined: where the chart expects it. */
  dns: Environment["dns"];
}

/** One service: its ConfigMaps, its Secrets and the Helm release of charts/service. */
export class Service extends pulumi.ComponentResource {
  readonly name: string;
  /** Address of the first host. Undefined for a service without hosts. */
  readonly url: string | undefined;
  /** Each of its hosts with each of its paths: see config/routes.ts. */
  readonly routes: string[];
  readonly release: string;
  readonly image: pulumi.Output<string>;

  constructor(name: string, args: ServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:index:Service", name, {}, opts);
    const { service } = args;
    // The image of somebody else is not in the registry that cleans up.
    const deployedTags = service.build && args.deployedTags;
    this.name = name;
    const [host] = service.hosts;
    this.url = host === undefined ? undefined : publicUrl(host, service.path, urlFormOf(service.tls, args.url));
    this.routes = service.routes;
    this.release = service.release;
    this.image = pulumi.output(args.image);

    const data = this.createData(args);
    const image = deployedTags?.beforeRollout(name, this.image) ?? this.image;
    const release = this.createRelease({ ...args, image }, data);
    this.watch(args, release);
    const serving = deployedTags?.afterRollout(name, release);
    // As an output it makes the update wait until the tags are set.
    this.registerOutputs({ url: this.url, release: this.release, image: this.image, ...(serving && { serving }) });
  }

  private watch({ service, cluster, namespace }: ServiceArgs, release: kubernetes.helm.v3.Release): void {
    namespace.name.apply((name) => {
      const watched = {
        namespace: name,
        service: service.name,
        kind: service.kind,
        replicas: service.replicas,
        release: service.release,
        startupSeconds: service.probes.startupSeconds,
        maxRestarts: service.rollout.maxRestarts,
        minReadySeconds: service.rollout.minReadySeconds,
        canary: service.rollout.canary,
      };
      watchRollout(cluster, watched, release.status, this);
    });
  }

  // Pulumi names each object by its content: new pods get the new one, and old pods keep theirs, also when they restart, until the
  // rollout is over.
  /** The service's ConfigMaps and Secrets: their names, by the value of the chart that takes them. */
  private createData(args: ServiceArgs): Record<string, pulumi.Output<string>> {
    const { name, config, fileTexts, secrets, fileSecrets } = args.service;
    // No service has a dot in its name, so this is no other service's.
    const filesName = `${name}.files`;
    const objects = {
      configName: this.createConfigMap(args, name, config),
      secretName: this.createSecret(args, name, secrets),
      filesName: this.createConfigMap(args, filesName, fileTexts),
      secretFilesName: this.createSecret(args, filesName, fileSecrets),
    };
    return Object.fromEntries(
      Object.entries(objects).flatMap(([value, object]) => (object ? [[value, object.metadata.name]] : [])),
    );
  }

  private createConfigMap(
    { cluster, namespace }: ServiceArgs,
    name: string,
    data: Record<string, string>,
  ): kubernetes.core.v1.ConfigMap | undefined {
    if (Object.keys(data).length === 0) return undefined;
    const metadata = { namespace: namespace.name };
    return new kubernetes.core.v1.ConfigMap(
      name,
      { metadata, immutable: true, data },
      { ...cluster.options, parent: this, ...namespace.options },
    );
  }

  private createSecret(
    { cluster, namespace }: ServiceArgs,
    name: string,
    stringData: Record<string, pulumi.Output<string>>,
  ): kubernetes.core.v1.Secret | undefined {
    if (Object.keys(stringData).length === 0) return undefined;
    const metadata = { namespace: namespace.name };
    return new kubernetes.core.v1.Secret(
      name,
      { metadata, immutable: true, stringData },
      { ...cluster.options, parent: this, ...namespace.options },
    );
  }

  private createRelease(args: ServiceArgs, data: Record<string, pulumi.Output<string>>): kubernetes.helm.v3.Release {
    const { service, cluster, namespace, image, dns, after = [] } = args;
    const { name } = service;
    const { roleArn } = service.chartFields.serviceAccount ?? {};
    const role = roleArn && cluster.serviceRole?.({ service: name, roleArn });
    return new kubernetes.helm.v3.Release(
      name,
      {
        name,
        namespace: namespace.name,
        chart: chartPath(SERVICE_CHART),
        values: serviceValues(service, { image, dns, data }),
        atomic: true,
        cleanupOnFail: true,
        // One of the rollout's gates is a Job.
        waitForJobs: true,
        timeout: service.rollout.timeoutSeconds,
        maxHistory: HISTORY,
      },
      { ...cluster.options, parent: this, ...namespace.options, dependsOn: [...after, ...(role ? [role] : [])] },
    );
  }
}
