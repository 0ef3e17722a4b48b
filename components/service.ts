import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { type Environment, publicUrl, type Service as ServiceConfig, urlFormOf } from "../config/index.ts";
import { chartHash, chartPath } from "./charts.ts";
import type { ClusterConnection } from "./cluster/connection.ts";
import type { DeployedTags } from "./images/deployed-tags.ts";
import { watchRollout } from "./rollout/watch.ts";

const CHART = "service";
/** Revisions that Helm keeps. The history of releases is that of the stack's file in git. */
const HISTORY = 10;

export interface ServiceArgs {
  service: ServiceConfig;
  cluster: ClusterConnection;
  namespace: kubernetes.core.v1.Namespace;
  /** `repository@sha256:…`. Not a tag: a tag can move to other bytes while pods run. */
  image: pulumi.Input<string>;
  /** Tags that keep deployed images from the registry's clean-up. @default - no tags are set */
  deployedTags?: DeployedTags;
  /** How hosts are reached from outside. */
  url: Environment["url"];
  /** Where the cluster's DNS answers. Undefined: where the chart expects it. */
  dns: Environment["dns"];
}

/** One service: its ConfigMap, its Secret and the Helm release of charts/service. */
export class Service extends pulumi.ComponentResource {
  readonly name: string;
  /** Address of the first host. Undefined for a service without hosts. */
  readonly url: string | undefined;
  readonly release: string;
  readonly image: pulumi.Output<string>;

  constructor(name: string, args: ServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:index:Service", name, {}, opts);
    const { service, deployedTags } = args;
    this.name = name;
    const [host] = service.hosts;
    this.url = host === undefined ? undefined : publicUrl(host, service.path, urlFormOf(service.tls, args.url));
    this.release = service.release;
    this.image = pulumi.output(args.image);

    const config = this.createConfigMap(args);
    const secret = this.createSecret(args);
    const image = deployedTags?.beforeRollout(name, this.image) ?? this.image;
    const release = this.createRelease({ ...args, image }, config, secret);
    this.watch(args, release);
    const serving = deployedTags?.afterRollout(name, release);
    // As an output it makes the update wait until the tags are set.
    this.registerOutputs({ url: this.url, release: this.release, image: this.image, ...(serving && { serving }) });
  }

  private watch({ service, cluster, namespace }: ServiceArgs, release: kubernetes.helm.v3.Release): void {
    namespace.metadata.name.apply((name) => {
      const watched = {
        namespace: name,
        service: service.name,
        kind: service.kind,
        release: service.release,
        startupSeconds: service.probes.startupSeconds,
        maxRestarts: service.rollout.maxRestarts,
      };
      watchRollout(cluster, watched, release.status, this);
    });
  }

  // Pulumi names both by their content: new pods get the new object, and old pods keep theirs, also when they restart, until
  // the rollout is over.
  private createConfigMap({ service, cluster, namespace }: ServiceArgs): kubernetes.core.v1.ConfigMap | undefined {
    if (Object.keys(service.config).length === 0) return undefined;
    const metadata = { namespace: namespace.metadata.name };
    return new kubernetes.core.v1.ConfigMap(
      service.name,
      { metadata, immutable: true, data: service.config },
      { ...cluster.options, parent: this, deletedWith: namespace },
    );
  }

  private createSecret({ service, cluster, namespace }: ServiceArgs): kubernetes.core.v1.Secret | undefined {
    if (Object.keys(service.secrets).length === 0) return undefined;
    const metadata = { namespace: namespace.metadata.name };
    return new kubernetes.core.v1.Secret(
      service.name,
      { metadata, immutable: true, stringData: service.secrets },
      { ...cluster.options, parent: this, deletedWith: namespace },
    );
  }

  private createRelease(
    args: ServiceArgs,
    config: kubernetes.core.v1.ConfigMap | undefined,
    secret: kubernetes.core.v1.Secret | undefined,
  ): kubernetes.helm.v3.Release {
    const { service, cluster, namespace, image, dns } = args;
    const { name, release } = service;
    return new kubernetes.helm.v3.Release(
      name,
      {
        name,
        namespace: namespace.metadata.name,
        chart: chartPath(CHART),
        values: {
          ...service.chartFields,
          release,
          image,
          chartHash: chartHash(CHART),
          ...(dns && { dns }),
          ...(config && { configName: config.metadata.name }),
          ...(secret && { secretName: secret.metadata.name }),
        },
        atomic: true,
        cleanupOnFail: true,
        timeout: service.rollout.timeoutSeconds,
        maxHistory: HISTORY,
      },
      { ...cluster.options, parent: this, deletedWith: namespace },
    );
  }
}
