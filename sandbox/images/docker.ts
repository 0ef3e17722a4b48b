import { rmSync } from "node:fs";
import { join } from "node:path";
import Docker from "dockerode";
import { ensureCgroup } from "../cluster/cgroups.ts";
import { serves, unusedPlugins } from "../cluster/container-runtime.ts";
import { writeConfiguration } from "../cluster/kubeconfig.ts";
import { cgroupRoot, network, paths } from "../paths.ts";
import type { Daemon } from "../processes/daemon.ts";

export const docker = (): Docker => new Docker({ socketPath: paths.dockerSocket });

const pidFile = join(paths.docker, "dockerd.pid");
const runtimeSocket = join(paths.docker, "containerd.sock");

/** Docker's own containerd. One that dockerd starts itself has a plugin that writes to /opt. */
export function dockerRuntimeDaemon(): Daemon {
  const configuration = `version = 2
root = "${join(paths.docker, "containerd")}"
state = "${join(paths.docker, "containerd-state")}"
oom_score = 0
disabled_plugins = [${unusedPlugins("cri")}]

[grpc]
  address = "${runtimeSocket}"
`;
  return {
    name: "containerd-docker",
    command: "/usr/bin/containerd",
    args: ["--config", writeConfiguration(join(paths.docker, "containerd.toml"), configuration), "--log-level", "warn"],
    configuration: [configuration],
    ready: () => serves(runtimeSocket),
  };
}

/** A Docker daemon that only builds and pushes. It shares nothing with one that the machine may run already. */
export function dockerDaemon(): Daemon {
  // Given so that the machine's /etc/docker/daemon.json is not read: the daemon exits if a setting is there and here.
  const file = writeConfiguration(join(paths.docker, "daemon.json"), "{}\n");
  return {
    name: "dockerd",
    command: "/usr/sbin/dockerd",
    args: [
      `--config-file=${file}`,
      `--host=unix://${paths.dockerSocket}`,
      `--data-root=${join(paths.docker, "data")}`,
      `--exec-root=${join(paths.docker, "exec")}`,
      `--pidfile=${pidFile}`,
      `--containerd=${runtimeSocket}`,
      `--cgroup-parent=/${cgroupRoot}/docker`,
      "--exec-opt=native.cgroupdriver=cgroupfs",
      // Builds get their own addresses on the sandbox's bridge. The machine's firewall rules stay as they are.
      `--bridge=${network.bridge}`,
      `--fixed-cidr=${network.builds}`,
      "--iptables=false",
      "--ip6tables=false",
      "--oom-score-adjust=0",
      "--storage-driver=overlay2",
      "--log-level=warn",
    ],
    prepare: () => {
      ensureCgroup("docker");
      // A killed daemon leaves it, and the next one refuses to start if any process has that pid by then.
      rmSync(pidFile, { force: true });
    },
    ready: async () => (await docker().ping()).toString() === "OK",
    readyTimeout: 60,
    stopTimeout: 20,
  };
}
