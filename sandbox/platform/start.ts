import { existsSync, mkdirSync } from "node:fs";
import type { Listr } from "listr2";
import { awsStep } from "../aws/steps.ts";
import { ensureBridge } from "../cluster/bridge.ts";
import { ensureCertificates } from "../cluster/certificates.ts";
import { containerdDaemon, runtimeState } from "../cluster/container-runtime.ts";
import { apiServerDaemon, controllerManagerDaemon, etcdDaemon, schedulerDaemon } from "../cluster/control-plane.ts";
import { ensureKernelSettings } from "../cluster/kernel-settings.ts";
import { writeAdminKubeconfig } from "../cluster/kubeconfig.ts";
import { kubeletDaemon } from "../cluster/kubelet.ts";
import { networkPolicyDaemon } from "../cluster/network-policy.ts";
import { nodeStatuses } from "../cluster/nodes.ts";
import { applyClusterObjects } from "../cluster/objects.ts";
import { type ResumedPods, resumedPods } from "../cluster/resumed-pods.ts";
import { dnsDaemon, kubeProxyDaemon } from "../cluster/service-network.ts";
import { volumeDriverDaemon } from "../cluster/volume-driver-daemon.ts";
import { ensureLanguageHost } from "../engine/install-language-host.ts";
import { missingImages } from "../images/build.ts";
import { dockerDaemon, dockerRuntimeDaemon } from "../images/docker.ts";
import { pauseRecipe, recipes } from "../images/recipes.ts";
import { registryDaemon } from "../images/registry.ts";
import { ensurePackages } from "../machine/debian-packages.ts";
import { noteOutsideFolders } from "../machine/outside-folders.ts";
import { checkMachine } from "../machine/requirements.ts";
import { nodes, state } from "../paths.ts";
import { ensureDaemon } from "../processes/daemon.ts";
import { waitFor } from "../processes/wait.ts";
import { toolPath } from "../toolchain.ts";
import { toolsNeededBy } from "../tools.ts";
import { gitopsStep } from "./gitops.ts";
import { dropStaleBoot } from "./reboot.ts";
import { daemonStep, imageStep, inTurn, type Step, together, toolStep } from "./steps.ts";
import { strategiesStep } from "./strategies.ts";
import { taskList } from "./task-list.ts";
import { progressTo } from "./task-progress.ts";

const machineSteps: Step[] = [
  { title: "Check this machine", task: () => checkMachine() },
  {
    title: "Debian packages",
    task: async (_, task) => {
      const installed = await ensurePackages(progressTo(task));
      if (installed.length > 0) task.title = `Debian packages: installed ${installed.join(", ")}`;
    },
  },
  {
    title: "Tools",
    task: (_, task) => task.newListr(toolsNeededBy("platform").map(toolStep)),
  },
  {
    title: "Pulumi's language host",
    task: async (_, task) => {
      if ((await ensureLanguageHost()) === "installed") task.title = `${task.title}: installed`;
    },
  },
  {
    title: "Network and kernel settings",
    task: async () => {
      mkdirSync(state, { recursive: true });
      dropStaleBoot();
      noteOutsideFolders();
      await ensureKernelSettings();
      await ensureBridge();
    },
  },
];

const controlPlaneSteps: Step[] = [
  {
    title: "Certificates",
    task: async () => {
      await ensureCertificates();
      writeAdminKubeconfig();
    },
  },
  daemonStep("etcd", () => etcdDaemon(toolPath("etcd"))),
  daemonStep("API server", () => apiServerDaemon(toolPath("kube-apiserver"))),
  {
    title: "Controllers, scheduler, DNS, network policies, volumes",
    task: async (_, task) => {
      await applyClusterObjects();
      const daemons = [
        controllerManagerDaemon(toolPath("kube-controller-manager")),
        schedulerDaemon(toolPath("kube-scheduler")),
        dnsDaemon(toolPath("coredns")),
        networkPolicyDaemon(toolPath("kube-network-policies")),
        volumeDriverDaemon(),
      ];
      const done = await Promise.all(daemons.map(ensureDaemon));
      if (done.includes("started")) task.title = `${task.title}: started`;
    },
  },
];

