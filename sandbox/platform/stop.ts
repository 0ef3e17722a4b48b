import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import type { Listr, ListrTask } from "listr2";
import { emulatorName } from "../aws/emulator.ts";
import { removeBridge, removeKubeRules } from "../cluster/bridge.ts";
import { processesInCgroups, removeCgroups } from "../cluster/cgroups.ts";
import { runtimeState } from "../cluster/container-runtime.ts";
import { restoreKernelSettings } from "../cluster/kernel-settings.ts";
import { cleanAfterInstall } from "../machine/debian-packages.ts";
import { cleanOutsideFolders } from "../machine/outside-folders.ts";
import { network, nodes, paths, state } from "../paths.ts";
import { stopDaemons } from "../processes/daemon.ts";
import { endProcesses, markedProcesses } from "../processes/marked-processes.ts";
import { identify } from "../processes/process-identity.ts";
import { transientFolders } from "./reboot.ts";
import { platformTasks } from "./task-list.ts";

/** Seconds that pods get to end by themselves: for a machine that is switched off, not for traffic that is moved. */
const POD_GRACE = 3;

/** Everything mounted below the state folder, the innermost first: containers' roots, pods' volumes, network namespaces. */
function mountsBelowState(): string[] {
  const points = readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .flatMap((line) => line.split(" ")[4] ?? [])
    // The kernel writes blanks and the like as octal.
    .map((point) => point.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))));
  return points.filter((point) => point.startsWith(`${state}/`)).reverse();
}

async function unmountAll(): Promise<void> {
  // Several may lie on one point, each taken off by one round.
  for (let round = 0; round < 5; round++) {
    const points = mountsBelowState();
    if (points.length === 0) return;
    const { exitCode } = await execa("umount", points, { reject: false });
    if (exitCode !== 0) await execa("umount", ["--lazy", ...mountsBelowState()], { reject: false });
  }
}

/** Ends of pods' links that the kernel has not yet removed with their network namespace. */
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
    // First, so that nothing starts anew what is about to end.
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
  { title: "Control plane", task: () => stopDaemons(["coredns", "kube-apiserver"]) },
  {
    title: "What is left of processes",
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
    },
  },
  { title: "Cgroups", task: removeCgroups },
  {
    title: "Kernel settings and files elsewhere",
    task: async () => {
      await cleanAfterInstall();
      cleanOutsideFolders(runtimeStates);
      restoreKernelSettings();
      for (const folder of [...transientFolders, paths.run]) rmSync(folder, { recursive: true, force: true });
    },
  },
];

/**
 * The list of steps that stops the platform: run it with `.run()`. Afterwards nothing of it is left but the cache and
 * the state folder, with which the next start goes on where this one stopped. Also mends a stop that was interrupted.
 * The caller holds the lock (see lock.ts).
 */
export function stopPlatform(): Listr {
  return platformTasks(existsSync(state) ? steps : [], "stopped");
}

/** Stops the platform and forgets everything that it held: cluster, registry, engine state. The cache stays. */
export function removePlatform(): Listr {
  const remove: ListrTask = { title: `Remove ${state}`, task: () => rmSync(state, { recursive: true, force: true }) };
  return platformTasks([...(existsSync(state) ? steps : []), remove], "removed");
}
