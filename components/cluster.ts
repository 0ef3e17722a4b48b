import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Environment } from "../stacks/index.ts";
import type { ClusterReader } from "./cluster-reader.ts";

/** What services and add-ons need of a cluster. */
export interface ClusterConnection {
  provider: kubernetes.Provider;
  /** The program's own reads of the cluster. Loads the client library when called first. */
  reader(): Promise<ClusterReader>;
}

/** The cluster that the environment names: the only place that knows the targets. */
export function connectCluster(environment: Environment): ClusterConnection {
  const { context, kubeconfig } = environment.cluster;
  const provider = new kubernetes.Provider("cluster", {
    context,
    kubeconfig,
    // A provider that cannot reach the cluster must fail, not drop the resources from the state.
    deleteUnreachable: false,
  });
  return {
    provider,
    reader: async () => {
      const { ClusterReader } = await import("./cluster-reader.ts");
      return ClusterReader.connect({ context, kubeconfig });
    },
  };
}

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
