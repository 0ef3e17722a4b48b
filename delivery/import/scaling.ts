import { isMap } from "../../config/merge.ts";
import type { Context } from "./context.ts";
import type { Fields } from "./fields.ts";

/** https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/horizontal-pod-autoscaler-v2/ */
const KUBERNETES_CPU_TARGET = 80;
const KUBERNETES_SCALE_DOWN_SECONDS = 300;

/** Sets replicas and what the autoscaler aims at, and how many pods may be away while nodes are drained. */
export function putScaling(container: Fields, context: Context): void {
  const { application, draft } = context;
  const { workload, autoscaler } = application;
  if (workload.kind === "CronJob") return;
  const replicas = workload.number("spec", "replicas") ?? 1;
  if (autoscaler === undefined || replicas === 0) {
    draft.put(["replicas"], { min: replicas, max: replicas }, workload.place("spec", "replicas"));
    autoscaler?.take();
  } else putAutoscaler(autoscaler, container, context);
  if (application.budget) putBudget(application.budget, context);
}

function putAutoscaler(autoscaler: Fields, container: Fields, context: Context): void {
  const { draft } = context;
  const spec = autoscaler.at("spec");
  spec.take("scaleTargetRef");
  const min = spec.number("minReplicas") ?? 1;
  const max = spec.number("maxReplicas") ?? min;
  draft.put(["replicas"], { min, max }, spec.place("maxReplicas"));
  const older = spec.number("targetCPUUtilizationPercentage");
  const targets: { cpu?: number; memory?: number } = older === undefined ? {} : { cpu: older };
  for (const metric of spec.list("metrics")) {
    const usage = metric.at(metric.peek("type") === "ContainerResource" ? "containerResource" : "resource");
    const name = usage.peek("name");
    const target = usage.peek("target", "averageUtilization");
    const isOwn = usage.peek("container") === undefined || usage.peek("container") === container.peek("name");
    if ((name === "cpu" || name === "memory") && typeof target === "number" && isOwn) {
      metric.take();
      targets[name] = target;
    } else
      context.findings.leaveOut(
        metric,
        "it scales by CPU and memory, in percent of the requests. For other measures: scaling.triggers, by KEDA",
      );
  }
  const place = spec.place("metrics");
  const hasNone = older === undefined && spec.list("metrics").length === 0;
  const cpu = targets.cpu ?? (hasNone ? KUBERNETES_CPU_TARGET : undefined);
  if (cpu !== undefined) draft.put(["cpu", "target"], cpu, place);
  else if (max > min) {
    context.findings.check(
      place,
      `it does not scale by CPU, and the service always does, at 30 % of the request. It was set to 100 %`,
    );
    draft.put(["cpu", "target"], 100, place);
  }
  if (targets.memory !== undefined) draft.put(["memory", "target"], targets.memory, place);
  putBehavior(spec.at("behavior"), max, context);
}

function putBehavior(behavior: Fields, max: number, { draft, findings }: Context): void {
  const wait = behavior.number("scaleDown", "stabilizationWindowSeconds") ?? KUBERNETES_SCALE_DOWN_SECONDS;
  if (wait !== KUBERNETES_SCALE_DOWN_SECONDS) {
    draft.put(["cpu", "scaleDownSeconds"], wait, behavior.place("scaleDown", "stabilizationWindowSeconds"));
  }
  for (const side of ["scaleUp", "scaleDown"]) {
    const select = behavior.peek(side, "selectPolicy");
    if (select === "Max") behavior.take(side, "selectPolicy");
    if (side === "scaleUp" && behavior.peek(side, "stabilizationWindowSeconds") === 0)
      behavior.take(side, "stabilizationWindowSeconds");
    const policies = behavior.peek(side, "policies");
    if (policies !== undefined && isUsual(side, policies, max)) behavior.take(side, "policies");
  }
  const growth = behavior.list("scaleUp", "policies");
  const [only] = growth;
  if (only && growth.length === 1 && only.peek("type") === "Percent" && !only.isRead()) {
    only.take();
    draft.put(
      ["scaling", "growth"],
      { percent: only.peek("value"), seconds: only.peek("periodSeconds") },
      only.place(),
    );
  }
  for (const side of ["scaleUp", "scaleDown"]) {
    if (behavior.at(side).unread().length === 0) continue;
    findings.leaveOut(
      behavior.at(side),
      "there is scaling.growth for a pace of growth in percent, and cpu.scaleDownSeconds",
    );
  }
}

/** Kubernetes' own policies, and those of charts/service. */
function isUsual(side: string, policies: unknown, max: number): boolean {
  if (!Array.isArray(policies)) return false;
  return policies.every((policy) => {
    if (!isMap(policy) || policy.periodSeconds !== 15) return false;
    if (policy.type === "Percent") return policy.value === 100;
    return side === "scaleUp" && (policy.value === 4 || policy.value === max);
  });
}

function putBudget(budget: Fields, { draft, findings }: Context): void {
  budget.take("spec", "selector");
  const replicas = draft.get("replicas") as { min: number; max: number };
  const spec = budget.at("spec");
  const away = spec.peek("maxUnavailable");
  const kept = spec.peek("minAvailable");
  const field = away === undefined ? "minAvailable" : "maxUnavailable";
  const value = away ?? (typeof kept === "number" ? replicas.min - kept : share(kept));
  if (replicas.max <= 1) {
    findings.leaveOut(spec.at(field), "a service of one pod has no budget, so that nodes can be drained");
    return;
  }
  if (value === undefined || value === 0 || value === "0%" || (typeof value === "number" && value < 0)) {
    findings.leaveOut(
      spec.at(field),
      "it lets no pod be away, so no node could be drained. One pod, or a tenth of more than ten, may be away now",
    );
    return;
  }
  spec.take(field);
  // The chart's own.
  if (value === 1 && replicas.max <= 10) return;
  draft.put(["disruption", "maxUnavailable"], value, spec.place(field));
}

/** What may be away if a share must stay. */
function share(kept: unknown): string | undefined {
  const [, percent] = /^([0-9]{1,3})%$/.exec(String(kept)) ?? [];
  return percent === undefined ? undefined : `${100 - Number(percent)}%`;
}
