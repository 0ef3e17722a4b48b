import { isDeepStrictEqual } from "node:util";
import type { Fields } from "./fields.ts";

type Rule = readonly [path: string, ...values: unknown[]];

/**
 * Values that mean the same as if they were left out, by the end of their path; * is any part. The API server writes most of them into
 * each object. https://github.com/kubernetes/kubernetes/tree/v1.36.1/pkg/apis (defaults.go of core, apps, batch, autoscaling)
 */
const MEANINGLESS: readonly Rule[] = [
  ["revisionHistoryLimit", 10],
  ["progressDeadlineSeconds", 600],
  ["minReadySeconds", 0],
  ["paused", false],
  ["strategy", { type: "RollingUpdate" }],
  ["strategy", { type: "RollingUpdate", rollingUpdate: { maxSurge: "25%", maxUnavailable: "25%" } }],
  ["updateStrategy", { type: "RollingUpdate" }],
  ["updateStrategy", { type: "RollingUpdate", rollingUpdate: { partition: 0 } }],
  ["podManagementPolicy", "OrderedReady", "Parallel"],
  ["persistentVolumeClaimRetentionPolicy", { whenDeleted: "Retain", whenScaled: "Retain" }],
  ["spec.restartPolicy", "Always"],
  ["spec.dnsPolicy", "ClusterFirst"],
  ["spec.schedulerName", "default-scheduler"],
  ["spec.hostNetwork", false],
  ["spec.hostPID", false],
  ["spec.hostIPC", false],
  ["spec.enableServiceLinks", true, false],
  ["spec.automountServiceAccountToken", false],
  ["spec.terminationGracePeriodSeconds", 30],
  ["containers.*.imagePullPolicy", "Always", "IfNotPresent"],
  ["initContainers.*.imagePullPolicy", "Always", "IfNotPresent"],
  ["terminationMessagePath", "/dev/termination-log"],
  ["terminationMessagePolicy", "File", "FallbackToLogsOnError"],
  ["stdin", false],
  ["tty", false],
  ["sessionAffinity", "None"],
  ["internalTrafficPolicy", "Cluster"],
  ["ipFamilyPolicy", "SingleStack"],
  ["ipFamilies", ["IPv4"]],
  ["spec.type", "ClusterIP"],
  ["publishNotReadyAddresses", false],
  ["Service:spec.clusterIP", "None"],
  ["completions", 1],
  ["parallelism", 1],
  ["completionMode", "NonIndexed"],
  ["podReplacementPolicy", "TerminatingOrFailed"],
  ["defaultMode", 420],
  ["automountServiceAccountToken", false],
  ["volumeMode", "Filesystem"],
  ["unhealthyPodEvictionPolicy", "IfHealthyBudget"],
];

/** What the API server, Helm, kubectl and the controllers write. */
const WRITTEN_BY_OTHERS = [
  "metadata.uid",
  "metadata.resourceVersion",
  "metadata.generation",
  "metadata.creationTimestamp",
  "metadata.managedFields",
  "metadata.selfLink",
  "metadata.ownerReferences",
  "metadata.finalizers",
  "metadata.annotations.kubectl.kubernetes.io/last-applied-configuration",
  "metadata.annotations.deployment.kubernetes.io/revision",
  "metadata.annotations.autoscaling.alpha.kubernetes.io/conditions",
  "metadata.annotations.autoscaling.alpha.kubernetes.io/current-metrics",
  "metadata.annotations.meta.helm.sh/release-name",
  "metadata.annotations.meta.helm.sh/release-namespace",
  "metadata.annotations.argocd.argoproj.io/tracking-id",
  "template.metadata.annotations.kubectl.kubernetes.io/restartedAt",
  "template.metadata.creationTimestamp",
  "spec.clusterIPs",
  "spec.healthCheckNodePort",
  "spec.ports.*.nodePort",
  "spec.deprecatedServiceAccount",
  "spec.serviceAccount",
  "jobTemplate.metadata.creationTimestamp",
  "template.metadata.name",
];

/** Labels by which people and tools find objects. Slipway sets its own, and its own selectors. */
const USUAL_LABELS =
  /^(app|name|k8s-app|component|tier|version|chart|release|heritage|instance|app\.kubernetes\.io\/.+|helm\.sh\/chart|pod-template-hash|controller-revision-hash|argocd\.argoproj\.io\/instance)$/;
/** Of a checksum of config: Slipway rolls the pods by the content itself. */
const CHECKSUM = /^checksum\//;

/** Marks what says nothing as read. */
export function skipMeaningless(fields: Fields): void {
  walk(fields, fields);
}

function walk(fields: Fields, root: Fields): void {
  if (isMeaningless(fields)) {
    fields.take();
    return;
  }
  const value = fields.peek();
  if (typeof value !== "object" || value === null) return;
  for (const key of Array.isArray(value) ? value.keys() : Object.keys(value)) walk(fields.at(key), root);
}

function isMeaningless(fields: Fields): boolean {
  const { base: path, kind } = fields;
  if (path.length === 0) return false;
  if (path[0] === "status" || path[0] === "apiVersion" || path[0] === "kind") return true;
  if (path.length === 2 && path[0] === "metadata" && (path[1] === "name" || path[1] === "namespace")) return true;
  const last = String(path.at(-1));
  const parent = path.at(-2);
  if (parent === "labels" && path.at(-3) === "metadata" && USUAL_LABELS.test(last)) return true;
  if (parent === "annotations" && CHECKSUM.test(last)) return true;
  if (WRITTEN_BY_OTHERS.some((end) => endsWith(path, end, kind))) return true;
  return MEANINGLESS.some(
    ([end, ...values]) => endsWith(path, end, kind) && values.some((value) => isDeepStrictEqual(value, fields.peek())),
  );
}

/** Whether a path ends so. The last part of a pattern with slashes, such as an annotation, may have dots. */
function endsWith(path: readonly (string | number)[], pattern: string, kind: string): boolean {
  const [of, end] = pattern.includes(":") ? pattern.split(":") : [kind, pattern];
  if (of !== kind || end === undefined) return false;
  const [, before = "", annotation] = /^(.*annotations)\.(.+)$/.exec(end) ?? [];
  const parts = annotation === undefined ? end.split(".") : [...before.split("."), annotation];
  const tail = path.slice(-parts.length);
  return tail.length === parts.length && parts.every((part, index) => part === "*" || part === String(tail[index]));
}
