import { existsSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { type NodeSpec, network, nodeFolder, paths, registryHost } from "../paths.ts";
import type { Daemon } from "../processes/daemon.ts";
import { writeConfiguration } from "./kubeconfig.ts";
import { writeRegistryHosts } from "./registry-hosts.ts";

const CALL_MILLISECONDS = 2_000;
/** Debian's folder of CNI plugins. */
const cniPlugins = "/usr/lib/cni";
export const cniNetwork = "slipway";
export const pauseImage = `${registryHost}/pause:3.10`;
/** Below 108 characters, the most a socket's path may have, with any usual home folder. */
export const runtimeSocket = (node: NodeSpec): string => join(nodeFolder(node.name), "containerd.sock");
/** State about processes, mounts and sockets of this boot. It must go when they are gone. */
export const runtimeState = (node: NodeSpec): string => join(nodeFolder(node.name), "containerd-state");

/**
 * Pods have no IPv6. Every interface gets an address of its own (fe80::) without this, over which pods reach each other past all
 * network policies.
 */
const withoutIpv6 = existsSync("/proc/sys/net/ipv6")
  ? [{ type: "tuning", sysctl: { "net.ipv6.conf.eth0.disable_ipv6": "1" } }]
  : [];

function cniConfiguration(): string {
  return `${JSON.stringify(
    {
      cniVersion: "0.4.0",
      name: cniNetwork,
      plugins: [
        {
          type: "bridge",
          bridge: network.bridge,
          isGateway: true,
          // A pod may reach itself through its own Service.
          hairpinMode: true,
          ipam: {
            type: "host-local",
            // One store for both nodes: they share the range.
            dataDir: join(paths.run, "pod-addresses"),
            ranges: [
              [{ subnet: network.range, rangeStart: network.podsFrom, rangeEnd: network.podsTo, gateway: network.api }],
            ],
            routes: [{ dst: "0.0.0.0/0" }],
          },
        },
        ...withoutIpv6,
      ],
    },
    null,
    2,
  )}\n`;
}

function containerdConfiguration(node: NodeSpec, cniFolder: string, registryHosts: string): string {
  const folder = nodeFolder(node.name);
  return `version = 2
root = "${folder}/containerd"
state = "${runtimeState(node)}"
oom_score = 0
disabled_plugins = [${unusedPlugins()}]

[grpc]
  address = "${runtimeSocket(node)}"

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${pauseImage}"
  # Without CAP_SYS_RESOURCE no score may be lowered below the caller's own.
  restrict_oom_score_adj = true
  # In the default folder, /var/run/netns, they cannot be told from other programs'.
  netns_mounts_under_state_dir = true
  stream_server_address = "127.0.0.1"
  max_concurrent_downloads = 4

  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "${cniPlugins}"
    conf_dir = "${cniFolder}"

  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"

    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"

      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        Root = "${folder}/runc"
        SystemdCgroup = false

  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "${registryHosts}"
`;
}

/**
 * Plugins of containerd to leave out, as TOML strings: "opt" creates folders in /opt, the others need file systems that
 * are not used here.
 */
export function unusedPlugins(...more: "cri"[]): string {
  const names = ["internal.v1.opt", ...["btrfs", "zfs", "devmapper", "aufs"].map((name) => `snapshotter.v1.${name}`)];
  return [...names, ...more.map((name) => `grpc.v1.${name}`)].map((name) => `"io.containerd.${name}"`).join(", ");
}

/** Whether the containerd of that socket answers. */
export async function serves(socket: string): Promise<boolean> {
  if (!existsSync(socket)) return false;
  return (
    (await execa("ctr", ["--address", socket, "--connect-timeout", "2s", "version"], { reject: false })).exitCode === 0
  );
}

/**
 * Whether the containerd of that socket takes the kubelet's calls. It does so later than other calls, once it has checked the
 * pods of the last run. A kubelet that calls earlier gets "server is not initialized yet" and exits.
 */
async function servesPods(socket: string): Promise<boolean> {
  if (!existsSync(socket)) return false;
  const { Client, credentials } = await import("@grpc/grpc-js");
  const client = new Client(`unix://${socket}`, credentials.createInsecure());
  const bytes = (message: Buffer): Buffer => message;
  return new Promise<boolean>((resolve) => {
    const deadline = Date.now() + CALL_MILLISECONDS;
    // The request is empty, and no field of the answer is read.
    client.makeUnaryRequest(
      "/runtime.v1.RuntimeService/Version",
      bytes,
      bytes,
      Buffer.alloc(0),
      { deadline },
      (error) => resolve(error === null),
    );
  }).finally(() => client.close());
}

export function containerdDaemon(node: NodeSpec): Daemon {
  const folder = nodeFolder(node.name);
  const cni = cniConfiguration();
  const cniFile = writeConfiguration(join(folder, "cni/10-slipway.conflist"), cni);
  const configuration = containerdConfiguration(node, join(cniFile, ".."), writeRegistryHosts(node));
  const file = writeConfiguration(join(folder, "containerd.toml"), configuration);
  return {
    name: `containerd-${node.name}`,
    command: "/usr/bin/containerd",
    args: ["--config", file],
    configuration: [configuration, cni],
    ready: () => servesPods(runtimeSocket(node)),
  };
}
