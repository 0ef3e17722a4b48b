import type { AnalysisRun } from "../cluster/rollouts.ts";

/**
 * What a canary's analysis measured and what was wanted, such as `success-rate was 49.8, wanted >= 99`. Argo Rollouts' own message
 * only counts the measurements.
 *
 * @param runs all of a namespace
 * @returns undefined if no analysis of the service has failed
 */
export function analysisFailure(runs: readonly AnalysisRun[], service: string): string | undefined {
  const last = runs
    .filter(({ metadata }) =>
      metadata.ownerReferences?.some(({ kind, name }) => kind === "Rollout" && name === service),
    )
    .sort((a, b) => startOf(a) - startOf(b))
    .at(-1);
  const failures = (last?.status?.metricResults ?? [])
    .filter(({ phase }) => phase === "Failed" || phase === "Error")
    .map(({ name, measurements = [] }) => {
      const { value, message } = measurements.at(-1) ?? {};
      const wanted = last?.spec.metrics.find((metric) => metric.name === name)?.successCondition;
      const limit = /(>=|<=) [\d.]+/.exec(wanted ?? "")?.[0];
      const number = Number(/^\[(.+)\]$/.exec(value ?? "")?.[1] ?? Number.NaN);
      if (Number.isFinite(number) && limit) return `${name} was ${Math.round(number * 10) / 10}, wanted ${limit}`;
      return message && `${name}: ${message}`;
    });
  return failures.filter(Boolean).join("; ") || undefined;
}

function startOf({ metadata }: AnalysisRun): number {
  return new Date(metadata.creationTimestamp ?? 0).valueOf();
}
