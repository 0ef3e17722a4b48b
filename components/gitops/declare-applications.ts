import type { Environment } from "../../config/index.ts";
import { argoCdNamespace } from "../../config/naming.ts";
import type { Addons } from "../addons/index.ts";
import type { ClusterConnection } from "../cluster/connection.ts";
import { Applications } from "./applications.ts";
import { findCredentials, findSlackSecret } from "./find-credentials.ts";
import { notificationsSecret } from "./slack-notifications.ts";

/** What Argo CD rolls out in an environment. Undefined if the update itself rolls the services out. */
export function declareApplications({
  environment,
  cluster,
  addons,
}: {
  environment: Environment;
  cluster: ClusterConnection;
  addons: Addons;
}): Applications | undefined {
  const { gitops, name, namespace, services } = environment;
  if (gitops === undefined) return undefined;
  const slackSecret = findSlackSecret(gitops);
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
      ...(gitops.slack && slackSecret && { notifications: notificationsSecret(gitops.slack, slackSecret) }),
    },
    { dependsOn: addons.ofKinds },
  );
}
