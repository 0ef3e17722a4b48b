import type { Rollout, Rollouts } from "../../components/cluster/rollouts.ts";
import { isHealthy, isWaitingForPerson } from "../../components/rollout/argo-rollout.ts";
import { readEnvironment } from "../environment.ts";
import { EXIT } from "../exit-codes.ts";
import { Failure, reasonOf } from "../failure.ts";
import { type CommonOptions, formatDuration, info, printResult } from "../output.ts";
import { connectRollouts, findRollout, type RolloutState, stateOf, waitForRollout } from "../rollouts.ts";
import { readStackFile } from "../stack-file.ts";

export interface SteerOptions extends CommonOptions {
  stack: string;
  /** Skip all steps and pauses that are left. @default false */
  full?: boolean;
}

export type SteerAction = "promote" | "abort" | "retry" | "pause";

/** The controller answers within a second. Pods of an aborted rollout need no time: the old ones run. */
const ANSWER_SECONDS = 60;

interface Steps {
  /** Why the action does not apply now. Undefined if it does. */
  refusal(state: RolloutState, rollout: Rollout, options: SteerOptions): string | undefined;
  /** The patches, as JSON merge patches: https://github.com/argoproj/argo-rollouts/tree/v1.10.1/pkg/kubectl-argo-rollouts/cmd */
  patches(rollout: Rollout, options: SteerOptions): { spec?: object; status?: object };
  /** Whether the controller has done it. */
  isDone(rollout: Rollout, before: Rollout): boolean;
  done(state: RolloutState, stack: string): string;
}

const NOTHING = "No rollout is under way";

const ACTIONS: Record<SteerAction, Steps> = {
  promote: {
    refusal: ({ isAborted, phase }, rollout, { full }) => {
      if (isAborted) return "It was aborted. To start it again, use retry";
      if (isHealthy(rollout)) return NOTHING;
      if (phase === "Degraded") return "It has failed. Roll back, or deploy another release";
      if (phase === "Paused") return undefined;
      const { blueGreen } = rollout.spec.strategy;
      if (blueGreen) return "Its new pods are not ready yet";
      return full ? undefined : "A step is under way. To skip all steps that are left, add --full";
    },
    patches: ({ spec, status }, { full }) => ({
      ...(spec.paused && { spec: { paused: false } }),
      status: full
        ? { promoteFull: true }
        : {
            pauseConditions: null,
            ...(status?.controllerPause &&
              isInconclusive(status) && { controllerPause: false, ...nextStep(status, spec) }),
            ...(!status?.pauseConditions?.length && spec.strategy.canary && nextStep(status, spec)),
          },
    }),
    isDone: (rollout, before) =>
      isHealthy(rollout) ||
      (rollout.spec.strategy.blueGreen === undefined &&
        rollout.status?.currentStepIndex !== before.status?.currentStepIndex),
    done: ({ release, phase, weight }) =>
      phase === "Healthy" ? `${release} gets all the traffic` : `${release} goes on, with ${weight} % of the traffic`,
  },
  abort: {
    refusal: ({ isAborted }, rollout) => {
      if (isAborted) return "It was aborted already";
      return isHealthy(rollout) ? `${NOTHING}. To go back to an earlier release, use rollback` : undefined;
    },
    patches: () => ({ status: { abort: true } }),
    isDone: ({ status }) => status?.phase === "Degraded",
    done: ({ release }, stack) =>
      `${release} is aborted, the release before serves. The stack's file still says ${release}. ` +
      `To record the release before: npm run slipway -- rollback --stack ${stack}`,
  },
  retry: {
    refusal: ({ isAborted }) => (isAborted ? undefined : "It was not aborted, so there is nothing to start again"),
    patches: () => ({ status: { abort: false } }),
    isDone: ({ status }) => status?.phase !== "Degraded",
    done: ({ release }) => `${release} is rolled out again`,
  },
  pause: {
    refusal: (_, rollout) => {
      if (isHealthy(rollout)) return NOTHING;
      return isWaitingForPerson(rollout) ? "It waits already" : undefined;
    },
    patches: () => ({ spec: { paused: true } }),
    isDone: ({ status }) => status?.phase === "Paused",
    done: ({ release, weight }) => `${release} is paused, with ${weight} % of the traffic. To go on, use promote`,
  },
};

/**
 * Steers the blue/green or canary rollout of a service. It changes only the rollout, so it needs no lock of the stack and works while a
 * deploy waits for the rollout.
 *
 * @throws Failure if the action does not apply to the rollout as it is now, or the controller does not answer.
 */
export async function steerRollout(
  action: SteerAction,
  service: string,
  options: SteerOptions,
  root: string,
): Promise<void> {
  const { stack, dryRun } = options;
  const environment = readEnvironment(root, stack, readStackFile(root, stack));
  const { namespace } = environment.config;
  const rollouts = await connectRollouts(environment);
  const before = await findRollout(rollouts, environment, service);
  const { refusal, patches, isDone, done } = ACTIONS[action];
  const why = refusal(stateOf(before), before, options);
  if (why !== undefined) {
    throw new Failure(
      `${action} of ${service}: ${why}. It is ${stateOf(before).phase} at ${stateOf(before).release}. See: npm run slipway -- rollouts --stack ${stack}`,
    );
  }
  const patch = patches(before, options);
  if (dryRun) {
    info(`Would patch the Rollout ${service} in ${namespace}: ${JSON.stringify(patch)}`);
    return printResult(options, { dryRun, stack, service, patch }, "");
  }
  const began = Date.now();
  await apply(rollouts, namespace, service, patch);
  const read = () => findRollout(rollouts, environment, service);
  const after = await waitForRollout(read, (rollout) => isDone(rollout, before), ANSWER_SECONDS);
  const state = stateOf(after);
  if (!isDone(after, before)) {
    throw new Failure(
      `${action} of ${service}: the controller has not done it within ${ANSWER_SECONDS} s. The Rollout is ${state.phase}${state.message ? `: ${state.message}` : ""}. See: npm run slipway -- rollouts --stack ${stack}`,
      EXIT.failed,
    );
  }
  const seconds = (Date.now() - began) / 1000;
  printResult(options, { stack, ...state, seconds }, `${service}: ${done(state, stack)} (${formatDuration(seconds)}).`);
}

async function apply(
  rollouts: Rollouts,
  namespace: string,
  service: string,
  { spec, status }: { spec?: object; status?: object },
): Promise<void> {
  try {
    if (status !== undefined) await rollouts.patchStatus(namespace, service, status);
    if (spec !== undefined) await rollouts.patch(namespace, service, { spec });
  } catch (error) {
    throw new Failure(
      `The cluster does not let you change the Rollout ${service}: ${reasonOf(error)}. Check that you may patch rollouts and rollouts/status in ${namespace}.`,
    );
  }
}

type Status = NonNullable<Rollout["status"]>;

function isInconclusive({ pauseConditions = [] }: Status): boolean {
  return pauseConditions.some(({ reason }) => reason === "InconclusiveAnalysisRun");
}

/** The step after the current one: a pause that is skipped, or an analysis that a person has decided. */
function nextStep(status: Status | undefined, { strategy }: Rollout["spec"]): { currentStepIndex: number } | undefined {
  const steps = strategy.canary?.steps ?? [];
  if (steps.length === 0) return undefined;
  return { currentStepIndex: Math.min(steps.length, (status?.currentStepIndex ?? 0) + 1) };
}
