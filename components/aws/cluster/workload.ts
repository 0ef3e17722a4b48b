/** Pods that are alike, and what each asks of its node. */
export interface Workload {
  /** As a person knows it, such as "the service api". */
  name: string;
  pods: number;
  cpuMillis: number;
  memoryMiB: number;
  /** Never two on one node: those that find none wait for one. @default false */
  apart?: boolean;
}

/** What a number of pods asks in all. */
export function totalOf(workloads: readonly Workload[]): { cpuMillis: number; memoryMiB: number; pods: number } {
  const sum = (of: (workload: Workload) => number) =>
    workloads.reduce((total, workload) => total + workload.pods * of(workload), 0);
  return { cpuMillis: sum((w) => w.cpuMillis), memoryMiB: sum((w) => w.memoryMiB), pods: sum(() => 1) };
}
