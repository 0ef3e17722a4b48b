import { CHART_DEFAULTS } from "../../config/defaults.ts";
import type { Context } from "./context.ts";
import type { Fields } from "./fields.ts";

/** Default of Kubernetes, with which Deployments are let go on for longer than with the chart's. */
const KUBERNETES_DEADLINE_SECONDS = 600;
const KUBERNETES_GRACE_SECONDS = 30;

/** Sets how pods are replaced and how they stop. */
export function putRollout(pod: Fields, container: Fields, context: Context): void {
  const { workload } = context.application;
  if (workload.kind === "Deployment") putStrategy(workload.at("spec"), context);
  if (workload.kind !== "CronJob") putTimes(workload.at("spec"), context);
  putShutdown(pod, container, context);
}

function putStrategy(spec: Fields, { draft, findings }: Context): void {
  const strategy = spec.at("strategy");
  if (spec.isRead("strategy")) return;
  const type = strategy.take("type");
  if (type === "Recreate") {
    draft.put(["rollout", "strategy"], "recreate", strategy.place("type"));
    return;
  }
  const [surge, unavailable] = ["maxSurge", "maxUnavailable"].map((field) => {
    const value = strategy.take("rollingUpdate", field);
    return typeof value === "string" && /^[0-9]+$/.test(value) ? Number(value) : value;
  });
  // Kubernetes' own 25 % is nobody's wish. The chart never has fewer pods than wanted.
  if (surge !== undefined && surge !== "25%")
    draft.put(["rollout", "maxSurge"], surge, strategy.place("rollingUpdate", "maxSurge"));
  if (unavailable === undefined || unavailable === "25%") return;
  const place = strategy.place("rollingUpdate", "maxUnavailable");
  if (unavailable !== CHART_DEFAULTS.rollout.maxUnavailable)
    draft.put(["rollout", "maxUnavailable"], unavailable, place);
  if (surge === 0 && unavailable === 0) findings.check(place, "with maxSurge 0 as well, no pod could be replaced");
}

function putTimes(spec: Fields, { draft }: Context): void {
  const ready = spec.number("minReadySeconds");
  if (ready !== undefined && ready > 0) draft.put(["rollout", "minReadySeconds"], ready, spec.place("minReadySeconds"));
  const deadline = spec.peek("progressDeadlineSeconds");
  const isOwn = typeof deadline === "number" && deadline !== KUBERNETES_DEADLINE_SECONDS;
  spec.take("progressDeadlineSeconds");
  const start = Number(draft.get("probes", "startupSeconds") ?? CHART_DEFAULTS.probes.startupSeconds);
  const counted = start + (ready || CHART_DEFAULTS.rollout.minReadySeconds);
  const place = spec.place("progressDeadlineSeconds");
  if (isOwn) draft.put(["rollout", "progressDeadlineSeconds"], Math.max(deadline, counted + 1), place);
  else if (counted >= CHART_DEFAULTS.rollout.progressDeadlineSeconds) {
    draft.put(["rollout", "progressDeadlineSeconds"], Math.max(KUBERNETES_DEADLINE_SECONDS, counted + 60), place);
  }
}

/** preStop that only waits is shutdown.preStopSeconds. The process keeps all the time that it had after SIGTERM. */
function putShutdown(pod: Fields, container: Fields, { draft, patch, application }: Context): void {
  const runsToEnd = application.workload.kind === "CronJob";
  const preStop = container.at("lifecycle", "preStop");
  const waits = secondsOf(preStop);
  if (waits !== undefined) {
    preStop.take();
    if (!runsToEnd) draft.put(["shutdown", "preStopSeconds"], waits, preStop.place());
  } else if (preStop.peek() !== undefined) {
    // A container has one preStop: the chart's own is taken away.
    patch.container.lifecycle = { preStop: { sleep: null, ...(preStop.take() as object) } };
  }
  const postStart = container.take("lifecycle", "postStart");
  if (postStart !== undefined) patch.container.lifecycle = { ...(patch.container.lifecycle as object), postStart };
  const grace = pod.number("terminationGracePeriodSeconds") ?? KUBERNETES_GRACE_SECONDS;
  const drain = Math.max(0, grace - (waits ?? 0));
  const isUsual = grace === KUBERNETES_GRACE_SECONDS && waits === undefined && preStop.peek() === undefined;
  if (!isUsual && drain !== CHART_DEFAULTS.shutdown.drainSeconds) {
    draft.put(["shutdown", "drainSeconds"], drain, pod.place("terminationGracePeriodSeconds"));
  }
}

function secondsOf(preStop: Fields): number | undefined {
  const sleep = preStop.peek("sleep", "seconds");
  if (typeof sleep === "number") return sleep;
  const command = preStop.peek("exec", "command");
  if (!Array.isArray(command)) return undefined;
  const text = command.map(String).join(" ");
  const [, seconds] = /^(?:(?:\/bin\/)?(?:ba)?sh -c )?(?:\/bin\/)?sleep ([0-9]+)s?$/.exec(text) ?? [];
  return seconds === undefined ? undefined : Number(seconds);
}
