import { isMap } from "../../config/merge.ts";
import type { Fields } from "./fields.ts";
import type { Findings } from "./findings.ts";

/** Where a request of an Ingress leads. */
export interface Route {
  /** The path's item in the Ingress. */
  fields: Fields;
  ingress: Fields;
  host: string;
  /** Port of the Service, by number or name. */
  port: string | number | undefined;
}

/** A workload and what belongs to it. */
export interface Application {
  /** Of the service: that of its Service, under which others call it, else of the workload. */
  name: string;
  workload: Fields;
  services: Fields[];
  autoscaler: Fields | undefined;
  budget: Fields | undefined;
  account: Fields | undefined;
  routes: Route[];
}

export const WORKLOADS = ["Deployment", "StatefulSet", "CronJob"];

/** Path of the pod template of a workload. */
export function templatePath(kind: string): string[] {
  return kind === "CronJob" ? ["spec", "jobTemplate", "spec", "template"] : ["spec", "template"];
}

/** Puts together what belongs together. What belongs to no workload is listed. */
export function applicationsOf(manifests: readonly Fields[], findings: Findings): Application[] {
  const of = (kind: string) => manifests.filter((fields) => fields.kind === kind && !isHook(fields));
  const workloads = manifests.filter((fields) => WORKLOADS.includes(fields.kind) && !isHook(fields));
  const services = of("Service");
  const applications = workloads.map((workload) => {
    const labels = workload.peek(...templatePath(workload.kind), "metadata", "labels");
    const called = services.filter((service) => selects(service.peek("spec", "selector"), labels));
    // The headless Service of a StatefulSet gives names to its pods; others call the other one.
    const ordered = [...called].sort((a, b) => Number(isHeadless(a)) - Number(isHeadless(b)));
    const scaled = (fields: Fields) =>
      fields.peek("spec", "scaleTargetRef", "kind") === workload.kind &&
      fields.peek("spec", "scaleTargetRef", "name") === workload.name;
    const account = workload.peek(...templatePath(workload.kind), "spec", "serviceAccountName");
    return {
      name: nameOf(workload, ordered),
      workload,
      services: ordered,
      autoscaler: of("HorizontalPodAutoscaler").find(scaled),
      budget: of("PodDisruptionBudget").find((budget) =>
        selects(budget.peek("spec", "selector", "matchLabels"), labels),
      ),
      account: of("ServiceAccount").find(({ name }) => name === account),
      routes: of("Ingress").flatMap((ingress) => routesTo(ingress, ordered)),
    };
  });
  reportUnused(manifests, applications, findings);
  return applications;
}

/** Callers know the name of the Service, so the service keeps it. */
function nameOf(workload: Fields, services: readonly Fields[]): string {
  const callable = services.filter((service) => !isHeadless(service));
  if (callable.some(({ name }) => name === workload.name) || callable[0] === undefined) return workload.name;
  return callable[0].name;
}

export function isHeadless(service: Fields): boolean {
  return service.peek("spec", "clusterIP") === "None";
}

/** What Helm and Argo CD run beside a release. */
export function isHook(fields: Fields): boolean {
  const annotations = fields.peek("metadata", "annotations");
  return isMap(annotations) && ("helm.sh/hook" in annotations || "argocd.argoproj.io/hook" in annotations);
}

function selects(selector: unknown, labels: unknown): boolean {
  if (!isMap(selector) || !isMap(labels) || Object.keys(selector).length === 0) return false;
  return Object.entries(selector).every(([key, value]) => String(labels[key]) === String(value));
}

function routesTo(ingress: Fields, services: readonly Fields[]): Route[] {
  return ingress.list("spec", "rules").flatMap((rule) => {
    const host = rule.peek("host");
    if (typeof host !== "string") return [];
    return rule.list("http", "paths").flatMap((fields) => {
      const name = fields.peek("backend", "service", "name");
      if (!services.some((service) => service.name === name)) return [];
      const port = fields.peek("backend", "service", "port");
      const given = isMap(port) ? (port.number ?? port.name) : undefined;
      return [{ fields, ingress, host, port: given as string | number | undefined }];
    });
  });
}

const ADVICE: Record<string, string> = {
  Job: "a Job is not a service. Make it a service of kind: job, or if it changes a database the migration of a service: docs/migrations.md",
  DaemonSet: "Slipway has no service on every node. Keep it where it is",
  Pod: "a Pod without a controller. Make it a Deployment or a Job first",
  ReplicaSet: "Make it a Deployment first",
  Rollout: "Import its Deployment, and set rollout.strategy: docs/strategies.md",
  Namespace: "The stack creates its namespace, or uses one that exists with createNamespace: false",
  NetworkPolicy: "Each service has its own. Say who calls it in network.allowFrom, and what it calls in network.egress",
  ServiceMonitor: "Set metrics: { port, from: <namespace of Prometheus> } of the service",
  PodMonitor: "Set metrics: { port, from: <namespace of Prometheus> } of the service",
  ScaledObject: "Set replicas and scaling.triggers of the service",
  IngressRoute: "Set hosts and ingress of the service",
  HTTPRoute: "Set hosts and ingress of the service",
  VirtualService: "Set hosts and ingress of the service",
  ExternalSecret: "Keep applying it. The service refers to its Secret by secretRefs",
  SealedSecret: "Keep applying it. The service refers to its Secret by secretRefs",
  PersistentVolumeClaim:
    "Only a service of kind: stateful has volumes, one for each pod. Keep it, and its data, until that is decided",
  Role: "Pods have no token for the Kubernetes API. If the service needs one, mount it by patch, and keep the Role",
  RoleBinding:
    "Pods have no token for the Kubernetes API. If the service needs one, mount it by patch, and keep the binding",
};
const OTHER = "Slipway does not manage this kind. Keep applying it as before";

/** Objects that are read where a workload names them. */
const READ_BY_NAME = ["ConfigMap", "Secret"];

function reportUnused(manifests: readonly Fields[], applications: readonly Application[], findings: Findings): void {
  const used = new Set<unknown>(
    applications.flatMap(({ workload, services, autoscaler, budget, account }) => [
      workload.manifest,
      ...services.map(({ manifest }) => manifest),
      autoscaler?.manifest,
      budget?.manifest,
      account?.manifest,
    ]),
  );
  for (const fields of manifests) {
    if (used.has(fields.manifest) || (!isHook(fields) && READ_BY_NAME.includes(fields.kind))) continue;
    if (fields.kind === "Ingress" && !isHook(fields)) continue;
    const place = { ...fields.place(), path: [] };
    if (isHook(fields)) findings.add("leftOut", place, `a hook. ${ADVICE.Job}`);
    else if (fields.kind === "Service")
      findings.add("leftOut", place, "it selects no workload that was read. Keep it if callers need it");
    else if (fields.kind === "ServiceAccount")
      findings.add("leftOut", place, "no workload that was read uses it. Each service has its own");
    else findings.add("leftOut", place, ADVICE[fields.kind] ?? OTHER);
  }
}
