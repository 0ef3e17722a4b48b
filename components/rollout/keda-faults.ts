import type { Fault, Service } from "../../config/index.ts";

type ScaledService = Pick<Service, "name" | "replicas"> & { chartFields: Pick<Service["chartFields"], "scaling"> };

/** Whether charts/service scales it by a ScaledObject. With a fixed number of pods it does not. */
export function usesKeda({ replicas, chartFields }: ScaledService): boolean {
  return replicas.max > replicas.min && (chartFields.scaling?.triggers ?? []).length > 0;
}

/** Services that need KEDA, in a cluster that does not have it: charts/service would refuse them in the middle of the deploy. */
export function kedaFaults(services: readonly ScaledService[]): Fault[] {
  return services.filter(usesKeda).map(({ name }) => ({
    path: ["services", name, "scaling", "triggers"],
    message: "the cluster does not have KEDA (no ScaledObject of keda.sh/v1alpha1). Install it, or remove the triggers",
    hideValue: true,
  }));
}
