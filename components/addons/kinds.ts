import type { KubernetesObject } from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";
import type { Environment } from "../../config/index.ts";
import { chartHash } from "../charts.ts";
import type { ClusterConnection } from "../cluster/connection.ts";
import { createsCluster } from "../cluster/creates-cluster.ts";
import { MANAGED_BY, RELEASE_NAME, RELEASE_NAMESPACE } from "../gitops/object-marks.ts";
import { renderChart } from "../rollout/render-service.ts";
import { stateResources, urnOfAddon } from "../state-resources.ts";
import { enabledAddons } from "./list.ts";

/**
 * Creates the kinds of the add-ons that this update installs and that other stacks may have too, with Helm's marks. If Helm created them,
 * two stacks that install Argo CD in one cluster at the same moment would both see that it has no kinds, and one would fail: "exists and
 * cannot be imported into the current release". The API server lets only one create a kind, and the chart leaves those of another release
 * as they are.
 */
export async function createKinds(environment: Environment, cluster: ClusterConnection): Promise<void> {
  if (pulumi.runtime.isDryRun() || (await createsCluster(cluster))) return;
  const withKinds = enabledAddons(environment).filter(({ sharesKinds }) => sharesKinds);
  if (withKinds.length === 0) return;
  const state = await stateResources();
  for (const addon of withKinds.filter(({ name }) => !state.has(urnOfAddon(name)))) {
    const { name } = addon;
    const namespace = addon.namespace(environment);
    const values = { ...addon.values(environment, cluster.ingress), chartHash: chartHash(name) };
    const rendered = await renderChart(cluster, name, { namespace, release: name, values });
    const { objects } = await cluster.reader();
    for (const kind of rendered.filter((object) => object.kind === "CustomResourceDefinition"))
      await objects.createIfMissing(marked(kind, name, namespace));
  }
}

function marked(kind: KubernetesObject, release: string, namespace: string): KubernetesObject {
  const { metadata } = kind;
  const labels = { ...metadata?.labels, [MANAGED_BY]: "Helm" };
  const annotations = { ...metadata?.annotations, [RELEASE_NAME]: release, [RELEASE_NAMESPACE]: namespace };
  return { ...kind, metadata: { ...metadata, labels, annotations } };
}
