import { CoreV1Api, type KubeConfig, type V1Pod } from "@kubernetes/client-node";
import { apiClient } from "../../components/cluster/api-client.ts";
import { podFailure } from "../../components/rollout/pod-failure.ts";
import { connectCluster } from "../cluster.ts";
import type { StackEnvironment } from "../environment.ts";

const LOG_LINES = 10;

/** Why pods of services do not start, and the last lines of their logs: for people, who would ask for them next. */
export async function describeFailedPods(
  environment: StackEnvironment,
  services: readonly string[],
  connect: (environment: StackEnvironment) => Promise<KubeConfig> = connectCluster,
): Promise<string[]> {
  const { namespace, services: settings } = environment.config;
  const core = apiClient(await connect(environment), CoreV1Api);
  const described = settings
    .filter(({ name }) => services.includes(name))
    .map(async ({ name, probes }) => {
      const labelSelector = `app.kubernetes.io/instance=${name}`;
      const { items } = await core.listNamespacedPod({ namespace, labelSelector });
      const allowance = { startupSeconds: probes.startupSeconds, maxRestarts: 0 };
      // Pods of the version before may fail too. Those of the new one are younger.
      const [failed] = items.sort(byAge).flatMap((pod) => {
        const failure = podFailure(pod, allowance, Date.now());
        return failure ? [{ pod, failure }] : [];
      });
      if (failed === undefined) return [];
      const { pod, failure } = failed;
      const log = failure.container === undefined ? [] : await lastLogLines(core, pod, failure.container);
      return [
        `${name}: pod ${pod.metadata?.name}: ${failure.reason}.${failure.detail ? ` ${failure.detail}` : ""}`,
        ...(log.length > 0 ? ["Last lines of its log:", ...log.map((line) => `  | ${line}`)] : []),
      ];
    });
  return (await Promise.all(described)).flat();
}

function byAge(a: V1Pod, b: V1Pod): number {
  return (b.metadata?.creationTimestamp?.valueOf() ?? 0) - (a.metadata?.creationTimestamp?.valueOf() ?? 0);
}

/** Of the run before, if the container has restarted: the new one may have said nothing yet. */
async function lastLogLines(core: CoreV1Api, pod: V1Pod, container: string): Promise<string[]> {
  const { name = "", namespace = "" } = pod.metadata ?? {};
  for (const previous of [true, false]) {
    const request = { name, namespace, container, tailLines: LOG_LINES, previous };
    // There is no such run, or the pod is gone.
    const log = await core.readNamespacedPodLog(request).catch(() => "");
    if (log) return log.trimEnd().split("\n");
  }
  return [];
}
