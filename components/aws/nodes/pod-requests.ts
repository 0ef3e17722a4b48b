/** Replicas of one pod, and what each requests of its node. */
export interface PodRequests {
  /** For messages, such as "the service api". */
  name: string;
  replicas: number;
  cpuMillis: number;
  memoryMiB: number;
  /** Never two on one node; replicas beyond the number of nodes stay pending. @default false */
  onePerNode?: boolean;
}

/** The requests of all replicas together. */
export function totalRequests(all: readonly PodRequests[]): { cpuMillis: number; memoryMiB: number; pods: number } {
  const sum = (perReplica: (requests: PodRequests) => number) =>
    all.reduce((total, requests) => total + requests.replicas * perReplica(requests), 0);
  return { cpuMillis: sum((one) => one.cpuMillis), memoryMiB: sum((one) => one.memoryMiB), pods: sum(() => 1) };
}
