import { type Rollout, Rollouts } from "../components/cluster/rollouts.ts";
import { isHealthy, isRolloutObserved, isWaitingForPerson } from "../components/rollout/argo-rollout.ts";
import { usesArgoRollouts } from "../config/rollout-strategy.ts";
import { clusterErrorReason, connectCluster } from "./cluster.ts";
import { requireServices, type StackEnvironment } from "./environment.ts";
import { Failure } from "./failure.ts";

const POLL_MILLISECONDS = 500;

/** A blue/green or canary rollout of a service, as people speak of it. */
export interface RolloutState {
  service: string;
  strategy: "blueGreen" | "canary";
  /** The newest release. While the rollout is not over, another one serves as well, or alone. */
  release: string;
  /** `Healthy`, `Progressing`, `Paused` or `Degraded`, as Argo Rollouts says it. */
  phase: string;
  /** It goes on when somebody promotes it. */
  isWaiting: boolean;
  isAborted: boolean;
  /** Steps of a canary that are done, of all: `2/5`. Empty for blue/green. */
  step: string;
  /** Percent of the traffic that the new version gets. */
  weight: number;
  /** Why it is in its phase. Empty if there is nothing to say. */
  message: string;
  ready: number;
  desired: number;
}

/** @throws Failure if the cluster cannot be reached or refuses. */
export async function connectRollouts(environment: StackEnvironment): Promise<Rollouts> {
  return new Rollouts(await connectCluster(environment));
}

/** The rollouts of a stack's services, by the services' order in the config. */
export async function readRollouts(rollouts: Rollouts, environment: StackEnvironment): Promise<RolloutState[]> {
  const { namespace } = environment.config;
  const live = await rollouts.list(namespace).catch((error: unknown) => {
    throw new Failure(
      `The cluster of ${environment.stack} does not list its rollouts: ${clusterErrorReason(error)}. Check that it is up, and that you may list rollouts.argoproj.io in the namespace ${namespace}.`,
    );
  });
  return environment.services.flatMap(({ name }) => {
    const rollout = live.find(({ metadata }) => metadata.name === name);
    return rollout === undefined ? [] : [stateOf(rollout)];
  });
}

/**
 * The rollout of one service.
 *
 * @throws Failure if the stack does not run the service, or does not roll it out by blue/green or canary.
 */
export async function findRollout(
  rollouts: Rollouts,
  environment: StackEnvironment,
  service: string,
): Promise<Rollout> {
  requireServices(environment, [service]);
  const rollout = await rollouts.find(environment.config.namespace, service);
  if (rollout !== undefined) return rollout;
  const strategy = environment.config.services.find(({ name }) => name === service)?.rollout.strategy;
  throw new Failure(
    usesArgoRollouts(strategy)
      ? `${service} has no Rollout in ${environment.stack} yet. Deploy it first.`
      : `${service} is replaced by the strategy ${strategy} in ${environment.stack}: each deploy rolls it out or back by itself. ` +
          "See docs/strategies.md.",
  );
}

/** Waits until the controller has answered a change. @returns the rollout as it is then, also when time is up */
export async function waitForRollout(
  read: () => Promise<Rollout>,
  isDone: (rollout: Rollout) => boolean,
  seconds: number,
): Promise<Rollout> {
  for (const end = Date.now() + seconds * 1000; ; ) {
    const rollout = await read();
    if ((isRolloutObserved(rollout) && isDone(rollout)) || Date.now() >= end) return rollout;
    await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS));
  }
}

/** What a person wants to know of a Rollout. */
export function stateOf(rollout: Rollout): RolloutState {
  const { metadata, spec, status = {} } = rollout;
  const steps = spec.strategy.canary?.steps ?? [];
  const desired = spec.replicas ?? 1;
  return {
    service: metadata.name ?? "",
    strategy: spec.strategy.blueGreen ? "blueGreen" : "canary",
    release: metadata.labels?.["app.kubernetes.io/version"] ?? "",
    phase: isRolloutObserved(rollout) ? (status.phase ?? "Progressing") : "Progressing",
    isWaiting: isWaitingForPerson(rollout),
    isAborted: status.abort === true,
    step: steps.length === 0 ? "" : `${status.currentStepIndex ?? 0}/${steps.length}`,
    weight: weightOf(rollout),
    message: status.message ?? "",
    ready: Math.min(desired, status.readyReplicas ?? 0),
    desired,
  };
}

function weightOf(rollout: Rollout): number {
  const { spec, status } = rollout;
  if (isHealthy(rollout)) return 100;
  if (status?.abort || spec.strategy.blueGreen) return 0;
  const done = spec.strategy.canary?.steps?.slice(0, (status?.currentStepIndex ?? 0) + 1) ?? [];
  return done.findLast(({ setWeight }) => setWeight !== undefined)?.setWeight ?? 0;
}
