import * as pulumi from "@pulumi/pulumi";
import type { EksEnvironment, Fault } from "../../config/index.ts";
import { ConfigError } from "../../config/validate.ts";
import { clusterAutoscaler } from "../addons/cluster-autoscaler.ts";
import { connectToDeclaredCluster } from "../cluster/connect.ts";
import type { ClusterConnection } from "../cluster/connection.ts";
import type { Target } from "../cluster/target.ts";
import { lastOutput } from "../last-update.ts";
import { ClusterAutoscalerAccess } from "./autoscaler/access.ts";
import { defaultStorageClass } from "./cluster/storage-class.ts";
import { accountFaults, type LastUpdate } from "./lookup/account-faults.ts";
import { clusterNameOf, readFacts } from "./lookup/lookup.ts";
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
  refuse(
    [...found.faults, ...("facts" in found ? accountFaults(environment, found.facts, last) : [])],
    environment.name,
  );
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
  const declared = { kubeconfig, identifier: endpoint, workloadsReady: platform.workloadsReady };
  const connection = connectToDeclaredCluster(args.environment, declared, platform);
  const options = { ...connection.options, deletedWith: cluster };
  defaultStorageClass({ ...options, parent: platform });
  return {
    ...connection,
    // What runs in the cluster is gone with it: destroying it one by one first would only take time.
    cluster,
    registry: platform.repository,
    ingress: { nodePort: INGRESS_NODE_PORT, trustedRanges: [platform.vpcCidr] },
    addonOptions: addonOptions(args.environment, platform),
    outputs: platform.outputs,
  };
}

/** Add-ons that act on AWS wait for their rights there. */
function addonOptions(environment: EksEnvironment, platform: Platform): ClusterConnection["addonOptions"] {
  if (!clusterAutoscaler.enabled(environment)) return {};
  const { cluster } = platform;
  const access = new ClusterAutoscalerAccess(clusterNameOf(environment), { cluster }, { parent: platform });
  return { [clusterAutoscaler.name]: access.releaseOptions };
}

function refuse(faults: Fault[], stack: string): void {
  if (faults.length === 0) return;
  const lines = faults.map(({ path, message }) => `stacks/Pulumi.${stack}.yaml: ${path.join(".")}: ${message}.`);
  const intro = "AWS does not have what the config asks for; nothing was changed.";
  throw new pulumi.RunError(new ConfigError(lines, intro).message);
}
