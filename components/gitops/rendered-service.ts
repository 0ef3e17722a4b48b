import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { KubernetesObject } from "@kubernetes/client-node";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import {
  type Environment,
  publicUrl,
  refuseFaults,
  type Service as ServiceConfig,
  urlFormOf,
} from "../../config/index.ts";
import type { ClusterConnection } from "../cluster/connection.ts";
import type { ServicesNamespace } from "../cluster/namespace.ts";
import type { DeployedTags } from "../images/deployed-tags.ts";
import { reviewPolicies } from "../policy-faults.ts";
import { renderService } from "../rollout/render-service.ts";
import { DATA_OF } from "../rollout/unused-data.ts";
import { serviceValues } from "../service-values.ts";
import { dataNames } from "./data-names.ts";
import { formatManifest, manifestFile } from "./format-manifest.ts";
import type { Handover } from "./handover.ts";
import { keepHelmObjects } from "./kept-objects.ts";
import { migrationJob, readMigrationJobs } from "./migration-jobs.ts";
import { withMigration } from "./migration-manifests.ts";
import { manifestsFolder } from "./render-only.ts";
import { beforeRollout } from "./rollout-waves.ts";

/**
 * The same answer for every cluster, so that the same config is the same bytes. The chart asks for the kinds of a service that needs
 * them. A ServiceMonitor is rendered only where the config says so.
 */
const CAPABILITIES = {
  kubeVersion: "v1.36.0",
  apiVersions: ["argoproj.io/v1alpha1/Rollout", "keda.sh/v1alpha1/ScaledObject"],
};

const POLICY_INTRO =
  "The config breaks policies of this environment. Nothing is committed. What each is for, and how to make an exception: docs/policy.md.";

export interface RenderedServiceArgs {
  service: ServiceConfig;
  cluster: ClusterConnection;
  namespace: ServicesNamespace;
  /** Provider that renders, and has no cluster. Undefined: this update does not render. */
  renderer: kubernetes.Provider | undefined;
  /** `repository@sha256:…` */
  image: pulumi.Output<string>;
  deployedTags: DeployedTags | undefined;
  environment: Pick<Environment, "namespace" | "url" | "dns" | "policies" | "sources">;
  nameKey: pulumi.Output<string>;
  handover: Handover;
  /** URNs of what the state has. */
  state: ReadonlySet<string>;
}

/**
 * One service that Argo CD rolls out: its Secrets, which are never in git, and its manifests. They are written to a folder, from where
 * `slipway deploy` commits them.
 */
export class RenderedService extends pulumi.ComponentResource {
  readonly name: string;
  /** Address of the first host. Undefined for a service without hosts. */
  readonly url: string | undefined;
  readonly routes: string[];
  readonly release: string;
  readonly image: pulumi.Output<string>;

  constructor(name: string, args: RenderedServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:index:Service", name, {}, opts);
    const { service, environment, image, nameKey, renderer } = args;
    const [host] = service.hosts;
    this.name = name;
    this.url = host === undefined ? undefined : publicUrl(host, service.path, urlFormOf(service.tls, environment.url));
    this.routes = service.routes;
    this.release = service.release;
    this.image = image;
    const { roleArn } = service.chartFields.serviceAccount ?? {};
    const { allow } = service.aws ?? {};
    const hasRole = roleArn !== undefined || allow !== undefined;
    const role = hasRole ? args.cluster.serviceRole?.({ service: name, roleArn, allow }) : undefined;
    const { cluster, namespace, handover, state } = args;
    keepHelmObjects(name, namespace.name, state, { ...cluster.options, parent: this, ...namespace.options });
    const names = dataNames(service, nameKey, handover.names);
    this.createSecret(args, name, names.secretName, service.secrets);
    this.createSecret(args, `${name}.files`, names.secretFilesName, service.fileSecrets);
    const folder = manifestsFolder();
    const written =
      renderer && folder && this.writeManifests({ ...args, renderer, roleArn: role?.roleArn }, names, folder);
    this.registerOutputs({ url: this.url, release: this.release, image, ...(written && { written }) });
  }

