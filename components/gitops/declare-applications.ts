import type * as pulumi from "@pulumi/pulumi";
import type { Environment } from "../../config/index.ts";
import { argoCdNamespace } from "../../config/naming.ts";
import type { Addons } from "../addons/index.ts";
import type { ClusterConnection } from "../cluster/connection.ts";
import { Applications } from "./applications.ts";
import { findCredentials } from "./find-credentials.ts";
import type { Handover } from "./handover.ts";

/** What Argo CD rolls out in an environment. Undefined if the update itself rolls the services out. */
export function declareApplications({
  environment,
  cluster,
  addons,
  handover,
  after,
}: {
  environment: Environment;
  cluster: ClusterConnection;
  addons: Addons;
  handover: Handover;
  /** What Helm has of a service is deleted after its Application, which would heal that. */
  after: readonly pulumi.Resource[];
}): Applications | undefined {
  const { gitops, name, namespace, services } = environment;
  if (gitops === undefined) return undefined;
  return new Applications(
    "applications",
    {
      cluster,
      services: services.map((service) => ({ name: service.name, isScaled: true })),
      namespace,
      argoCdNamespace: argoCdNamespace(namespace),
      project: name,
      source: { url: gitops.repository, branch: gitops.branch, path: gitops.path },
      credentials: findCredentials(gitops),
      manifests: handover.manifests,
    },
    { dependsOn: [...addons.ofKinds, ...after] },
  );
}
