import type { V1PersistentVolumeClaim, V1StatefulSet } from "@kubernetes/client-node";
import type { Service } from "../../config/index.ts";
import { compareQuantities } from "../../config/quantity.ts";

/** Name of the claim template, and so the begin of each claim's name: see charts/service/templates/statefulset.yaml. */
const TEMPLATE = "data";
/** The volume has grown. The kubelet tells the file system, at once or at the pod's next start. */
const FILE_SYSTEM_LEFT = "FileSystemResizePending";

export type StatefulService = Pick<Service, "name" | "kind"> & { chartFields: Pick<Service["chartFields"], "volume"> };

/** Claims of a service that its config wants larger. */
export interface VolumeGrowth {
  service: string;
  size: string;
  /** Those that still ask for less. */
  claims: V1PersistentVolumeClaim[];
}

/** The claims that the pods of a service have, or had before they were scaled down. */
export function claimsOf(service: string, claims: readonly V1PersistentVolumeClaim[]): V1PersistentVolumeClaim[] {
  const names = new RegExp(`^${TEMPLATE}-${service}-\\d+$`);
  return claims.filter(
    ({ metadata }) => names.test(metadata?.name ?? "") && metadata?.labels?.["app.kubernetes.io/instance"] === service,
  );
}

/**
 * What has to grow before the service's next rollout. A StatefulSet with the wanted size has none: its claims may have been made
 * otherwise, and nobody asks for a change. Without a StatefulSet, as a killed update may leave it, the claims decide, if there are any.
 */
export function volumeGrowth(
  { name, chartFields: { volume } }: StatefulService,
  set: V1StatefulSet | undefined,
  claims: readonly V1PersistentVolumeClaim[],
): VolumeGrowth | undefined {
  const template = set && sizeOfTemplate(set);
  if (volume === undefined || (set !== undefined && template === undefined)) return undefined;
  const isLarger = (than: string) => compareQuantities(volume.size, than) > 0;
  if (template !== undefined && !isLarger(template)) return undefined;
  const smaller = claimsOf(name, claims).filter((claim) => isLarger(requestOf(claim)));
  return { service: name, size: volume.size, claims: smaller };
}

/** Size that the StatefulSet gives new claims. Undefined if its pods have no volume. */
export function sizeOfTemplate({ spec }: V1StatefulSet): string | undefined {
  return spec?.volumeClaimTemplates?.[0]?.spec?.resources?.requests?.storage;
}

export function requestOf({ spec }: V1PersistentVolumeClaim): string {
  return spec?.resources?.requests?.storage ?? "0";
}

/** Whether the driver has done its part. A claim that has no volume yet will get one of its size. */
export function hasGrown({ status }: V1PersistentVolumeClaim, size: string): boolean {
  if (status?.phase !== "Bound") return true;
  const isWhole = compareQuantities(status?.capacity?.storage ?? "0", size) >= 0;
  return isWhole || (status?.conditions?.some(({ type }) => type === FILE_SYSTEM_LEFT) ?? false);
}

/** The same StatefulSet for the API to create, with claims of that size. It takes over the pods of the one from before. */
export function withVolumeSize(set: V1StatefulSet, size: string, replicas = set.spec?.replicas): V1StatefulSet {
  const { name, namespace, labels, annotations } = set.metadata ?? {};
  const copy = structuredClone(set.spec);
  const claim = copy?.volumeClaimTemplates?.[0];
  if (copy === undefined || claim?.spec === undefined) throw new Error(`${name}: its StatefulSet has no volume`);
  claim.spec.resources = { ...claim.spec.resources, requests: { ...claim.spec.resources?.requests, storage: size } };
  delete claim.status;
  return {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: { name, namespace, labels, annotations } as NonNullable<V1StatefulSet["metadata"]>,
    spec: { ...copy, ...(replicas !== undefined && { replicas }) },
  };
}
