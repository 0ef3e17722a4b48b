import type * as pulumi from "@pulumi/pulumi";
import { type EksEnvironment, refuseFaults } from "../../config/index.ts";
import { type ClusterConnection, connectMade } from "../cluster/connection.ts";
import type { Target } from "../cluster/target.ts";
import { lastOutput } from "../last-update.ts";
import { ClusterAutoscaler } from "./autoscaler/cluster-autoscaler.ts";
import { defaultStorageClass } from "./cluster/storage-class.ts";
import { accountFaults, type LastUpdate } from "./lookup/account-faults.ts";
import { readFacts } from "./lookup/lookup.ts";
import { traefikSpread } from "./nodes/system-pods.ts";
import { INGRESS_NODE_PORT, Platform, type PlatformArgs } from "./platform.ts";
import { awsProvider } from "./provider.ts";

/**
 * The target eks: what the config asks for is held against what AWS has, before anything is declared.
 *
 * @throws pulumi.RunError with every fault, or why AWS cannot be asked.
 */
export async function findEksTarget(environment: EksEnvironment): Promise<Target> {
  const provider = awsProvider(environment);
  const [found, last = {}] = await Promise.all([readFacts(environment, provider), lastOutput<LastUpdate>("platform")]);
  const faults = [...found.faults, ...("facts" in found ? accountFaults(environment, found.facts, last) : [])];
  refuseFaults(environment, faults, "AWS does not have what the config asks for. Nothing was changed.");
  if (!("facts" in found)) throw new Error("AWS gave neither facts nor faults");
  const { facts } = found;
  // At another Kubernetes version, or nodes would stay on the old one.
  const renewImage = last.kubernetesVersion !== undefined && last.kubernetesVersion !== environment.cluster.version;
  return {
    images: facts.images,
    connect: async () => connect({ environment, facts, renewImage }, provider),
  };
}

function connect(args: PlatformArgs, provider: pulumi.ProviderResource): ClusterConnection {
  const platform = new Platform("platform", args, { providers: [provider] });
  const { cluster, kubeconfig, endpoint } = platform.cluster;
  const made = { kubeconfig, identifier: endpoint, workloadsReady: platform.workloadsReady };
  const connection = connectMade(args.environment, made, platform);
  const options = { ...connection.options, deletedWith: cluster };
  defaultStorageClass({ ...options, parent: platform });
  const { version, nodeGroup } = args.environment.cluster;
  if (nodeGroup.autoscaler === "cluster-autoscaler") {
    const { name } = args.environment.cluster;
    new ClusterAutoscaler(name, { cluster: platform.cluster, version, options }, { parent: platform });
  }
  return {
    ...connection,
    // What runs in the cluster is gone with it: destroying it one by one first would only take time.
    cluster,
    registry: platform.repository,
    ingress: {
      nodePort: INGRESS_NODE_PORT,
      trustedRanges: [platform.vpcCidr],
      spread: traefikSpread(args.environment.addons.traefik, nodeGroup.min),
    },
    outputs: platform.outputs,
  };
}
