import { join } from "node:path";
import type { V1PersistentVolume, V1PersistentVolumeClaim, V1StorageClass } from "@kubernetes/client-node";
import { compareQuantities } from "../../config/quantity.ts";
import { paths } from "../paths.ts";

/** Name of the driver in classes, claims and volumes. */
export const provisioner = "slipway.dev/folders";
/** Annotations of Kubernetes: https://kubernetes.io/docs/reference/labels-annotations-taints/ */
const PROVISIONED_BY = "pv.kubernetes.io/provisioned-by";
const WANTED_FROM = "volume.kubernetes.io/storage-provisioner";
const SELECTED_NODE = "volume.kubernetes.io/selected-node";

/** Each volume's folder. Emptied by `remove` with the state folder; `stop` keeps it. */
export const volumesFolder = join(paths.state, "volumes");
/** Written after each successful look of the driver. */
export const lookFile = join(paths.run, "volumes-looked");

/** The cluster's default class. As the class of EBS volumes on EKS: bound to a node once a pod is scheduled, and able to grow. */
export const storageClass: V1StorageClass = {
  apiVersion: "storage.k8s.io/v1",
  kind: "StorageClass",
  metadata: { name: "folders", annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
  provisioner,
  reclaimPolicy: "Delete",
  volumeBindingMode: "WaitForFirstConsumer",
  allowVolumeExpansion: true,
};

/** The volume for a claim whose pod has a node. Undefined if the claim has one, waits for a node, or is for another driver. */
export function volumeFor(claim: V1PersistentVolumeClaim): V1PersistentVolume | undefined {
  const { name, namespace, uid, annotations = {} } = claim.metadata ?? {};
  const { volumeName, storageClassName, accessModes, resources } = claim.spec ?? {};
  const node = annotations[SELECTED_NODE];
  const size = resources?.requests?.storage;
  if (annotations[WANTED_FROM] !== provisioner || volumeName || !node || !size) return undefined;
  const volume = `pvc-${uid}`;
  return {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name: volume, annotations: { [PROVISIONED_BY]: provisioner } },
    spec: {
      capacity: { storage: size },
      accessModes,
      storageClassName,
      volumeMode: "Filesystem",
      persistentVolumeReclaimPolicy: storageClass.reclaimPolicy,
      claimRef: { apiVersion: "v1", kind: "PersistentVolumeClaim", name, namespace, uid },
      local: { path: join(volumesFolder, volume) },
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In", values: [node] }] },
          ],
        },
      },
    },
  };
}

export const isOwn = ({ metadata }: V1PersistentVolume): boolean =>
  metadata?.annotations?.[PROVISIONED_BY] === provisioner;

/** Whether the claim is gone and nobody asked to keep the data. */
export function isReleased({ spec, status }: V1PersistentVolume): boolean {
  return status?.phase === "Released" && spec?.persistentVolumeReclaimPolicy === "Delete";
}

/** The size that a volume has to grow to. Undefined if it has it. */
export function growthOf(volume: V1PersistentVolume, claims: readonly V1PersistentVolumeClaim[]): string | undefined {
  const claim = claims.find(({ metadata }) => metadata?.uid === volume.spec?.claimRef?.uid);
  const wanted = claim?.spec?.resources?.requests?.storage;
  const has = volume.spec?.capacity?.storage;
  if (wanted === undefined || has === undefined) return undefined;
  return compareQuantities(wanted, has) > 0 ? wanted : undefined;
}
