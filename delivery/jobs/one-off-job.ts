import { randomBytes } from "node:crypto";
import type {
  V1Container,
  V1CronJob,
  V1Job,
  V1NetworkPolicy,
  V1PodSpec,
  V1PodTemplateSpec,
} from "@kubernetes/client-node";

/** Label of the pods of one-off commands, and of their Jobs. */
export const RUN_LABEL = "app.kubernetes.io/component";
export const RUN_LABEL_VALUE = "run";
const INSTANCE = "app.kubernetes.io/instance";
/** How long a Job and its log are kept after its end. */
const KEPT_SECONDS = 24 * 3600;
/** Labels that say to which revision of a workload a pod belongs. */
const REVISIONS = [
  "pod-template-hash",
  "rollouts-pod-template-hash",
  "controller-revision-hash",
  "statefulset.kubernetes.io/pod-name",
  "apps.kubernetes.io/pod-index",
];

export interface RunOrder {
  service: string;
  namespace: string;
  /** Who runs it, and where. */
  by: string;
  /** In place of the image's entry point and arguments. @default - what the service runs */
  command?: readonly string[];
  timeoutSeconds?: number;
}

/** Of a CronJob: a run like those by its schedule, kept in the history with them. */
export function jobOfCronJob({ metadata, spec }: V1CronJob, order: RunOrder): V1Job {
  const { name = "", uid = "" } = metadata ?? {};
  const { labels, annotations } = spec?.jobTemplate.metadata ?? {};
  const jobSpec = spec?.jobTemplate.spec;
  if (jobSpec === undefined) throw new Error(`the CronJob ${name} has no template of a Job`);
  const podSpec = jobSpec.template.spec;
  const template =
    order.command && podSpec ? { ...jobSpec.template, spec: withCommand(podSpec, order) } : jobSpec.template;
  const isOneOff = order.command !== undefined;
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      ...metadataOf(order, { ...labels, ...(isOneOff && { [RUN_LABEL]: RUN_LABEL_VALUE }) }),
      // As kubectl create job --from marks it.
      annotations: { ...annotations, ...annotationsOf(order), "cronjob.kubernetes.io/instantiate": "manual" },
      ownerReferences: [{ apiVersion: "batch/v1", kind: "CronJob", name, uid, controller: !isOneOff }],
    },
    spec: {
      ...jobSpec,
      template: isOneOff
        ? withLabels(template, { ...template.metadata?.labels, [RUN_LABEL]: RUN_LABEL_VALUE })
        : template,
      ...(isOneOff && { backoffLimit: 0, ttlSecondsAfterFinished: KEPT_SECONDS }),
      ...(order.timeoutSeconds !== undefined && { activeDeadlineSeconds: order.timeoutSeconds }),
    },
  };
}

/**
 * A command in the pod of a service that runs all the time. The pod has the service's name, so that others admit it and it has the same
 * access, but another instance: no Service, budget, autoscaler or workload of the service selects it. It begins suspended: see
 * networkPolicyOf.
 */
export function jobOfPod(pod: V1PodTemplateSpec, order: RunOrder): V1Job {
  const { labels: own = {}, annotations: given = {} } = pod.metadata ?? {};
  const labels = Object.fromEntries(Object.entries(own).filter(([key]) => !REVISIONS.includes(key)));
  const changed = { ...labels, [INSTANCE]: `${order.service}.run`, [RUN_LABEL]: RUN_LABEL_VALUE };
  // Prometheus would look for metrics.
  const annotations = Object.fromEntries(Object.entries(given).filter(([key]) => !key.startsWith("prometheus.io/")));
  if (pod.spec === undefined) throw new Error(`the workload of ${order.service} has no pod`);
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { ...metadataOf(order, changed), annotations: annotationsOf(order) },
    spec: {
      suspend: true,
      backoffLimit: 0,
      activeDeadlineSeconds: order.timeoutSeconds ?? 3600,
      ttlSecondsAfterFinished: KEPT_SECONDS,
      template: {
        metadata: { labels: changed, annotations },
        spec: withCommand(withoutService(pod.spec, order.service), order),
      },
    },
  };
}

/** Init containers that do not run for a one-off command: one may be a migration. Sidecars run. */
export function leftOutContainers({ spec }: V1PodTemplateSpec): string[] {
  return (spec?.initContainers ?? []).filter((container) => !isSidecar(container)).map(({ name }) => name);
}

/**
 * What the pod may call: the service's own egress, and nobody may call it. The service's policy does not select it. The Job is its
 * owner, so that both go together.
 */
export function networkPolicyOf({ metadata }: V1Job, { spec }: V1NetworkPolicy): V1NetworkPolicy {
  const { name = "", namespace = "", uid = "", labels } = metadata ?? {};
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: {
      name,
      namespace,
      ...(labels && { labels }),
      ownerReferences: [{ apiVersion: "batch/v1", kind: "Job", name, uid }],
    },
    spec: {
      podSelector: { matchLabels: { "batch.kubernetes.io/job-name": name } },
      policyTypes: ["Ingress", "Egress"],
      ingress: [],
      egress: spec?.egress ?? [],
    },
  };
}

function metadataOf({ service, namespace }: RunOrder, labels: Record<string, string>) {
  return { name: `${service}-run-${randomBytes(3).toString("hex")}`, namespace, labels };
}

function annotationsOf({ by, command }: RunOrder): Record<string, string> {
  return { "slipway.dev/run-by": by, ...(command && { "slipway.dev/command": command.join(" ").slice(0, 1000) }) };
}

function withLabels(template: V1PodTemplateSpec, labels: Record<string, string>): V1PodTemplateSpec {
  return { ...template, metadata: { ...template.metadata, labels } };
}

function withCommand(spec: V1PodSpec, { service, command }: RunOrder): V1PodSpec {
  if (command === undefined) return spec;
  const containers = spec.containers.map(({ args, ...container }) =>
    container.name === service ? { ...container, command: [...command] } : { ...container, ...(args && { args }) },
  );
  return { ...spec, containers };
}

/** Without what only a pod that serves has a use for: checks of its health, ports, its place among the others, its volume. */
function withoutService(spec: V1PodSpec, service: string): V1PodSpec {
  const { topologySpreadConstraints: _, affinity, initContainers = [], volumes = [], ...rest } = spec;
  const { podAntiAffinity: __, ...otherAffinity } = affinity ?? {};
  const mountable = new Set(volumes.map(({ name }) => name));
  const mounted = (container: V1Container): V1Container => ({
    ...container,
    // The claims of a StatefulSet are those of its pods.
    volumeMounts: (container.volumeMounts ?? []).filter(({ name }) => mountable.has(name)),
  });
  const sidecars = initContainers.filter(isSidecar).map(mounted);
  return {
    ...rest,
    volumes,
    restartPolicy: "Never",
    ...(Object.keys(otherAffinity).length > 0 && { affinity: otherAffinity }),
    ...(sidecars.length > 0 && { initContainers: sidecars }),
    containers: spec.containers
      .filter(({ name }) => name === service)
      .map(({ readinessProbe, livenessProbe, startupProbe, lifecycle, ports, ...container }) => mounted(container)),
  };
}

function isSidecar({ restartPolicy }: V1Container): boolean {
  return restartPolicy === "Always";
}
