import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

/** Namespace with the pod security standard `restricted`: https://kubernetes.io/docs/concepts/security/pod-security-standards/ */
export function restrictedNamespace(name: string, opts: pulumi.CustomResourceOptions): kubernetes.core.v1.Namespace {
  const level = "restricted";
  return new kubernetes.core.v1.Namespace(
    name,
    {
      metadata: {
        name,
        labels: {
          "pod-security.kubernetes.io/enforce": level,
          "pod-security.kubernetes.io/warn": level,
          "pod-security.kubernetes.io/audit": level,
        },
      },
    },
    opts,
  );
}
