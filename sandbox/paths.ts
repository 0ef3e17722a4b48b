import { join } from "node:path";
import { cache, state } from "./folders.mjs";

export { cache, state };

/** Folder of the project: Pulumi.yaml, index.ts and stacks/ are here. */
export const projectRoot = join(import.meta.dirname, "..");

export const paths = {
  cache,
  state,
  /** One log per process, `<name>.log`. */
  logs: join(state, "logs"),
  /** Records that are valid only while the platform runs; emptied by `stop`. */
  run: join(state, "run"),
  lock: join(state, "lock.json"),
  /** Admin access; its one context is named {@link contextName}. */
  kubeconfig: join(state, "kubeconfig"),
  pki: join(state, "pki"),
  etcd: join(state, "etcd"),
  /** Home of the engine, with its plugins. */
  pulumiHome: join(state, "pulumi"),
  /** The engine's file backend: one state per stack. */
  stackStates: join(state, "stacks"),
  registry: join(state, "registry"),
  /** The state of the emulated AWS. */
  aws: join(state, "aws"),
  docker: join(state, "docker"),
  dockerSocket: join(state, "docker/docker.sock"),
  /** Built tools, `<tool>-<hash>`. */
  toolchain: join(cache, "toolchain"),
  /** Links with the names of the commands: kubectl, helm, pulumi, … */
  bin: join(cache, "bin"),
  /** The same for plugins of the engine, which must not be on PATH. */
  plugins: join(cache, "plugins"),
} as const;

/** The folder of one node, with its containerd, kubelet and logs of pods. */
export const nodeFolder = (node: string): string => join(state, node);

export const contextName = "slipway";

/**
 * Addresses of the sandbox's bridge and of services. 10.213 and 10.214 do not overlap the defaults of Docker (172.17–31), podman
 * (10.88, 10.89), kind, minikube (192.168.49), flannel (10.244) and k3s (10.42, 10.43).
 */
export const network = {
  bridge: "slipway0",
  /** Pods, nodes and the control plane share one bridge, so that they reach each other without routes. */
  range: "10.213.0.0/16",
  prefix: 16,
  api: "10.213.0.1",
  dns: "10.213.0.10",
  podsFrom: "10.213.1.1",
  podsTo: "10.213.249.254",
  /** Containers of image builds. */
  builds: "10.213.250.0/24",
  services: "10.214.0.0/16",
  /** The `kubernetes` service: always the first address of the range. */
  apiService: "10.214.0.1",
  domain: "cluster.local",
} as const;

export const ports = {
  api: 6443,
  registry: 5000,
  /** The usual port of emulators. Used only if a stack runs on EKS. */
  aws: 4566,
  ingress: 30080,
  etcd: 12379,
  etcdPeer: 12380,
} as const;

/**
 * Queues of the kernel (NFQUEUE), by number: the first packet of each connection of a pod waits in `gate` until the API knows the
 * pod, then in `engine` for the network policies' verdict. Far from the small numbers that other programs take.
 */
export const policyQueues = { gate: 10213, engine: 10214 } as const;

export const registryHost = `127.0.0.1:${ports.registry}`;
export const apiUrl = `https://${network.api}:${ports.api}`;

/** A node of the cluster. Both share the one real machine but have their own containerd, kubelet and address. */
export interface NodeSpec {
  name: string;
  address: string;
  zone: string;
}

export const nodes: readonly NodeSpec[] = [
  { name: "node-1", address: "10.213.0.11", zone: "zone-a" },
  { name: "node-2", address: "10.213.0.12", zone: "zone-b" },
];

/** The cgroup, under each controller, of all pods and builds of the sandbox. */
export const cgroupRoot = "slipway";
