import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { HELM_RELEASE } from "../../config/naming.ts";
import { chartPath } from "../charts.ts";
import { SERVICE_CHART } from "../service-values.ts";
import { urnOfServices } from "../state-resources.ts";

/** The provider compares the version of the chart for itself. */
const RELEASE_AS_IT_IS = { ignoreChanges: ["*", "version"] };
/** Of `*` the provider would warn in each update: it has an annotation of its own in the state. */
const DATA_AS_IT_IS = { ignoreChanges: ["data", "binaryData", "immutable", "metadata.name", "metadata.labels"] };

/**
 * Declares what Helm has deployed of a service before Argo CD took it over, as it is in the state. Without that, the engine would uninstall
 * the release, and delete ConfigMaps that pods use. With it, it changes nothing of both. The release is Helm's again when Argo CD hands the
 * service back.
 *
 * @param state URNs of what the state has
 */
export function keepHelmObjects(
  service: string,
  namespace: pulumi.Input<string>,
  state: ReadonlySet<string>,
  options: pulumi.CustomResourceOptions,
): void {
  if (state.has(urnOfServices(HELM_RELEASE, service)))
    new kubernetes.helm.v3.Release(
      service,
      { name: service, namespace, chart: chartPath(SERVICE_CHART) },
      { ...options, ...RELEASE_AS_IT_IS },
    );
  for (const name of [service, `${service}.files`])
    if (state.has(urnOfServices("kubernetes:core/v1:ConfigMap", name)))
      new kubernetes.core.v1.ConfigMap(name, { metadata: { namespace } }, { ...options, ...DATA_AS_IT_IS });
}
