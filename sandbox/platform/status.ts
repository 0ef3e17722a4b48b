import { emulatorAnswers, emulatorName } from "../aws/emulator.ts";
import { answers, apiReady } from "../cluster/control-plane.ts";
import { type NodeStatus, nodeStatuses } from "../cluster/nodes.ts";
import { stacksOnEks } from "../engine/cluster-claim.ts";
import { docker } from "../images/docker.ts";
import { nodes, registryHost } from "../paths.ts";
import { logFile, recordedDaemons } from "../processes/daemon.ts";

/** One part of the platform that must be healthy. */
export interface PlatformPart {
  name: string;
  healthy: boolean;
  /** Details, such as since when a process has been running or why a node is not ready. */
  detail?: string;
}

export interface PlatformStatus {
  /** Every part is healthy. */
  ready: boolean;
  parts: PlatformPart[];
}

const always = [
  "registry",
  "containerd-docker",
  "dockerd",
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "coredns",
  "kube-network-policies",
  "volumes",
  "kube-proxy",
  ...nodes.flatMap(({ name }) => [`containerd-${name}`, `kubelet-${name}`]),
];

const orFalse = (probe: Promise<boolean>): Promise<boolean> => probe.catch(() => false);

function processParts(): PlatformPart[] {
  const recorded = new Map(recordedDaemons().map((record) => [record.name, record]));
  const withAws = recorded.get(emulatorName)?.alive || stacksOnEks().length > 0;
  return [...always, ...(withAws ? [emulatorName] : [])].map((name) => {
    const record = recorded.get(name);
    return record?.alive
      ? { name, healthy: true, detail: `process ${record.pid}, since ${record.startedAt}` }
      : { name, healthy: false, detail: record ? `ended; its log: ${logFile(name)}` : "not running" };
  });
}

async function nodeParts(apiAnswers: boolean): Promise<PlatformPart[]> {
  const absent = nodes.map(
    ({ name }): NodeStatus => ({ name, ready: false, reason: "the API server does not answer" }),
  );
  const statuses = apiAnswers ? await nodeStatuses().catch(() => absent) : absent;
  return statuses.map(({ name, ready, reason }) => ({
    name,
    healthy: ready,
    ...(reason === undefined ? {} : { detail: reason }),
  }));
}

/** Reads the state of the platform and changes nothing. Never throws: a part that does not answer is not healthy. */
export async function platformStatus(): Promise<PlatformStatus> {
  const processes = processParts();
  const runs = (name: string): boolean => processes.some((part) => part.name === name && part.healthy);
  const [api, registry, aws, dockerAnswers] = await Promise.all([
    runs("kube-apiserver") && orFalse(apiReady()),
    runs("registry") && orFalse(answers(`http://${registryHost}/v2/`)),
    runs(emulatorName) && emulatorAnswers(),
    runs("dockerd") &&
      orFalse(
        docker()
          .ping()
          .then(() => true),
      ),
  ]);
  const parts = [
    ...processes,
    { name: "API answers", healthy: api },
    { name: "registry answers", healthy: registry },
    { name: "Docker answers", healthy: dockerAnswers },
    ...(processes.some(({ name }) => name === emulatorName) ? [{ name: "emulated AWS answers", healthy: aws }] : []),
    ...(await nodeParts(api)),
  ];
  return { ready: parts.every(({ healthy }) => healthy), parts };
}
