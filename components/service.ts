import { join } from "node:path";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Environment, Service as ServiceConfig } from "../stacks/index.ts";
import type { ClusterConnection } from "./cluster.ts";
import { chartHash } from "./content-hash.ts";
import { rolloutTimeout, startupSeconds } from "./rollout-timeout.ts";
import { watchRollout } from "./rollout-watch.ts";

/** Relative to the project, so that the state is the same on every machine. */
const CHART = "./charts/service";
/** Revisions Helm keeps; the record of what ran is the stack's file in git. */
const HISTORY = 10;

export interface ServiceArgs {
  service: ServiceConfig;
  cluster: ClusterConnection;
  namespace: kubernetes.core.v1.Namespace;
  /** `repository@sha256:…`; never a bare tag, whose bytes may change under running pods. */
  image: pulumi.Input<string>;
  /** How hosts are reached from outside. @default https on its own port */
  url?: Environment["url"];
  /** Folder of the project. */
  root: string;
}

/** One service: its Secret and the Helm release of charts/service. */
export class Service extends pulumi.ComponentResource {
  readonly name: string;
  /** Where the first host answers; undefined for a service without host. */
  readonly url: string | undefined;
  readonly release: string;
  readonly image: pulumi.Output<string>;

  constructor(name: string, args: ServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:index:Service", name, {}, opts);
    const { service, cluster } = args;
    this.name = name;
    this.url = publicUrl(service, args.url);
    this.release = service.release;
    this.image = pulumi.output(args.image);

    const secret = this.createSecret(args);
    const release = this.createRelease(args, secret);
    const watched = { namespace: "", service: name, release: service.release, startupSeconds: startupSeconds(service) };
    args.namespace.metadata.name.apply((namespace) =>
      watchRollout(cluster, { ...watched, namespace }, release.status, this),
    );
    this.registerOutputs({ url: this.url, release: this.release, image: this.image });
  }

  private createSecret({ service, cluster, namespace }: ServiceArgs): kubernetes.core.v1.Secret | undefined {
    if (Object.keys(service.secrets).length === 0) return undefined;
    return new kubernetes.core.v1.Secret(
      service.name,
      {
        // A name of its own for each content: new pods get the new one, and old pods keep theirs until the rollout is over.
        metadata: { namespace: namespace.metadata.name },
        immutable: true,
        stringData: service.secrets,
      },
      { parent: this, provider: cluster.provider },
    );
  }

  private createRelease(args: ServiceArgs, secret: kubernetes.core.v1.Secret | undefined): kubernetes.helm.v3.Release {
    const { service, cluster, namespace, image, root } = args;
    const { name, release, build: _, secrets: __, ...chartFields } = service;
    return new kubernetes.helm.v3.Release(
      name,
      {
        name,
        namespace: namespace.metadata.name,
        chart: CHART,
        values: {
          ...chartFields,
          release,
          image,
          // The provider sees a new chart only by its version; the hash makes any change of its files a change.
          chartHash: chartHash(join(root, CHART)),
          ...(secret && { secretName: secret.metadata.name }),
        },
        atomic: true,
        cleanupOnFail: true,
        timeout: rolloutTimeout(service),
        maxHistory: HISTORY,
      },
      { parent: this, provider: cluster.provider },
    );
  }
}

function publicUrl({ hosts, path }: ServiceConfig, url: Environment["url"]): string | undefined {
  const host = hosts?.[0];
  if (host === undefined) return undefined;
  return `${url?.scheme ?? "https"}://${host}${url?.port ? `:${url.port}` : ""}${path === "/" ? "" : (path ?? "")}`;
}
