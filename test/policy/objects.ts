import type { KubernetesObject } from "@kubernetes/client-node";

const CONTAINER = {
  name: "web",
  image: `registry.example.com/shop@sha256:${"1".repeat(64)}`,
  ports: [{ containerPort: 8080 }],
  resources: { requests: { cpu: "100m", memory: "64Mi" }, limits: { memory: "128Mi" } },
  readinessProbe: {},
  livenessProbe: {},
  securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
};

const KEYS = ["kubernetes.io/hostname", "topology.kubernetes.io/zone"];

/** Spec of a pod that keeps all rules, with a part changed. */
export function pod(container: object = {}, spec: object = {}): object {
  return {
    containers: [{ ...CONTAINER, ...container }],
    securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
    topologySpreadConstraints: KEYS.map((topologyKey) => ({ topologyKey })),
    ...spec,
  };
}

interface Changes {
  container?: object;
  spec?: object;
  replicas?: number | undefined;
  strategy?: object;
}

/** A Deployment that keeps all rules, with a part changed. */
export function deployment(changes: Changes = {}): KubernetesObject {
  const { container, spec, strategy } = changes;
  const replicas = "replicas" in changes ? changes.replicas : 2;
  const template = { metadata: { labels: { app: "web" } }, spec: pod(container, spec) };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web" },
    spec: { replicas, strategy, template },
  } as KubernetesObject;
}

/** All that a release of one service has, with a part changed. */
export function ofRelease(changes: Changes = {}): KubernetesObject[] {
  const budget = { selector: { matchLabels: { app: "web" } }, maxUnavailable: 1 };
  return [deployment(changes), { kind: "PodDisruptionBudget", spec: budget } as KubernetesObject];
}
