import * as pulumi from "@pulumi/pulumi";
import { type EksEnvironment, isExistingNetwork, planSubnets, refuseFaults } from "../../config/index.ts";
import { clusterAutoscaler } from "../addons/cluster-autoscaler.ts";
import { connectToDeclaredCluster } from "../cluster/connect.ts";
import type { ClusterConnection } from "../cluster/connection.ts";
import type { Target } from "../cluster/target.ts";
import { lastOutput } from "../last-update.ts";
import { serviceRolePath } from "./access/deploy-policies.ts";
import { serviceRole } from "./access/service-role.ts";
import { ClusterAutoscalerAccess } from "./autoscaler/access.ts";
import { supportWarning } from "./cluster/kubernetes-version.ts";
import { defaultStorageClass } from "./cluster/storage-class.ts";
import { lookUpAccount } from "./lookup/account.ts";
import { accountFaults, type LastPlatform, zonesOf } from "./lookup/account-faults.ts";
import { INGRESS_NODE_PORT, Platform, type PlatformArgs } from "./platform.ts";
import { awsProvider } from "./provider.ts";

const INTRO = "AWS does not have what the config asks for. Nothing was changed.";

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
  refuseFaults(environment, [...faults, ...(account ? accountFaults(environment, account, last) : [])], INTRO);
  if (account === undefined) throw new Error("lookUpAccount returned neither an account nor a fault");

  const { version } = environment.cluster;
  const warning = supportWarning(version, account.eksVersions, Date.now());
  if (warning !== undefined) await pulumi.log.warn(warning);
  const updateImage = last.kubernetesVersion !== undefined && last.kubernetesVersion !== version;
  const zones = zonesOf(environment, account, last);
  return {
    images: account.images,
    connect: async () => createCluster({ environment, account, zones, updateImage }, provider),
  };
}

function createCluster(args: PlatformArgs, provider: pulumi.ProviderResource): ClusterConnection {
  const { environment, account } = args;
  const platform = new Platform("platform", args, { providers: [provider] });
  const { cluster, kubeconfig, endpoint } = platform.cluster;
  const declared = { kubeconfig, identifier: endpoint, workloadsReady: platform.workloadsReady };
  const connection = connectToDeclaredCluster(environment, declared, platform);
  defaultStorageClass({ ...connection.options, deletedWith: cluster, parent: platform });
  return {
    ...connection,
    cluster,
    registry: platform.repository,
    ingress: {
      controllerRanges: nodeRanges(args),
      nodePort: INGRESS_NODE_PORT,
      trustedRanges: account.vpcCidrs.length > 0 ? account.vpcCidrs : [platform.vpcCidr],
    },
    addonOptions: addonOptions(environment, platform),
    serviceRole: (role) => {
      const { name } = environment.cluster;
      const { namespace } = environment;
      const { arn } = cluster;
      const at = { name: cluster.name, arn, namespace, path: serviceRolePath(name) };
      return serviceRole(`${name}-${role.service}`, role, at, { parent: platform });
    },
    outputs: platform.outputs,
  };
}

/** Ranges of the nodes' subnets, from which the VPC CNI gives pods their addresses. */
function nodeRanges({ environment, account, zones }: PlatformArgs): string[] {
  const { network } = environment.cluster;
  if (isExistingNetwork(network)) return [...new Set(account.nodeSubnets.map(({ cidr }) => cidr))];
  return planSubnets(network.cidr, zones.length).private;
}

/** Add-ons with permissions in AWS wait for them. */
function addonOptions(environment: EksEnvironment, platform: Platform): ClusterConnection["addonOptions"] {
  if (!clusterAutoscaler.enabled(environment)) return {};
  const { cluster } = platform;
  const access = new ClusterAutoscalerAccess(environment.cluster.name, { cluster }, { parent: platform });
  return { [clusterAutoscaler.name]: access.releaseOptions };
}
