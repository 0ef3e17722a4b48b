import { mkdirSync } from "node:fs";
import { totalmem } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { cgroupRoot, type NodeSpec, network, nodeFolder, nodes, paths } from "../paths.ts";
import type { Daemon } from "../processes/daemon.ts";
import { authorityFile, certificateFile, keyFile } from "./certificates.ts";
import { ensureCgroup } from "./cgroups.ts";
import { runtimeSocket } from "./container-runtime.ts";
import { answers } from "./control-plane.ts";
import { writeComponentKubeconfig, writeConfiguration } from "./kubeconfig.ts";

const MiB = 1024 * 1024;
/** For the control plane, the registry, the daemons and the user's own programs. */
const KEPT_FREE_MIB = 2048;

/**
 * Memory that a node reserves, so that all nodes together offer pods no more than the machine has.
 * CPU is not divided: what one "node" leaves idle the other can use, and the sandbox's services request far more CPU than
 * they use.
 * @returns MiB.
 */
export function reservedMemoryMiB(totalMiB: number, nodeCount: number): number {
  const share = Math.max(Math.floor((totalMiB - KEPT_FREE_MIB) / nodeCount), Math.floor(totalMiB / nodeCount / 2));
  return totalMiB - share;
}

function kubeletConfiguration(node: NodeSpec, resolvConf: string): string {
  const folder = nodeFolder(node.name);
  return stringify({
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    // Each node has its own address, so the default ports can be used.
    address: node.address,
    healthzBindAddress: node.address,
    readOnlyPort: 0,
    tlsCertFile: certificateFile(node.name),
    tlsPrivateKeyFile: keyFile(node.name),
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: authorityFile("cluster") },
    },
    authorization: { mode: "Webhook" },
    containerRuntimeEndpoint: `unix://${runtimeSocket(node)}`,
    cgroupDriver: "cgroupfs",
    cgroupRoot: `/${cgroupRoot}/${node.name}`,
    failCgroupV1: false,
    failSwapOn: false,
    // Without CAP_SYS_RESOURCE it cannot be lowered.
    oomScoreAdj: 0,
    clusterDNS: [network.dns],
    clusterDomain: network.domain,
    resolvConf,
    maxPods: 250,
    systemReserved: { memory: `${reservedMemoryMiB(Math.floor(totalmem() / MiB), nodes.length)}Mi` },
    // The disk belongs to the machine and may be nearly full already. It only matters that some space is left.
    evictionHard: {
      "memory.available": "100Mi",
      "nodefs.available": "500Mi",
      "imagefs.available": "500Mi",
      "nodefs.inodesFree": "1%",
      "imagefs.inodesFree": "1%",
    },
    imageGCHighThresholdPercent: 98,
    imageGCLowThresholdPercent: 95,
    // Many releases pass through a node. All of them stay in the registry on the same machine.
    imageMaximumGCAge: "12h",
    serializeImagePulls: false,
    registryPullQPS: 0,
    eventRecordQPS: 0,
    kubeAPIQPS: 100,
    kubeAPIBurst: 200,
    // kube-proxy manages the rules.
    makeIPTablesUtilChains: false,
    podLogsDir: join(folder, "pod-logs"),
    volumePluginDir: join(folder, "volume-plugins"),
    containerLogMaxSize: "5Mi",
    containerLogMaxFiles: 2,
  });
}

export function kubeletDaemon(command: string, node: NodeSpec): Daemon {
  const folder = nodeFolder(node.name);
  mkdirSync(join(folder, "kubelet"), { recursive: true });
  // Pods use the cluster's DNS even with dnsPolicy: Default, without the machine's search domains.
  const resolvConf = writeConfiguration(join(paths.state, "resolv.conf"), `nameserver ${network.dns}\n`, 0o644);
  const configuration = kubeletConfiguration(node, resolvConf);
  return {
    name: `kubelet-${node.name}`,
    command,
    args: [
      `--config=${writeConfiguration(join(folder, "kubelet.yaml"), configuration)}`,
      `--kubeconfig=${writeComponentKubeconfig(node.name)}`,
      `--hostname-override=${node.name}`,
      `--node-ip=${node.address}`,
      `--root-dir=${join(folder, "kubelet")}`,
      `--cert-dir=${join(folder, "kubelet/pki")}`,
      `--node-labels=topology.kubernetes.io/zone=${node.zone},topology.kubernetes.io/region=local`,
    ],
    configuration: [configuration],
    prepare: () => ensureCgroup(node.name),
    ready: () => answers(`http://${node.address}:10248/healthz`),
    readyTimeout: 60,
  };
}
