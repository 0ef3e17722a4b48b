import { CHART_DEFAULTS } from "../../defaults.ts";
import { type PodsOrShare, rolloutStep } from "../../pods-or-share.ts";
import { presetOf } from "../../probe-presets.ts";
import { resolveService } from "../../resolve.ts";
import { MAX_ROLLOUT_SECONDS } from "../../rollout-timeout.ts";
import type { ParsedService } from "../../schema/service/index.ts";
import { sidecarStart } from "../../sidecar-start.ts";
import type { AddFault } from "./add-fault.ts";

const STEPS = ["maxSurge", "maxUnavailable"] as const;

export function checkRollout(name: string, service: ParsedService, add: AddFault): void {
  if (service.kind === "stateful") {
    if (service.rollout?.strategy === "recreate")
      add(
        ["rollout", "strategy"],
        "only for kind: deployment. A stateful service stops each pod before it starts the next. Remove it",
      );
    refuseStep(service, "a stateful service replaces one pod at a time, in place. Remove it", add);
  } else if (service.rollout?.strategy === "recreate") {
    refuseStep(
      service,
      "with strategy: recreate all pods stop before new ones start. Remove it, or use strategy: rolling",
      add,
    );
  } else if (service.rollout?.strategy === "blueGreen") {
    refuseStep(service, "with strategy: blueGreen all new pods start beside the old ones. Remove it", add);
  } else checkStep(name, service, add);
  checkCanary(name, service, add);
  checkTimes(name, service, add);
}

function checkCanary(name: string, service: ParsedService, add: AddFault): void {
  const { canaryPods = 0, canarySeconds } = service.rollout ?? {};
  if (canarySeconds !== undefined && canaryPods === 0)
    add(["rollout", "canarySeconds"], "without rollout.canaryPods no pod runs alone. Set canaryPods, or remove it");
  if (canaryPods === 0) return;
  if (service.kind !== "stateful") {
    add(["rollout", "canaryPods"], "only for kind: stateful, whose pods have numbers. Remove it");
    return;
  }
  const { min, max } = resolveService(name, service, "").replicas;
  if (max > 0 && canaryPods >= min)
    add(
      ["rollout", "canaryPods"],
      `all ${min} pod(s) of replicas.min would be the first. Lower it below ${min}, or remove it`,
    );
}

function refuseStep({ rollout }: ParsedService, message: string, add: AddFault): void {
  for (const field of STEPS) if (rollout?.[field] !== undefined) add(["rollout", field], message);
}

function checkStep(name: string, service: ParsedService, add: AddFault): void {
  const step = { ...CHART_DEFAULTS.rollout, ...service.rollout };
  if (isNone(step.maxSurge) && isNone(step.maxUnavailable)) {
    add(["rollout", "maxSurge"], "with maxUnavailable 0 as well, no pod could ever be replaced. Raise one of them");
    return;
  }
  // More pods lose no larger share, so the least number of pods decides.
  const { min, max } = resolveService(name, service, "").replicas;
  if (max === 0) return;
  const { unavailable } = rolloutStep(step, Math.max(min, 1));
  if (unavailable < Math.max(min, 1)) return;
  add(
    ["rollout", "maxUnavailable"],
    `lets all ${min} pod(s) of replicas.min be away at once, so a broken release would count as rolled out. ` +
      "Lower it, or use maxSurge: 1 with maxUnavailable: 0. For a service that must never run twice: rollout.strategy: recreate",
  );
}

function checkTimes(name: string, service: ParsedService, add: AddFault): void {
  const { probes, rollout, shutdown } = resolveService(name, service, "");
  const { minReadySeconds, progressDeadlineSeconds, timeoutSeconds } = rollout;
  const sidecars = sidecarStart(service);
  const ready = sidecars + probes.startupSeconds + minReadySeconds;
  const parts = `${sidecars > 0 ? "startupSeconds of the sidecars + " : ""}probes.startupSeconds + rollout.minReadySeconds`;
  if (progressDeadlineSeconds <= ready) {
    add(
      ["rollout", "progressDeadlineSeconds"],
      `a pod may take ${ready} s (${parts}) until it counts. Set it above that`,
    );
  }
  const stop = shutdown.preStopSeconds + shutdown.drainSeconds;
  if (service.rollout?.strategy === "recreate" && progressDeadlineSeconds <= stop) {
    add(
      ["rollout", "progressDeadlineSeconds"],
      `with strategy: recreate no pod starts while the old ones stop, which may take ${stop} s (shutdown). Set it above that`,
    );
  }
  if (service.rollout?.timeoutSeconds !== undefined) {
    // Without probes a pod is ready as soon as it runs.
    const start = presetOf(service) === "none" ? sidecars + minReadySeconds : ready;
    if (timeoutSeconds >= start) return;
    add(
      ["rollout", "timeoutSeconds"],
      `one pod alone may take ${start} s (${parts}), so good releases would be rolled back. ` +
        "Raise it, or remove it: then it is computed",
    );
  } else if (timeoutSeconds > MAX_ROLLOUT_SECONDS) refuseLong(service, timeoutSeconds, add);
}

function refuseLong(
  { kind, initContainers = {}, rollout }: ParsedService,
  timeoutSeconds: number,
  add: AddFault,
): void {
  if (rollout?.strategy === "canary") {
    add(
      ["rollout", "steps"],
      `a rollout may take ${timeoutSeconds} s with these steps, starts and stops; allowed are ${MAX_ROLLOUT_SECONDS} s. ` +
        "Shorten the pauses, or use pause: manual, at which the deploy ends",
    );
    return;
  }
  // With init containers each wave may take as long as the deadline.
  const hasInit = Object.keys(initContainers).length > 0;
  const start = hasInit ? "rollout.progressDeadlineSeconds" : "probes.startupSeconds";
  add(
    ["rollout", kind === "stateful" ? "timeoutSeconds" : "maxSurge"],
    `a rollout may take ${timeoutSeconds} s with these pods, starts and stops; allowed are ${MAX_ROLLOUT_SECONDS} s. ` +
      (kind === "stateful"
        ? `Lower replicas.max or ${start}, or set timeoutSeconds to what it really takes`
        : `Raise it, such as to "25%", or lower replicas.max or ${start}`),
  );
}

function isNone(amount: PodsOrShare): boolean {
  return amount === 0 || amount === "0%";
}
