import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Listr, ListrTask } from "listr2";
import { hasEksCluster, stacksOnEks } from "../engine/cluster-claim.ts";
import { nodes, paths } from "../paths.ts";
import { platformTasks } from "../platform/task-list.ts";
import { stopDaemons } from "../processes/daemon.ts";
import { endProcesses } from "../processes/marked-processes.ts";
import { identify } from "../processes/process-identity.ts";
import { processesInCgroups } from "./cgroups.ts";

/** There from the destruction of an EKS cluster on until what it leaves here is gone too. */
const leaving = join(paths.aws, "cluster-leaves");

/** Seconds that pods get to end by themselves. */
const POD_GRACE = 3;

/** To be called before a stack is destroyed: what follows must come even if this command does not live to see it. */
export function noteDestruction(stack: string): void {
  if (!hasEksCluster(stack)) return;
  mkdirSync(paths.aws, { recursive: true });
  writeFileSync(leaving, "");
}

/** Whether an EKS cluster has gone that the cluster was, and with it, as in AWS, all that was in it ought to. */
export function isLeftByEks(): boolean {
  return existsSync(leaving) && stacksOnEks().length === 0;
}

const steps: ListrTask[] = [
  {
    title: "Kubelets and controllers",
    // First, so that nothing starts anew what is about to end.
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
      await stopDaemons(["coredns", "kube-apiserver"]);
      await stopDaemons(["etcd"]);
      rmSync(paths.etcd, { recursive: true, force: true });
      rmSync(leaving, { force: true });
    },
  },
];

/**
 * The list of steps that empties the cluster, as if it were made anew: run it with `.run()`, and bring the platform up
 * afterwards. Images on the nodes and the registry stay. Deleting object by object would take the pods' whole grace periods
 * and hang on whatever holds one fast, such as an API whose server has gone already.
 * The caller holds the lock (see lock.ts).
 */
export function wipeCluster(): Listr {
  return platformTasks(steps, "its cluster is empty");
}
