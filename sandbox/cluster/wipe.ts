import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Listr, ListrTask } from "listr2";
import { hasEksCluster, stacksOnEks } from "../engine/cluster-claim.ts";
import { nodes, paths } from "../paths.ts";
import { taskList } from "../platform/task-list.ts";
import { stopDaemons } from "../processes/daemon.ts";
import { endProcesses } from "../processes/marked-processes.ts";
import { identify } from "../processes/process-identity.ts";
import { processesInCgroups } from "./cgroups.ts";

/** Exists from the deletion of an EKS cluster until what was in it is deleted too. */
const deletionMark = join(paths.aws, "cluster-leaves");

/** Seconds that pods get to stop by themselves. */
const POD_GRACE = 3;

/** Call it before a stack is destroyed: the clean-up must happen even if this command is killed. */
export function noteDestruction(stack: string): void {
  if (!hasEksCluster(stack)) return;
  mkdirSync(paths.aws, { recursive: true });
  writeFileSync(deletionMark, "");
}

/** Whether the EKS cluster that the one real cluster stood for is deleted. As in AWS, everything in it must go too. */
export function isLeftByEks(): boolean {
  return existsSync(deletionMark) && stacksOnEks().length === 0;
}

const steps: ListrTask[] = [
  {
    title: "Kubelets and controllers",
    // First, so that nothing restarts what is being stopped.
    task: () => stopDaemons([/^kubelet-/, "kube-controller-manager", "kube-scheduler", "kube-proxy"]),
  },
  {
    title: "Pods",
    task: async () => {
      const inPods = processesInCgroups(nodes.map(({ name }) => name)).flatMap((pid) => identify(pid) ?? []);
      await endProcesses(inPods, POD_GRACE);
    },
  },
  {
    title: "Objects",
    task: async () => {
      await stopDaemons(["coredns", "kube-network-policies", "volumes", "kube-apiserver"]);
      await stopDaemons(["etcd"]);
      rmSync(paths.etcd, { recursive: true, force: true });
      rmSync(deletionMark, { force: true });
    },
  },
];

/**
 * The steps that empty the cluster as if it were new: run them with `.run()`, and start the platform afterwards. Images on the
 * nodes and the registry stay. Deleting object by object would take the pods' whole grace periods, and would hang on
 * finalizers and on APIs whose server is gone.
 * The caller holds the lock (see platform/lock.ts).
 */
export function wipeCluster(): Listr {
  return taskList("Platform", steps, "cluster emptied");
}
