import { isMap } from "../../config/merge.ts";
import { type Context, carry } from "./context.ts";
import type { Fields } from "./fields.ts";
import { readSecurity } from "./security.ts";

const HOST = "kubernetes.io/hostname";
const ZONE = "topology.kubernetes.io/zone";
/** Of the chart, which has them for each pod. */
const NODE_LOSS = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];
const PROMETHEUS = /^prometheus\.io\//;
/** Labels that others read by patch. Those of the chart's own domain are the chart's. */
const CHART_LABEL = /^app\.kubernetes\.io\//;
/** Parts of a pod that have no field and that the patch may say. */
const PATCHED = ["hostAliases", "dnsConfig", "dnsPolicy", "hostname", "subdomain", "schedulerName"];

/** Sets what belongs to the pod and not to one of its containers. */
export function putPod(template: Fields, container: Fields, context: Context): void {
  const pod = template.at("spec");
  putUser(pod, container, context);
  putMetadata(template, context);
  carry(context, pod, ["nodeSelector"], ["nodeSelector"]);
  carry(context, pod, ["priorityClassName"], ["priorityClassName"]);
  // The API server writes it beside the class.
  pod.take("priority");
  carry(context, pod, ["runtimeClassName"], ["runtimeClassName"]);
  const pullSecrets = pod.list("imagePullSecrets").map((secret) => secret.text("name"));
  context.draft.put(["imagePullSecrets"], pullSecrets, pod.place("imagePullSecrets"));
  putTolerations(pod, context);
  putSpread(pod, context);
  putAccount(pod, context);
  for (const field of PATCHED) {
    const value = pod.isRead(field) ? undefined : pod.take(field);
    if (value !== undefined) context.patch.spec[field] = value;
  }
  const nodeAffinity = pod.take("affinity", "nodeAffinity");
  if (nodeAffinity !== undefined) context.patch.spec.affinity = { nodeAffinity };
  readPodAffinity(pod, context);
}

function putUser(pod: Fields, container: Fields, context: Context): void {
  const { draft, findings } = context;
  const ofPod = readSecurity(pod, context);
  const user = readSecurity(container, context) ?? ofPod;
  draft.put(
    ["user"],
    user,
    (container.peek("securityContext", "runAsUser") === undefined ? pod : container).place(
      "securityContext",
      "runAsUser",
    ),
  );
  const isReadOnly = container.peek("securityContext", "readOnlyRootFilesystem") !== undefined;
  if (user !== undefined && isReadOnly) return;
  const parts = [
    ...(user === undefined ? ["as user 65532"] : []),
    ...(isReadOnly ? [] : ["with a root file system that is read-only but for /tmp"]),
  ];
  findings.check(
    container.place("securityContext"),
    `it did not say so, and the process runs ${parts.join(" and ")} now. Try it; if it fails, set user or tmp.paths`,
  );
}

function putMetadata(template: Fields, { draft, findings, patch, application }: Context): void {
  const annotations = template.at("metadata", "annotations");
  const scraped = annotations.keys().filter((key) => PROMETHEUS.test(key));
  if (scraped.length > 0) {
    const [port, path] = [annotations.peek("prometheus.io/port"), annotations.peek("prometheus.io/path")];
    for (const key of scraped) annotations.take(key);
    if (annotations.peek("prometheus.io/scrape") !== "false") {
      const target = `port: ${String(port ?? draft.get("port") ?? "<port>")}${path === undefined ? "" : `, path: ${String(path)}`}`;
      findings.add(
        "leftOut",
        annotations.place("prometheus.io/scrape"),
        `set metrics: { ${target}, annotations: true, from: <namespace of Prometheus> }, which may read them then`,
      );
    }
  }
  for (const key of annotations.keys()) {
    if (!annotations.isRead(key)) draft.put(["podAnnotations", key], annotations.text(key), annotations.place(key));
  }
  const selector = application.workload.peek("spec", "selector", "matchLabels");
  const labels = template.at("metadata", "labels");
  for (const key of labels.keys()) {
    if (labels.isRead(key)) continue;
    const value = labels.take(key);
    if (!CHART_LABEL.test(key) && !(isMap(selector) && key in selector)) patch.labels[key] = value;
  }
}

function putTolerations(pod: Fields, { draft }: Context): void {
  const kept = pod.list("tolerations").flatMap((toleration) => {
    const isNodeLoss = NODE_LOSS.includes(String(toleration.peek("key"))) && toleration.peek("effect") === "NoExecute";
    const value = toleration.take();
    return isNodeLoss ? [] : [value];
  });
  draft.put(["tolerations"], kept, pod.place("tolerations"));
}

/** The chart spreads pods over hosts and zones as evenly as it goes, or if it is required, whatever it costs. */
function putSpread(pod: Fields, { draft, findings }: Context): void {
  for (const constraint of pod.list("topologySpreadConstraints")) {
    const field = { [HOST]: "hosts", [ZONE]: "zones" }[String(constraint.peek("topologyKey"))];
    const isRequired = constraint.peek("whenUnsatisfiable") !== "ScheduleAnyway";
    if (field === undefined || (isRequired && constraint.peek("maxSkew") !== 1)) {
      findings.leaveOut(constraint, "pods are spread over hosts and zones, with a difference of one. Add it by patch");
      continue;
    }
    constraint.take();
    if (isRequired) draft.put(["spread", field], "required", constraint.place("whenUnsatisfiable"));
  }
}

function readPodAffinity(pod: Fields, { findings }: Context): void {
  const anti = pod.at("affinity", "podAntiAffinity");
  anti.take("preferredDuringSchedulingIgnoredDuringExecution");
  for (const part of [anti, pod.at("affinity", "podAffinity")]) {
    if (part.unread().length === 0) continue;
    findings.leaveOut(
      part,
      "it finds pods by labels that are others now. To keep pods apart: spread: { hosts: required }",
    );
  }
}

function putAccount(pod: Fields, { draft, application, findings }: Context): void {
  pod.take("serviceAccountName");
  if (pod.peek("automountServiceAccountToken") === true) {
    findings.leaveOut(
      pod.at("automountServiceAccountToken"),
      "pods have no token for the Kubernetes API. If the process calls it, mount a token by patch",
    );
  }
  const { account } = application;
  if (account === undefined) return;
  for (const key of account.keys("metadata", "annotations")) {
    const annotations = account.at("metadata", "annotations");
    if (annotations.isRead(key)) continue;
    if (key === "eks.amazonaws.com/role-arn") {
      findings.leaveOut(
        annotations.at(key),
        "on the target eks set serviceAccount.roleArn, after the role trusts pods.eks.amazonaws.com; on the target existing set this in serviceAccount.annotations, after it trusts the new ServiceAccount",
      );
    } else draft.put(["serviceAccount", "annotations", key], annotations.text(key), annotations.place(key));
  }
}
