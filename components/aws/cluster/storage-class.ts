import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

/**
 * The default storage class, because EKS has none: encrypted gp3 volumes in the pod's zone.
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
