import type { KubernetesObject, V1Container, V1ObjectMeta, V1PodSpec } from "@kubernetes/client-node";

/** An object that has pods. */
export interface Workload {
  /** Such as `Deployment api`. */
  label: string;
  kind: string;
  name: string;
  replicas: number | undefined;
  /** The pods are replaced all at once, because two versions must not run side by side. */
  recreates: boolean;
  /** Its pods run until they are replaced, and not to an end. */
  isLasting: boolean;
  podLabels: Record<string, string>;
  pod: V1PodSpec;
}

/** Kinds with pods: of Kubernetes, and of Argo Rollouts. */
const LASTING = ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Rollout"];

interface WorkloadSpec {
  replicas?: number;
  strategy?: { type?: string };
  template?: PodTemplate;
  jobTemplate?: { spec?: { template?: PodTemplate } };
}

interface PodTemplate {
  metadata?: V1ObjectMeta;
  spec?: V1PodSpec;
}

export function workloadsIn(objects: readonly KubernetesObject[]): Workload[] {
  return objects.flatMap((object) => workloadOf(object) ?? []);
}

function workloadOf(object: KubernetesObject): Workload | undefined {
  const { kind = "", metadata } = object;
  const { spec = {} } = object as { spec?: WorkloadSpec };
  const template = templateOf(kind, object, spec);
  if (template?.spec === undefined) return undefined;
  const name = metadata?.name ?? "";
  return {
    label: `${kind} ${name}`,
    kind,
    name,
    replicas: spec.replicas,
    recreates: spec.strategy?.type === "Recreate",
    isLasting: LASTING.includes(kind),
    podLabels: template.metadata?.labels ?? {},
    pod: template.spec,
  };
}

function templateOf(kind: string, object: KubernetesObject, spec: WorkloadSpec): PodTemplate | undefined {
  if (kind === "Pod") return object as PodTemplate;
  if (kind === "CronJob") return spec.jobTemplate?.spec?.template;
  return LASTING.includes(kind) || kind === "Job" ? spec.template : undefined;
}

/** Every container of a pod, those that run before the others included. */
export function containersOf({ initContainers = [], containers = [] }: V1PodSpec): V1Container[] {
  return [...initContainers, ...containers];
}

/** Whether a selector's labels are all among those of a pod. */
export function selects(labels: Record<string, string> | undefined, podLabels: Record<string, string>): boolean {
  const entries = Object.entries(labels ?? {});
  return entries.length > 0 && entries.every(([key, value]) => podLabels[key] === value);
}

/** Objects of a kind. */
export function ofKind<T extends KubernetesObject>(objects: readonly KubernetesObject[], kind: string): T[] {
  return objects.filter((object) => object.kind === kind) as T[];
}
