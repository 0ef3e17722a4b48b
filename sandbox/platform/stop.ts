import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import type { Listr, ListrTask } from "listr2";
import { emulatorName } from "../aws/emulator.ts";
import { removeBridge, removeKubeRules } from "../cluster/bridge.ts";
import { processesInCgroups, removeCgroups } from "../cluster/cgroups.ts";
import { runtimeState } from "../cluster/container-runtime.ts";
import { restoreKernelSettings } from "../cluster/kernel-settings.ts";
import { removePolicyTable } from "../cluster/network-policy.ts";
import { cleanAfterInstall } from "../machine/debian-packages.ts";
import { cleanOutsideFolders } from "../machine/outside-folders.ts";
import { network, nodes, paths, state } from "../paths.ts";
import { stopDaemons } from "../processes/daemon.ts";
import { endProcesses, markedProcesses } from "../processes/marked-processes.ts";
import { identify } from "../processes/process-identity.ts";
import { transientFolders } from "./reboot.ts";
import { taskList } from "./task-list.ts";

/** Seconds that pods get to stop by themselves. There is no traffic to move elsewhere. */
const POD_GRACE = 3;

/** Mounts below the state folder, the innermost first: containers' roots, pods' volumes, network namespaces. */
function mountsBelowState(): string[] {
  const points = readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .flatMap((line) => line.split(" ")[4] ?? [])
    // The kernel writes spaces and the like as octal numbers.
    .map((point) => point.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))));
  return points.filter((point) => point.startsWith(`${state}/`)).reverse();
}

async function unmountAll(): Promise<void> {
  // One point may have several mounts. Each round removes one of them.
  for (let round = 0; round < 5; round++) {
    const points = mountsBelowState();
    if (points.length === 0) return;
    const { exitCode } = await execa("umount", points, { reject: false });
    if (exitCode !== 0) await execa("umount", ["--lazy", ...mountsBelowState()], { reject: false });
  }
}

/** Removes pods' links that the kernel has not yet removed with their network namespace. */
async function removeLinks(): Promise<void> {
  const { stdout, exitCode } = await execa("ip", ["-json", "link", "show", "master", network.bridge], {
    reject: false,
  });
  if (exitCode !== 0) return;
  for (const { ifname } of JSON.parse(stdout) as { ifname: string }[])
    await execa("ip", ["link", "delete", ifname], { reject: false });
}

const runtimeStates = [...nodes.map(runtimeState), join(paths.docker, "containerd-state")];

const steps: ListrTask[] = [
  {
    title: "Kubelets and controllers",
    // First, so that nothing restarts what is being stopped.
    task: () => stopDaemons([/^kubelet-/, "kube-controller-manager", "kube-scheduler", "kube-proxy"]),
  },
  {
    title: "Pods",
    task: async () => {
      const inPods = processesInCgroups().flatMap((pid) => identify(pid) ?? []);
      await endProcesses(inPods, POD_GRACE);
    },
  },
  {
    title: "Docker daemon, registry and emulated AWS",
    task: () => stopDaemons(["dockerd", "registry", emulatorName]),
  },
  {
    title: "Control plane",
    task: () => stopDaemons(["coredns", "kube-network-policies", "volumes", "kube-apiserver"]),
  },
  {
    title: "Remaining processes",
    task: async () => {
      await stopDaemons([/./]);
      await endProcesses(markedProcesses(), 2);
    },
  },
  { title: "Mounts", task: unmountAll },
  {
    title: "Network and rules",
    task: async () => {
      await removeLinks();
      await removeKubeRules();
      await removeBridge();
      await removePolicyTable();
    },
  },
  { title: "Cgroups", task: removeCgroups },
  {
    title: "Kernel settings and files outside the state folder",
    task: async () => {
      await cleanAfterInstall();
      cleanOutsideFolders(runtimeStates);
      restoreKernelSettings();
      for (const folder of [...transientFolders, paths.run]) rmSync(folder, { recursive: true, force: true });
    },
  },
];

/**
 * The steps that stop the platform: run them with `.run()`. Afterwards only the cache and the state folder are left, and the
 * next start continues from them. Running it again completes a stop that was interrupted.
 * The caller holds the lock (see lock.ts).
 */
export function stopPlatform(): Listr {
  return taskList("Platform", existsSync(state) ? steps : [], "stopped");
}

/** Stops the platform and deletes everything that it held: cluster, registry, engine state. The cache stays. */
export function removePlatform(): Listr {
  const remove: ListrTask = { title: `Remove ${state}`, task: () => rmSync(state, { recursive: true, force: true }) };
  return taskList("Platform", [...(existsSync(state) ? steps : []), remove], "removed");
}
