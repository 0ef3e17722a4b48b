import type { V1ContainerStatus, V1Pod } from "@kubernetes/client-node";

/** Reasons of a waiting container that name a failure. Source: errors of the kubelet's container and image managers. */
const FAILURES = new Set([
  "CrashLoopBackOff",
  "ImagePullBackOff",
  "ErrImagePull",
  "InvalidImageName",
  "ErrImageNeverPull",
  "CreateContainerConfigError",
  "CreateContainerError",
  "RunContainerError",
]);
/** Those that only another release or another config can end. */
const FINAL = new Set(["InvalidImageName", "ErrImageNeverPull", "CreateContainerConfigError"]);
/** A kubelet that cannot read a Secret or ConfigMap within a second reports a faulty config, and tries again: krane #886. */
const UNSYNCED = /failed to sync \w+ cache/;
const PULLS = new Set(["ImagePullBackOff", "ErrImagePull"]);
/** What registries and container runtimes say of an image, or a part of it, that does not exist. Other pulls may succeed later. */
const MISSING_IMAGE = /not found|manifest unknown|does not exist/i;
/** A registry that wants a login says the same. The login may come: with a new node, or a Secret that is synced. */
const NO_LOGIN = /authoriz|authentic|credential|denied|token|forbidden/i;
/** A Secret or ConfigMap that is missing may be made yet, such as by External Secrets. */
const MISSING_OBJECT_SECONDS = 30;

/** What a service allows its new pods. */
export interface PodAllowance {
  /** Seconds a pod may take until it is ready. */
  startupSeconds: number;
  /** Restarts of a container after which the next failure is one too many. */
  maxRestarts: number;
}

export interface PodFailure {
  reason: string;
  /** The container that fails. Undefined if the pod does not start its containers. */
  container?: string;
  /** Message of the kubelet or the runtime about it. */
  detail?: string | undefined;
  /** Waiting longer cannot help: the rollout can only be rolled back. */
  isFinal: boolean;
}

/** Why a pod of a rollout does not become ready. Undefined while it still may. */
export function podFailure(pod: V1Pod, allowance: PodAllowance, now: number): PodFailure | undefined {
  // A pod that was evicted or is being deleted is replaced by another one.
  if (pod.metadata?.deletionTimestamp || pod.status?.phase === "Failed") return undefined;
  const statuses = containerStatuses(pod);
  for (const status of statuses) {
    const { reason = "", message = "" } = crashed(pod, status) ?? status.state?.waiting ?? {};
    if (!FAILURES.has(reason)) continue;
    const isFinal =
      (FINAL.has(reason) && !UNSYNCED.test(message) && !mayBeMadeYet(pod, message, now)) ||
      (PULLS.has(reason) && MISSING_IMAGE.test(message) && !NO_LOGIN.test(message)) ||
      (reason === "CrashLoopBackOff" && status.restartCount >= allowance.maxRestarts);
    const detail = exitOf(status)?.message ?? message;
    return { reason: `${named(pod, status)}${reason}${lastExit(status)}`, container: status.name, detail, isFinal };
  }
  return slowness(pod, allowance.startupSeconds, now);
}

function mayBeMadeYet(pod: V1Pod, message: string, now: number): boolean {
  const since = pod.status?.startTime?.valueOf() ?? now;
  return /not found/.test(message) && now - since < MISSING_OBJECT_SECONDS * 1000;
}

/** The service's own container has the service's name, so only others are named. */
function named(pod: V1Pod, { name }: V1ContainerStatus): string {
  const isOnlyOne = containerStatuses(pod).length === 1;
  return isOnlyOne || name === pod.metadata?.labels?.["app.kubernetes.io/name"] ? "" : `container ${name}: `;
}

function containerStatuses(pod: V1Pod): V1ContainerStatus[] {
  return [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
}

/** The time starts when a container does: a node may take minutes to pull a large image, and a new node to join. */
function slowness(pod: V1Pod, startupSeconds: number, now: number): PodFailure | undefined {
  const conditions = pod.status?.conditions ?? [];
  if (conditions.some(({ type, status }) => type === "Ready" && status === "True")) return undefined;
  const isLate = (since: Date | undefined) => since !== undefined && now - since.valueOf() > startupSeconds * 1000;
  const scheduled = conditions.find(({ type }) => type === "PodScheduled");
  if (scheduled?.status === "False" && isLate(pod.metadata?.creationTimestamp))
    return { reason: `not scheduled: ${scheduled.message}`, isFinal: false };
  // An init container has to end and a sidecar has to start. Until then the kubelet starts no other container.
  const init = (pod.status?.initContainerStatuses ?? []).find(
    ({ state, started }) => !started && isLate(state?.running?.startedAt),
  );
  if (init)
    return {
      reason: `init container ${init.name} runs longer than ${startupSeconds} s`,
      container: init.name,
      isFinal: false,
    };
  const late = (pod.status?.containerStatuses ?? []).find(
    ({ ready, state, lastState }) => !ready && isLate(lastState?.terminated?.startedAt ?? state?.running?.startedAt),
  );
  if (late === undefined) return undefined;
  const reason = `${named(pod, late)}not ready within the ${startupSeconds} s that probes.startupSeconds allows`;
  return { reason, container: late.name, detail: late.lastState?.terminated?.message, isFinal: false };
}

/**
 * A container that has ended, and will be started again. The kubelet may report it so for the whole back-off, and as waiting only when
 * it tries again. An init container that ended well is no failure.
 */
function crashed(
  { status }: V1Pod,
  { name, state }: V1ContainerStatus,
): { reason: string; message?: string } | undefined {
  if (state?.terminated === undefined) return undefined;
  const isInit = status?.initContainerStatuses?.some((init) => init.name === name);
  return isInit && state.terminated.exitCode === 0 ? undefined : { reason: "CrashLoopBackOff" };
}

/** The last run that ended. */
function exitOf({ state, lastState }: V1ContainerStatus) {
  return state?.terminated ?? lastState?.terminated;
}

function lastExit(status: V1ContainerStatus): string {
  const exit = exitOf(status);
  return exit ? ` (${exit.reason ?? "exit"} ${exit.exitCode})` : "";
}
