import { CHART_DEFAULTS } from "./defaults.ts";
import type { ParsedService } from "./schema/service/index.ts";

type Rollout = NonNullable<ParsedService["rollout"]>;
type Routed = Pick<ParsedService, "hosts"> & { rollout?: Pick<Rollout, "strategy"> | undefined };

/** Whether the ingress controller gives a canary its share of the requests. Without hosts its share is one of the pods. */
export function routesCanary({ hosts, rollout }: Routed): boolean {
  return rollout?.strategy === "canary" && (hosts ?? []).length > 0;
}

/** Whether a canary is judged by the ingress controller's metrics, which are in Prometheus. */
export function measuresRequests({ rollout }: Pick<ParsedService, "rollout">): boolean {
  const { successRate, p95Milliseconds } = rollout?.analysis ?? {};
  return rollout?.strategy === "canary" && (successRate !== undefined || p95Milliseconds !== undefined);
}

/** What the steps of a canary take, besides the starts and stops of pods. */
export interface CanaryTimes {
  /** Pauses that end by themselves. */
  pauseSeconds: number;
  /** Of them, those after the canary has got its first requests. */
  measuredSeconds: number;
  /** Whether one of the measured pauses lasts until somebody ends it. */
  waits: boolean;
  /** What the tests before the first request may take. */
  checkSeconds: number;
  /** How often the number of new pods grows. */
  scaleUps: number;
}

/** Argo Rollouts gives a web check up to 10 s, and tries again five times. */
const WEB_CHECK_SECONDS = 5 * 20;

export function canaryTimes(rollout: ParsedService["rollout"]): CanaryTimes {
  const { steps, analysis = {} } = { ...CHART_DEFAULTS.rollout, ...rollout };
  const {
    command,
    path,
    timeoutSeconds = CHART_DEFAULTS.rollout.analysis.timeoutSeconds,
  } = {
    ...analysis,
  } as NonNullable<Rollout["analysis"]>;
  const weights = steps.filter((step) => "weight" in step).length;
  const first = steps.findIndex((step) => "weight" in step);
  const pauses = (from: number) => steps.slice(from).flatMap((step) => ("pause" in step ? [step.pause] : []));
  const seconds = (list: (number | "manual")[]) => list.reduce<number>((sum, pause) => sum + (Number(pause) || 0), 0);
  return {
    pauseSeconds: seconds(pauses(0)),
    measuredSeconds: seconds(pauses(Math.max(first, 0))),
    waits: pauses(Math.max(first, 0)).includes("manual"),
    checkSeconds: Math.max(command ? timeoutSeconds : 0, path ? WEB_CHECK_SECONDS : 0),
    scaleUps: weights + 1 + (command || path ? 1 : 0),
  };
}
