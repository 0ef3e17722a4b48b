import type { ObjectKind } from "./kind.ts";

export const storageClassKind: ObjectKind = {
  token: "kubernetes:storage.k8s.io/v1:StorageClass",
  apiVersion: "storage.k8s.io/v1",
  kind: "StorageClass",
  collection: () => "/apis/storage.k8s.io/v1/storageclasses",
  namespaced: false,
  properties: [
    "apiVersion",
    "kind",
    "metadata",
    "provisioner",
    "parameters",
    "reclaimPolicy",
    "mountOptions",
    "volumeBindingMode",
    "allowVolumeExpansion",
    "allowedTopologies",
  ],
  replaces: () => [["parameters"], ["provisioner"]],
};
