import * as pulumi from "@pulumi/pulumi";
import type { Fault, Service } from "../../config/index.ts";
import type { ClusterReader } from "../cluster/reader.ts";

type ScaledService = Pick<Service, "name" | "replicas"> & { chartFields: Pick<Service["chartFields"], "scaling"> };

/** Services that scale by KEDA in a cluster without it: charts/service would refuse them in the middle of the deploy. */
export async function kedaFaults(
  connect: () => Promise<Pick<ClusterReader, "hasKind">>,
  services: readonly ScaledService[],
): Promise<Fault[]> {
  const scaled = services.filter(
    ({ replicas, chartFields }) => chartFields.scaling?.triggers?.length && replicas.max > replicas.min,
  );
  if (scaled.length === 0 || (await hasKeda(connect))) return [];
  return scaled.map(({ name }) => ({
    path: ["services", name, "scaling", "triggers"],
    message: "the cluster does not have KEDA (no ScaledObject of keda.sh/v1alpha1). Install it, or remove the triggers",
    hideValue: true,
  }));
}

async function hasKeda(connect: () => Promise<Pick<ClusterReader, "hasKind">>): Promise<boolean> {
  try {
    return await (await connect()).hasKind("keda.sh", "v1alpha1", "ScaledObject");
  } catch (error) {
    // A preview need not reach the cluster.
    if (pulumi.runtime.isDryRun()) return true;
    throw error;
  }
}
