import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

/**
 * The class of volumes that name none: encrypted gp3, in the zone of the pod. EKS marks no class as the default.
 * Source: https://docs.aws.amazon.com/eks/latest/userguide/ebs-csi.html
 */
export function defaultStorageClass(opts: pulumi.CustomResourceOptions): kubernetes.storage.v1.StorageClass {
  return new kubernetes.storage.v1.StorageClass(
    "gp3",
    {
      metadata: { name: "gp3", annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
      provisioner: "ebs.csi.aws.com",
      parameters: { type: "gp3", encrypted: "true" },
      volumeBindingMode: "WaitForFirstConsumer",
      allowVolumeExpansion: true,
    },
    opts,
  );
}
