import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import {
  type Environment,
  publicUrl,
  type Service as ServiceConfig,
  urlFormOf,
  usesArgoRollouts,
} from "../config/index.ts";
import { chartPath } from "./charts.ts";
import type { ClusterConnection, ServiceRole } from "./cluster/connection.ts";
import type { ServicesNamespace } from "./cluster/namespace.ts";
import { contentName } from "./content-name.ts";
import { keptName } from "./gitops/data-names.ts";
import { handedBackText } from "./gitops/hand-back.ts";
import type { Handover } from "./gitops/handover.ts";
import type { DeployedTags } from "./images/deployed-tags.ts";
import { MigrationStages } from "./migrations/index.ts";
import { upgradeDescription } from "./rollout/interrupted-upgrade.ts";
import { switchBack } from "./rollout/switch-back.ts";
import { DATA_OF } from "./rollout/unused-data.ts";
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
  /** Services that must be rolled out first, and add-ons whose kinds it has. @default - none */
  after?: readonly pulumi.Resource[];
  /** Where the cluster's DNS answers. Undefined: where the chart expects it. */
  dns: Environment["dns"];
  /** Key of names that carry a hash of their content: see content-name.ts. */
  nameKey: pulumi.Output<string> | undefined;
  /** Whether this update runs the service's migration. @default false */
  migrates?: boolean;
  /** How it was handed over before: see gitops/handover.ts. */
  handover: Handover;
  /** Whether Argo CD has rolled it out so far. Helm takes its objects over. @default false */
  adopts?: boolean;
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
    const role = this.createRole(args);
    const migration = service.migration && this.createMigration(args, data, role);
    const tagged = deployedTags?.beforeRollout(name, this.image) ?? this.image;
    const migratedFirst = migration?.beforeRollout(tagged) ?? tagged;
    const { cluster, dns } = args;
    const image = switchBack(
      { service, cluster, namespace: args.namespace.name, dns, data, parent: this },
      migratedFirst,
    );
    const release = this.createRelease({ ...args, image }, data, role);
    this.watch(args, data, release);
    const serving = deployedTags?.afterRollout(name, release);
    const migrated = migration?.afterRollout(release);
    // As outputs they make the update wait until the tags are set and the migration is over.
    const last = { ...(serving && { serving }), ...(migrated && { migrated }) };
    this.registerOutputs({ url: this.url, release: this.release, image: this.image, ...last });
  }

  private createRole({ service, cluster }: ServiceArgs): ServiceRole | undefined {
    const { roleArn } = service.chartFields.serviceAccount ?? {};
    const allow = service.aws?.allow;
    if (roleArn === undefined && allow === undefined) return undefined;
    return cluster.serviceRole?.({ service: service.name, roleArn, allow });
  }

  private createMigration(
    { service, cluster, namespace, dns, migrates = false }: ServiceArgs,
    data: Record<string, pulumi.Output<string>>,
    role: ServiceRole | undefined,
  ): MigrationStages {
    const after = role ? [role.ready] : [];
    return new MigrationStages({ service, cluster, namespace: namespace.name, dns, data, after, runs: migrates });
  }

  private watch(
    { service, cluster, namespace, handover }: ServiceArgs,
    data: Record<string, pulumi.Output<string>>,
    release: kubernetes.helm.v3.Release,
  ): void {
    pulumi.all([namespace.name, data]).apply(([name, data]) => {
      const watched = {
        namespace: name,
        service: service.name,
        kind: service.kind,
        strategy: service.rollout.strategy,
        replicas: service.replicas,
        release: service.release,
        startupSeconds: service.probes.startupSeconds,
        maxRestarts: service.rollout.maxRestarts,
        data: Object.values(data),
        outlivingData: namesByContent(service, handover),
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
    args: ServiceArgs,
    name: string,
    data: Record<string, string>,
  ): kubernetes.core.v1.ConfigMap | undefined {
    if (Object.keys(data).length === 0) return undefined;
    const { metadata, options } = this.dataObject(args, name, data);
    return new kubernetes.core.v1.ConfigMap(name, { metadata, immutable: true, data }, options);
  }

  private createSecret(
    args: ServiceArgs,
    name: string,
    stringData: Record<string, pulumi.Output<string>>,
  ): kubernetes.core.v1.Secret | undefined {
    if (Object.keys(stringData).length === 0) return undefined;
    const { metadata, options } = this.dataObject(args, name, stringData);
    return new kubernetes.core.v1.Secret(name, { metadata, immutable: true, stringData }, options);
  }

  /**
   * Where Argo Rollouts keeps pods of the version before, and where Argo CD has given the objects their names, they are named by their content
   * and outlive their replacement.
   */
  private dataObject(
    { service, cluster, namespace, nameKey, handover }: ServiceArgs,
    name: string,
    data: Record<string, pulumi.Input<string>>,
  ) {
    const options = { ...cluster.options, parent: this, ...namespace.options };
    const metadata = { namespace: namespace.name };
    if (nameKey === undefined || !namesByContent(service, handover)) return { metadata, options };
    return {
      metadata: {
        ...metadata,
        name: keptName(contentName(nameKey, name, data), handover.names),
        labels: { [DATA_OF]: service.name },
      },
      options: { ...options, retainOnDelete: true },
    };
  }

  private createRelease(
    args: ServiceArgs,
    data: Record<string, pulumi.Output<string>>,
    role: ServiceRole | undefined,
  ): kubernetes.helm.v3.Release {
    const { service, cluster, namespace, image, dns, after = [], handover, adopts = false } = args;
    const { name } = service;
    return new kubernetes.helm.v3.Release(
      name,
      {
        name,
        namespace: namespace.name,
        chart: chartPath(SERVICE_CHART),
        values: serviceValues(service, {
          image,
          dns,
          ingressRanges: cluster.ingress?.controllerRanges,
          roleArn: role?.roleArn,
          data,
        }),
        // Helm's answer to an installation that fails is to delete all of it: what it has adopted, too.
        atomic: !adopts,
        cleanupOnFail: true,
        // One of the rollout's gates is a Job.
        waitForJobs: true,
        timeout: service.rollout.timeoutSeconds,
        maxHistory: HISTORY,
        description: upgradeDescription(namespace.name, name, cluster.options.provider.urn).apply((again) =>
          [handover.handedBack && handedBackText(handover.handedBack), again].filter(Boolean).join(". "),
        ),
      },
      { ...cluster.options, parent: this, ...namespace.options, dependsOn: [...after, ...(role ? [role.ready] : [])] },
    );
  }
}

function namesByContent({ rollout }: ServiceConfig, { handedBack }: Handover): boolean {
  return usesArgoRollouts(rollout.strategy) || handedBack !== "";
}