  // Pods of a release before may still need it, and Argo CD does not say here when they are gone.
  private createSecret(
    { service, cluster, namespace }: RenderedServiceArgs,
    name: string,
    objectName: pulumi.Output<string> | undefined,
    stringData: Record<string, pulumi.Output<string>>,
  ): void {
    if (objectName === undefined) return;
    const labels = { [DATA_OF]: service.name };
    new kubernetes.core.v1.Secret(
      name,
      { metadata: { name: objectName, namespace: namespace.name, labels }, immutable: true, stringData },
      { ...cluster.options, parent: this, ...namespace.options, retainOnDelete: true },
    );
  }

  private writeManifests(
    {
      service,
      cluster,
      environment,
      image,
      deployedTags,
      renderer,
      roleArn,
      handover,
    }: RenderedServiceArgs & { renderer: kubernetes.Provider; roleArn: pulumi.Input<string> | undefined },
    names: Record<string, pulumi.Output<string>>,
    folder: string,
  ): pulumi.Output<unknown> {
    const { name, config, fileTexts } = service;
    const { namespace, dns } = environment;
    const tags = service.build && deployedTags;
    const tagged = tags?.beforeRollout(name, image) ?? image;
    const ingressRanges = cluster.ingress?.controllerRanges;
    const parts = pulumi.output({ image: tagged, dns, ingressRanges, roleArn, data: names });
    const written = parts.apply(async (known) => {
      const { image: reference, data } = known;
      const values = { ...serviceValues(service, known), rolloutGates: false };
      const rendered = await renderService({ options: { provider: renderer } }, namespace, name, values, CAPABILITIES);
      const { faults } = await reviewPolicies(environment, service, rendered);
      refuseFaults(environment, faults, POLICY_INTRO);
      const configMaps = [
        configMap({ name: data.configName, namespace, service: name }, config),
        configMap({ name: data.filesName, namespace, service: name }, fileTexts),
      ].flat();
      const objects = migrated(beforeRollout([...rendered, ...configMaps]), {
        service,
        namespace,
        image: reference,
        folder,
      });
      writeService(join(folder, name), handover.manifests, objects, values);
      return { image: reference };
    });
    // Argo CD rolls it out after this update. The image that runs until then keeps the tag `previous`.
    const status = written.apply(() => ({ status: "deployed" }));
    return tags?.afterRollout(name, { status, values: written }) ?? written;
  }
}

function migrated(
  objects: KubernetesObject[],
  { service, namespace, image, folder }: { service: ServiceConfig; namespace: string; image: string; folder: string },
): KubernetesObject[] {
  const { name, release, migration: config } = service;
  if (config === undefined) return objects;
  const migration = { service: name, release, namespace, config, image };
  const job = migrationJob(migration, readMigrationJobs(folder));
  return job === undefined ? objects : withMigration(objects, migration, job);
}

function configMap(
  { name, namespace, service }: { name: string | undefined; namespace: string; service: string },
  data: Record<string, string>,
): KubernetesObject[] {
  if (name === undefined) return [];
  const annotations = {
    // Pods of the release before may restart, or serve again.
    "argocd.argoproj.io/sync-options": "Prune=false",
    "argocd.argoproj.io/compare-options": "IgnoreExtraneous",
  };
  const metadata = { name, namespace, labels: { [DATA_OF]: service }, annotations };
  return [{ apiVersion: "v1", kind: "ConfigMap", metadata, immutable: true, data } as KubernetesObject];
}

function writeService(folder: string, subfolder: string, objects: readonly KubernetesObject[], values: object): void {
  const manifests = join(folder, subfolder);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(manifests, { recursive: true });
  writeFileSync(join(folder, "values.yaml"), formatManifest(values));
  for (const object of objects) writeFileSync(join(manifests, manifestFile(object)), formatManifest(object));
}
