import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Environment, ExistingEnvironment } from "../../config/index.ts";
import { clearStuckReleases } from "../rollout/stuck-releases.ts";
import type { ClusterReader } from "./reader.ts";

/** What services and add-ons need of a cluster. */
export interface ClusterConnection {
  /** What every resource in the cluster is declared with. */
  options: { provider: kubernetes.Provider };
  /** Its deletion takes what runs in the cluster with it. @default - nothing does */
  cluster?: pulumi.Resource;
  /** The registry, where this update may make it: nothing is pushed before. @default - it is there */
  registry?: pulumi.Resource;
  /** How the ingress controller is reached, where that is not the environment's to say. */
  ingress?: IngressAccess;
  /** What others may rely on, such as addresses; the stack's outputs. */
  outputs: Record<string, pulumi.Input<unknown>>;
  /** The program's own reads of the cluster. Loads the client library when called first. */
  reader(): Promise<ClusterReader>;
}

/** A load balancer that is declared apart, in front of the ingress controller's node port. */
export interface IngressAccess {
  nodePort: number;
  /** Ranges that the load balancer speaks from: its X-Forwarded-* headers are believed. */
  trustedRanges: pulumi.Input<string>[];
  /** Of the controller's pods over the nodes. required: never two of them on one. */
  spread: "required" | "preferred";
}

/**
 * The cluster that a context of the kubeconfig names.
 *
 * @throws pulumi.RunError if it cannot be reached.
 */
export async function connectExisting(environment: ExistingEnvironment): Promise<ClusterConnection> {
  const { context, kubeconfig } = environment.cluster;
  const reader = async () => {
    const { ClusterReader } = await import("./reader.ts");
    return ClusterReader.connect({ context, kubeconfig });
  };
  await clearStuckReleases(reader, environment);
  return { options: { provider: clusterProvider({ context, kubeconfig }) }, outputs: {}, reader };
}

export interface MadeCluster {
  /** Text of a kubeconfig. */
  kubeconfig: pulumi.Output<string>;
  /** What no other cluster has, be it of the same name: a new one means that everything is made anew in it. */
  identifier: pulumi.Output<string>;
  /** What pods need before they can run; nothing is declared in the cluster before. */
  workloadsReady: pulumi.Resource[];
}

/** A cluster that this very update may make. */
export function connectMade(
  environment: Environment,
  { kubeconfig, identifier, workloadsReady }: MadeCluster,
  parent: pulumi.Resource,
): Pick<ClusterConnection, "options" | "reader"> {
  const reader = async () => {
    const { ClusterReader } = await import("./reader.ts");
    return ClusterReader.connectBy(await new Promise<string>((resolve) => kubeconfig.apply(resolve)));
  };
  const ready = pulumi.all([kubeconfig, pulumi.all(workloadsReady.map(({ urn }) => urn))]).apply(async ([text]) => {
    await clearStuckReleases(reader, environment);
    return text;
  });
  const args = { kubeconfig: ready, clusterIdentifier: identifier };
  return { options: { provider: clusterProvider(args, { parent, dependsOn: workloadsReady }) }, reader };
}

function clusterProvider(args: kubernetes.ProviderArgs, opts?: pulumi.CustomResourceOptions): kubernetes.Provider {
  // A provider that cannot reach the cluster must fail, not drop the resources from the state.
  return new kubernetes.Provider("cluster", { ...args, deleteUnreachable: false }, opts);
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
