import * as pulumi from "@pulumi/pulumi";
import type { EksEnvironment, Fault } from "../../config/index.ts";
import { ConfigError } from "../../config/validate.ts";
import { type ClusterConnection, connectMade } from "../cluster/connection.ts";
import type { Target } from "../cluster/target.ts";
import { lastOutput } from "../last-update.ts";
import { ClusterAutoscaler } from "./autoscaler/cluster-autoscaler.ts";
import { defaultStorageClass } from "./cluster/storage-class.ts";
import { clusterNameOf, lookUpAccount } from "./lookup/account.ts";
import { accountFaults, type LastPlatform } from "./lookup/account-faults.ts";
import { traefikSpread } from "./nodes/system-pods.ts";
import { INGRESS_NODE_PORT, Platform, type PlatformArgs } from "./platform.ts";
import { awsProvider } from "./provider.ts";

/**
 * The target `eks`. Checks the config against the account before anything is declared.
 *
 * @throws pulumi.RunError with every fault, or if AWS cannot be reached.
 */
export async function findEksTarget(environment: EksEnvironment): Promise<Target> {
  const provider = awsProvider(environment);
  const [{ account, faults }, last = {}] = await Promise.all([
    lookUpAccount(environment, provider),
    lastOutput<LastPlatform>("platform"),
  ]);
  if (account === undefined) throw accountError(faults, environment.name);
  const allFaults = [...faults, ...accountFaults(environment, account, last)];
  if (allFaults.length > 0) throw accountError(allFaults, environment.name);

  const { version } = environment.cluster;
  const updateImage = last.kubernetesVersion !== undefined && last.kubernetesVersion !== version;
  return {
    images: account.images,
    connect: async () => createCluster({ environment, account, updateImage }, provider),
  };
}

function createCluster(args: PlatformArgs, provider: pulumi.ProviderResource): ClusterConnection {
  const { environment } = args;
  const platform = new Platform("platform", args, { providers: [provider] });
  const { cluster, kubeconfig, endpoint } = platform.cluster;
  const made = { kubeconfig, identifier: endpoint, workloadsReady: platform.workloadsReady };
  const connection = connectMade(environment, made, platform);
  const options = { ...connection.options, deletedWith: cluster };

  defaultStorageClass({ ...options, parent: platform });
  const { version, nodeGroup } = environment.cluster;
  if (nodeGroup.autoscaler === "cluster-autoscaler") {
    const autoscalerArgs = { cluster: platform.cluster, version, options };
    new ClusterAutoscaler(clusterNameOf(environment), autoscalerArgs, { parent: platform });
  }
  return {
    ...connection,
    cluster,
    registry: platform.repository,
    ingress: {
      nodePort: INGRESS_NODE_PORT,
      trustedRanges: [platform.vpcCidr],
      spread: traefikSpread(environment.addons?.traefik, nodeGroup.min),
    },
    outputs: platform.outputs,
  };
}

function accountError(faults: Fault[], stack: string): pulumi.RunError {
  const lines = faults.map(({ path, message }) => `stacks/Pulumi.${stack}.yaml: ${path.join(".")}: ${message}.`);
  const intro = "The AWS account does not fit the config. Nothing was changed.";
  return new pulumi.RunError(new ConfigError(lines, intro).message);
}
