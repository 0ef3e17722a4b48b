import type { KubernetesObject } from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";
import { chartPath } from "../charts.ts";
import type { ClusterConnection } from "../cluster/connection.ts";
import { SERVICE_CHART } from "../service-values.ts";

/** The objects of a service, as Helm would render them. The provider has Helm built in: nobody needs to install it. */
export async function renderService(
  { options }: Pick<ClusterConnection, "options">,
  namespace: string,
  release: string,
  values: Record<string, unknown>,
): Promise<KubernetesObject[]> {
  const jsonOpts = JSON.stringify({ path: chartPath(SERVICE_CHART), release_name: release, namespace, values });
  const { result } = await pulumi.runtime.invoke(
    "kubernetes:helm:template",
    { jsonOpts },
    { provider: options.provider },
  );
  return (result ?? []) as KubernetesObject[];
}
