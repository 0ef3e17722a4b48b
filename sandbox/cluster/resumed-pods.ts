import { recordedDaemons } from "../processes/daemon.ts";
import { readObject } from "./api.ts";

interface Pod {
  metadata: { deletionTimestamp?: string };
  spec: { nodeName?: string; restartPolicy?: string };
  status?: { phase?: string; conditions?: { type: string; status: string; lastTransitionTime?: string }[] };
}

/** Pods after a restart of their nodes. */
export interface ResumedPods {
  ready: number;
  total: number;
}

/** Pure part of {@link resumedPods}. @param started by node: when its kubelet started, in milliseconds since 1970. */
export function countResumed(pods: readonly Pod[], started: ReadonlyMap<string, number>): ResumedPods {
  const lasting = pods.filter(
    ({ metadata, spec, status }) =>
      metadata.deletionTimestamp === undefined &&
      (spec.restartPolicy ?? "Always") === "Always" &&
      spec.nodeName !== undefined &&
      status?.phase !== "Failed" &&
      status?.phase !== "Succeeded",
  );
  const ready = lasting.filter(({ spec, status }) => {
    const condition = status?.conditions?.find(({ type }) => type === "Ready");
    // Times are given in whole seconds.
    const since = (started.get(spec.nodeName ?? "") ?? 0) - 1000;
    return condition?.status === "True" && Date.parse(condition.lastTransitionTime ?? "") >= since;
  });
  return { ready: ready.length, total: lasting.length };
}

/**
 * Counts the pods that are ready again. "Ready" from before the kubelet's start does not count: the API still holds it for pods
 * that ended with the last stop.
 */
export async function resumedPods(): Promise<ResumedPods> {
  const started = new Map(
    recordedDaemons().map(({ name, startedAt }) => [name.replace("kubelet-", ""), Date.parse(startedAt)]),
  );
  const { items } = await readObject<{ items: Pod[] }>("/api/v1/pods");
  return countResumed(items, started);
}
