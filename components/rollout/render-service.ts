import type { KubernetesObject } from "@kubernetes/client-node";
import type * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { chartPath } from "../charts.ts";
import { SERVICE_CHART } from "../service-values.ts";

/** What a cluster has, if it is not asked. */
export interface Capabilities {
  kubeVersion: string;
  /** `<group>/<version>/<kind>` */
  apiVersions: readonly string[];
}

/** The objects of a service, as Helm would render them. */
export function renderService(
  cluster: { options: { provider: kubernetes.Provider } },
  namespace: string,
  release: string,
  values: Record<string, unknown>,
  capabilities?: Capabilities,
): Promise<KubernetesObject[]> {
  return renderChart(cluster, SERVICE_CHART, { namespace, release, values }, capabilities);
}

/** The objects of a chart of charts/, as Helm would render them. The provider has Helm built in: nobody needs to install it. */
export async function renderChart(
  { options }: { options: { provider: kubernetes.Provider } },
  chart: string,
  { namespace, release, values }: { namespace: string; release: string; values: Record<string, unknown> },
  capabilities?: Capabilities,
): Promise<KubernetesObject[]> {
  const known = capabilities && { kube_version: capabilities.kubeVersion, api_versions: capabilities.apiVersions };
  const jsonOpts = JSON.stringify({
    path: chartPath(chart),
    release_name: release,
    namespace,
    values,
    ...known,
  });
  const { result } = await pulumi.runtime.invoke(
    "kubernetes:helm:template",
    { jsonOpts },
    { provider: options.provider },
  );
  return (result ?? []) as KubernetesObject[];
}
