import type { V1ObjectMeta } from "@kubernetes/client-node";
import { type Environment, type Service, usesArgoRollouts } from "../../config/index.ts";
import type { ClusterReader } from "../cluster/reader.ts";
import type { Rollout } from "../cluster/rollouts.ts";
import { TEMPLATE_HASH } from "./argo-rollout.ts";

/** Helm leaves an object that has it where it would delete it: https://helm.sh/docs/howto/charts_tips_and_tricks/ */
const POLICY = "helm.sh/resource-policy";
/** Helm's mark of the release that an object belongs to. */
const RELEASE = "meta.helm.sh/release-name";
/** A controller without an instance id leaves objects that have one: https://argo-rollouts.readthedocs.io/en/stable/FAQ/ */
const INSTANCE = "argo-rollouts.argoproj.io/controller-instance-id";
const NOBODY = "slipway-replaced";
const POLL_MILLISECONDS = 500;
/** Until a Service that selects more pods has them among its endpoints. */
const SERVING_SECONDS = 15;
/** Traefik takes changes together for 2 s before it follows them. */
const PROXY_MILLISECONDS = 3_000;

type SwitchedService = Pick<Service, "name" | "kind"> & { rollout: Pick<Service["rollout"], "strategy"> };
interface LiveWorkloads {
  deployments: readonly { metadata?: V1ObjectMeta }[];
  rollouts: readonly Rollout[];
}

/**
 * Services that run as a Deployment and become a Rollout, or the other way round. Helm deletes the old one as soon as it has created the
 * new one, which has no ready pod then. So the old one is kept until the new one serves: Helm leaves it, and finishSwitch deletes it. If
 * the update fails, Helm deletes the new one, and the old one has served all along.
 */
export async function keepReplacedWorkloads(
  reader: ClusterReader,
  { namespace, services }: Pick<Environment, "namespace"> & { services: readonly SwitchedService[] },
  { deployments, rollouts }: LiveWorkloads,
): Promise<void> {
  const keep = (isReplaced: boolean) => ({ metadata: { annotations: { [POLICY]: isReplaced ? "keep" : null } } });
  // A switch away from it that was killed has left it to nobody.
  const keepRollout = (isReplaced: boolean) => ({
    metadata: { ...keep(isReplaced).metadata, ...(!isReplaced && { labels: { [INSTANCE]: null } }) },
  });
  await Promise.all(
    services
      .filter(({ kind }) => kind !== "stateful")
      .flatMap(({ name, rollout: { strategy } }) => {
        const becomesRollout = usesArgoRollouts(strategy);
        const deployment = deployments.find(({ metadata }) => isOf(metadata, name));
        const rollout = rollouts.find(({ metadata }) => isOf(metadata, name));
        return [
          ...(deployment && isKept(deployment.metadata) !== becomesRollout
            ? [reader.patchDeployment(namespace, name, keep(becomesRollout))]
            : []),
          ...(rollout && isKept(rollout.metadata) === becomesRollout
            ? [reader.rollouts.patch(namespace, name, keepRollout(!becomesRollout))]
            : []),
        ];
      }),
  );
}

/** Deletes what a service ran as before, once the new workload serves. */
export async function finishSwitch(
  reader: ClusterReader,
  { namespace, service, strategy }: { namespace: string; service: string; strategy: Service["rollout"]["strategy"] },
): Promise<void> {
  if (usesArgoRollouts(strategy)) {
    const deployment = await reader.deployment(namespace, service);
    if (deployment && isOf(deployment.metadata, service)) await reader.deleteDeployment(namespace, service);
    return;
  }
  const rollout = (await reader.rollouts.visible(namespace)).find(({ metadata }) => metadata.name === service);
  if (rollout === undefined || !isOf(rollout.metadata, service)) return;
  // The controller would point the Service at the old pods again. Without their owner the Deployment would adopt and stop them.
  await reader.rollouts.patch(namespace, service, { metadata: { labels: { [INSTANCE]: NOBODY } } });
  await untilOthersServe(reader, namespace, service);
  await reader.rollouts.delete(namespace, service);
}

/**
 * Lets the service's Service select pods of every template. Under blueGreen the controller adds a hash to its selector, and under canary
 * it leaves the Service alone: callers in the cluster would lose it with the last pod of that template.
 */
export async function selectEveryTemplate(reader: ClusterReader, namespace: string, name: string): Promise<void> {
  const service = await reader.service(namespace, name);
  if (service?.spec?.selector?.[TEMPLATE_HASH] === undefined) return;
  await reader.patchService(namespace, name, { spec: { selector: { [TEMPLATE_HASH]: null } } });
}

/**
 * Waits until others than the Rollout's pods get requests, and who sends them knows. A Service and its pods are watched apart: if the old
 * pods went first, the Service would be empty for a moment.
 */
async function untilOthersServe(reader: ClusterReader, namespace: string, service: string): Promise<void> {
  for (const end = Date.now() + SERVING_SECONDS * 1000; Date.now() < end; await sleep(POLL_MILLISECONDS)) {
    // Each time: the controller may still be at its last look.
    await selectEveryTemplate(reader, namespace, service);
    const ready = await reader.readyPods(namespace, service);
    // A worker has no Service, so nobody waits for it.
    if (ready.length === 0) return;
    const old = (await reader.pods(namespace, { "app.kubernetes.io/instance": service }))
      .filter(({ metadata }) => metadata?.labels?.[TEMPLATE_HASH] !== undefined)
      .map(({ metadata }) => metadata?.name);
    if (ready.some((pod) => !old.includes(pod))) break;
  }
  await sleep(PROXY_MILLISECONDS);
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function isOf(metadata: V1ObjectMeta | undefined, service: string): boolean {
  return metadata?.name === service && metadata.annotations?.[RELEASE] === service;
}

function isKept(metadata: V1ObjectMeta | undefined): boolean {
  return metadata?.annotations?.[POLICY] === "keep";
}
