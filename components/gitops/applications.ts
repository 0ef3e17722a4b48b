import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { applicationName } from "../../config/naming.ts";
import type { ClusterConnection } from "../cluster/connection.ts";
import { type ApplicationService, applicationSpec, type ManifestsSource, projectSpec } from "./application-spec.ts";
import { type RepositoryCredentials, repositorySecret } from "./repository-credentials.ts";

const API_VERSION = "argoproj.io/v1alpha1";

/** The cluster that Argo CD runs in, under the name that it has for it. */
const OWN_CLUSTER = "https://kubernetes.default.svc";

export interface ApplicationsArgs {
  cluster: Pick<ClusterConnection, "options">;
  services: ApplicationService[];
  /** Namespace of the services. */
  namespace: string;
  /** Namespace of Argo CD. */
  argoCdNamespace: pulumi.Input<string>;
  /** Name of the AppProject: the stack's. Only letters, digits and dashes. */
  project: string;
  source: ManifestsSource;
  /** Folder of a service's manifests in the service's own. */
  manifests: string;
  /** @default - the repository is public, or Argo CD has credentials for it already */
  credentials?: RepositoryCredentials | undefined;
  /** URL by which Argo CD reaches the services' cluster. @default - the cluster that it runs in */
  server?: string | undefined;
}

/**
 * The stack's part in Argo CD: an AppProject that allows this repository and this namespace only, and an Application for each service.
 * No Application has Argo CD's finalizer, so deleting one, or the whole stack's, leaves the service and its pods as they are.
 */
export class Applications extends pulumi.ComponentResource {
  constructor(name: string, args: ApplicationsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:index:Applications", name, {}, opts);
    const { cluster, services, namespace, argoCdNamespace, project, source, credentials } = args;
    const destination = { server: args.server ?? OWN_CLUSTER, namespace };
    const options = { ...cluster.options, parent: this };

    const appProject = new kubernetes.apiextensions.CustomResource(
      project,
      {
        apiVersion: API_VERSION,
        kind: "AppProject",
        metadata: { name: project, namespace: argoCdNamespace },
        spec: projectSpec(source, destination),
      },
      options,
    );
    // Before the Applications: without it the first look at the repository fails, and the next one comes much later.
    const needed: pulumi.Resource[] = [appProject];
    if (credentials !== undefined) needed.push(this.declareRepository(args, credentials, options));

    for (const service of services) {
      const application = applicationName(project, service.name);
      new kubernetes.apiextensions.CustomResource(
        application,
        {
          apiVersion: API_VERSION,
          kind: "Application",
          metadata: { name: application, namespace: argoCdNamespace, labels: { "slipway.dev/service": service.name } },
          spec: applicationSpec(
            service,
            project,
            { ...source, folder: `${service.name}/${args.manifests}` },
            destination,
          ),
        },
        { ...options, dependsOn: needed },
      );
    }
    this.registerOutputs({});
  }

  private declareRepository(
    { project, source, argoCdNamespace }: ApplicationsArgs,
    credentials: RepositoryCredentials,
    options: pulumi.CustomResourceOptions,
  ): pulumi.Resource {
    const name = `${project}-repository`;
    return new kubernetes.core.v1.Secret(
      name,
      {
        metadata: {
          name,
          namespace: argoCdNamespace,
          labels: { "argocd.argoproj.io/secret-type": "repository" },
        },
        stringData: repositorySecret(source.url, project, credentials),
      },
      { ...options, additionalSecretOutputs: ["stringData", "data"] },
    );
  }
}
