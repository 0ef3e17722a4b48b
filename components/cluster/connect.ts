import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Environment, ExistingEnvironment } from "../../config/index.ts";
import { manifestsFolder } from "../gitops/render-only.ts";
import { prepareRollouts } from "../rollout/prepare-rollouts.ts";
import type { ClusterConnection } from "./connection.ts";

/**
 * The cluster of a context in the kubeconfig.
 *
 * @throws pulumi.RunError if it cannot be reached.
 */
export async function connectToExistingCluster(environment: ExistingEnvironment): Promise<ClusterConnection> {
  const { context, kubeconfig } = environment.cluster;
  const reader = once(async () => {
    const { ClusterReader } = await import("./reader.ts");
    return ClusterReader.ofContext({ context, kubeconfig });
  });
  await prepareRollouts(reader, environment);
  return { options: { provider: clusterProvider({ context, kubeconfig }) }, outputs: {}, reader };
}

/** A cluster that this update declares: it may not exist yet. */
export interface DeclaredCluster {
  /** Text of a kubeconfig. */
  kubeconfig: pulumi.Output<string>;
  /** Unlike a name, unique to one cluster. When it changes, everything in the cluster is created again. */
  identifier: pulumi.Output<string>;
  /** What pods need to run, such as nodes. Everything in the cluster is declared after it. */
  workloadsReady: pulumi.Resource[];
}

export function connectToDeclaredCluster(
  environment: Environment,
  { kubeconfig, identifier, workloadsReady }: DeclaredCluster,
  parent: pulumi.Resource,
): Pick<ClusterConnection, "options" | "reader"> {
  const reader = once(async () => {
    const { ClusterReader } = await import("./reader.ts");
    return ClusterReader.ofKubeconfig(await new Promise<string>((resolve) => kubeconfig.apply(resolve)));
  });
  const ready = pulumi.all([kubeconfig, pulumi.all(workloadsReady.map(({ urn }) => urn))]).apply(async ([text]) => {
    await prepareRollouts(reader, environment);
    return text;
  });
  const args = { kubeconfig: ready, clusterIdentifier: identifier };
  return { options: { provider: clusterProvider(args, { parent, dependsOn: workloadsReady }) }, reader };
}

function clusterProvider(args: kubernetes.ProviderArgs, opts?: pulumi.CustomResourceOptions): kubernetes.Provider {
  // An update that only renders runs where no kubeconfig is. The state must keep the one with which the cluster is reached.
  const kept = manifestsFolder() === undefined ? {} : { ignoreChanges: ["kubeconfig", "context", "clusterIdentifier"] };
  // If the cluster cannot be reached, the update must fail. By default the provider would drop its resources from the state.
  return new kubernetes.Provider("cluster", { ...args, deleteUnreachable: false }, { ...opts, ...kept });
}

/** All watches share one reader, and with it what it has read. One that could not be made is tried again. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}
