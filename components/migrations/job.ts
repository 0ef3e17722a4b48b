import type {
  KubernetesObject,
  V1Container,
  V1Job,
  V1NetworkPolicy,
  V1PodSpec,
  V1PodTemplateSpec,
  V1ServiceAccount,
} from "@kubernetes/client-node";
import { jobLabels, jobName, type Migration, ofMigration } from "./migration.ts";

/** What a migration needs in the cluster. */
export interface MigrationObjects {
  /** Suspended: see run.ts. */
  job: V1Job;
  networkPolicy: V1NetworkPolicy;
  /** The service's own, as Helm will make it. Before the service's first rollout it does not exist. */
  serviceAccount: V1ServiceAccount;
}

/** Mesh proxies do not end with the command, and the Job would never be over. */
const NO_MESH_LABELS = { "sidecar.istio.io/inject": "false", "istio.io/dataplane-mode": "none" };
const NO_MESH = { "sidecar.istio.io/inject": "false", "linkerd.io/inject": "disabled" };
/** Nobody moves the pod to save a node. https://karpenter.sh/docs/concepts/disruption/#pod-level-controls and the autoscaler's FAQ */
const STAYS = { "cluster-autoscaler.kubernetes.io/safe-to-evict": "false", "karpenter.sh/do-not-disrupt": "true" };
/** Metrics of a pod without a server would only be missed. */
const SCRAPED = /^prometheus\.io\//;
/** Seconds between SIGTERM and SIGKILL at the timeout. */
const GRACE_SECONDS = 30;

/** A pod template, wherever a workload has it: Deployment, StatefulSet, Rollout, CronJob. */
interface Workload extends KubernetesObject {
  spec?: { template?: V1PodTemplateSpec; jobTemplate?: { spec?: { template?: V1PodTemplateSpec } } };
}

/**
 * The objects of a migration. Its pod is that of the service, as the chart renders it and `patch` changes it, with another command: the
 * same image, environment, secrets, files, resources, init containers and sidecars, security context and ServiceAccount.
 *
 * @param rendered what the chart renders for the service with the migration's image
 */
export function migrationObjects(rendered: readonly KubernetesObject[], migration: Migration): MigrationObjects {
  const { service, namespace } = migration;
  const name = jobName(migration);
  const policy = find<V1NetworkPolicy>(rendered, "NetworkPolicy", service);
  const account = find<V1ServiceAccount>(rendered, "ServiceAccount", service);
  const labels = { ...jobLabels(service), "app.kubernetes.io/managed-by": "slipway" };
  return {
    job: jobOf(templateOf(rendered, service), migration, labels),
    networkPolicy: {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { name, namespace, labels },
      spec: {
        podSelector: { matchLabels: jobLabels(service) },
        policyTypes: ["Ingress", "Egress"],
        ingress: [],
        egress: policy.spec?.egress ?? [],
      },
    },
    // Helm takes over what says that it belongs to the release: https://github.com/helm/helm/pull/7649
    serviceAccount: {
      ...account,
      metadata: {
        ...account.metadata,
        namespace,
        annotations: {
          ...account.metadata?.annotations,
          "meta.helm.sh/release-name": service,
          "meta.helm.sh/release-namespace": namespace,
        },
      },
    },
  };
}

function jobOf(template: V1PodTemplateSpec, migration: Migration, labels: Record<string, string>): V1Job {
  const { service, release, namespace, config } = migration;
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      name: jobName(migration),
      namespace,
      labels,
      annotations: { "slipway.dev/release": release, "slipway.dev/image": migration.image },
    },
    spec: {
      suspend: true,
      completions: 1,
      parallelism: 1,
      backoffLimit: 0,
      activeDeadlineSeconds: config.timeoutSeconds,
      template: {
        metadata: {
          labels: { ...template.metadata?.labels, ...ofMigration(service), ...NO_MESH_LABELS },
          annotations: { ...withoutScraping(template.metadata?.annotations), ...NO_MESH, ...STAYS },
        },
        spec: podSpec(template.spec as V1PodSpec, migration),
      },
    },
  };
}

function podSpec(spec: V1PodSpec, { service, config }: Migration): V1PodSpec {
  const { topologySpreadConstraints: _, affinity, initContainers, containers, volumes = [], ...rest } = spec;
  const own = containers.find(({ name }) => name === service) as V1Container;
  const {
    startupProbe: _s,
    readinessProbe: _r,
    livenessProbe: _l,
    lifecycle: _h,
    command: _c,
    args: _a,
    ...kept
  } = own;
  const names = volumes.map(({ name }) => name);
  // The volume of a stateful service belongs to its pods.
  const mounted = <C extends V1Container>(container: C): C => ({
    ...container,
    volumeMounts: container.volumeMounts?.filter(({ name }) => names.includes(name)),
  });
  return {
    ...rest,
    // Where the service's pods are does not matter to it. Which nodes they need does.
    ...(affinity?.nodeAffinity && { affinity: { nodeAffinity: affinity.nodeAffinity } }),
    restartPolicy: "Never",
    terminationGracePeriodSeconds: GRACE_SECONDS,
    ...(initContainers && { initContainers: initContainers.map(mounted) }),
    // Others that `patch` has added may never end.
    containers: [mounted({ ...kept, command: config.command, ...(config.args && { args: config.args }) })],
    volumes,
  };
}

function templateOf(rendered: readonly KubernetesObject[], service: string): V1PodTemplateSpec {
  for (const { spec } of rendered as Workload[]) {
    const template = spec?.template ?? spec?.jobTemplate?.spec?.template;
    if (template?.spec?.containers?.some(({ name }) => name === service)) return template;
  }
  throw new Error(`the chart renders no pod of ${service}`);
}

function find<T extends KubernetesObject>(rendered: readonly KubernetesObject[], kind: string, name: string): T {
  const found = rendered.find((object) => object.kind === kind && object.metadata?.name === name);
  if (found === undefined) throw new Error(`the chart renders no ${kind} ${name}`);
  return found as T;
}

function withoutScraping(annotations: Record<string, string> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(annotations).filter(([key]) => !SCRAPED.test(key)));
}