const buildSteps: Step[] = [
  daemonStep("Registry", registryDaemon),
  daemonStep("Docker's containerd", dockerRuntimeDaemon),
  daemonStep("Docker daemon", dockerDaemon),
  imageStep(pauseRecipe),
];

/** Nodes that start after a stop or a restart of the machine. All pods on them ended and have to start again. */
const resumed = new Set<string>();

const nodeSteps: Step[] = nodes.map((node) => ({
  title: `Node ${node.name}`,
  task: async (_, task) => {
    if (!existsSync(runtimeState(node))) resumed.add(node.name);
    const done = [
      await ensureDaemon(containerdDaemon(node)),
      await ensureDaemon(kubeletDaemon(toolPath("kubelet"), node)),
    ];
    if (done.includes("started")) task.title = `Node ${node.name}: started`;
    await waitFor(async () => (await nodeStatuses()).some(({ name, ready }) => name === node.name && ready), {
      what: `node ${node.name} to be ready`,
      timeout: 90,
      every: 250,
    });
  },
}));

/** Seconds that pods of the last run get to become ready. A pod that never was ready must not fail the start. */
const RESUME_TIMEOUT = 45;

function describeResumed({ ready, total }: ResumedPods): string {
  if (ready === total) return `all ${total} ready`;
  return `${ready} of ${total} ready; for the others: npm run sandbox -- kubectl get pods -A`;
}

const resumeStep: Step = {
  title: "Pods of the last run",
  task: async (_, task) => {
    if (resumed.size === 0) return;
    const { title } = task;
    let pods: ResumedPods = { ready: 0, total: 0 };
    const served = async (): Promise<boolean> => {
      pods = await resumedPods();
      const missing = pods.total - pods.ready;
      if (missing > 0)
        task.title = `${title}: waiting ${RESUME_TIMEOUT} s at most for ${missing} of ${pods.total} to be ready`;
      return missing === 0;
    };
    await waitFor(served, { what: "pods", timeout: RESUME_TIMEOUT, every: 500 }).catch(() => undefined);
    resumed.clear();
    if (pods.total > 0) task.title = `${title}: ${describeResumed(pods)}`;
  },
};

// kube-proxy waits for the node that it is named after, so it starts together with the nodes.
const clusterSteps: Step[] = [
  ...nodeSteps,
  daemonStep("Service network", () => kubeProxyDaemon(toolPath("kube-proxy"))),
];

const imageSteps: Step = {
  title: "Images",
  task: async (_, task) => {
    const missing = await missingImages();
    return task.newListr(recipes.filter((recipe) => missing.includes(recipe)).map(imageStep), inTurn);
  },
};

export interface PlatformOptions {
  /** Also start the emulated AWS, with what stacks on EKS need. @default false */
  aws?: boolean;
  /** Also have what stacks with blue/green and canary rollouts need. @default false */
  strategies?: boolean;
  /** Also have what stacks with an Argo CD of their own need. @default false */
  gitops?: boolean;
}

/**
 * The steps that start the platform: run them with `.run()`. Every step checks first and does only what is missing, so that a
 * healthy platform stays as it is and a partly dead one is repaired.
 * The caller holds the lock (see lock.ts).
 * @throws (by `.run()`) an Error whose message tells the user what to do. Show it without its stack trace.
 */
export function startPlatform({ aws = false, strategies = false, gitops = false }: PlatformOptions = {}): Listr {
  const steps: Step[] = [
    ...machineSteps,
    {
      title: "Control plane, registry and Docker daemon",
      task: (_, task) =>
        task.newListr(
          [
            { title: "Control plane", task: (_, part) => part.newListr(controlPlaneSteps, inTurn) },
            { title: "Registry and Docker daemon", task: (_, part) => part.newListr(buildSteps, inTurn) },
          ],
          together,
        ),
    },
    {
      title: "Nodes and images",
      task: (_, task) =>
        task.newListr(
          [{ title: "Nodes", task: (_, part) => part.newListr(clusterSteps, together) }, imageSteps],
          together,
        ),
    },
    resumeStep,
    ...(aws ? [awsStep] : []),
    ...(strategies ? [strategiesStep] : []),
    ...(gitops ? [gitopsStep] : []),
  ];
  return taskList("Platform", steps, "up");
}
