import { type Context, carry } from "./context.ts";

/** Defaults of Kubernetes that differ from the chart's: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/cron-job-v1/ */
const KUBERNETES = {
  concurrencyPolicy: "Allow",
  backoffLimit: 6,
  failedJobsHistoryLimit: 1,
  successfulJobsHistoryLimit: 3,
};
const CHART = { concurrencyPolicy: "Forbid", backoffLimit: 0 };
const CHART_DEADLINE_SECONDS = 3600;

/** Sets when a CronJob runs, and how long. What the manifest leaves out is Kubernetes' own default. */
export function putSchedule(context: Context): void {
  const { application, draft, findings } = context;
  const spec = application.workload.at("spec");
  for (const field of ["schedule", "timeZone", "startingDeadlineSeconds"])
    carry(context, spec, [field], ["cron", field]);
  const policy = spec.text("concurrencyPolicy") ?? KUBERNETES.concurrencyPolicy;
  if (policy !== CHART.concurrencyPolicy)
    draft.put(["cron", "concurrencyPolicy"], policy, spec.place("concurrencyPolicy"));
  if (spec.take("suspend") === true) draft.put(["cron", "suspend"], true, spec.place("suspend"));
  for (const field of ["successfulJobsHistoryLimit", "failedJobsHistoryLimit"] as const) {
    const limit = spec.number(field);
    if (limit !== undefined && limit !== KUBERNETES[field]) draft.put(["cron", field], limit, spec.place(field));
  }
  const job = spec.at("jobTemplate", "spec");
  const backoff = job.number("backoffLimit") ?? KUBERNETES.backoffLimit;
  if (backoff !== CHART.backoffLimit) draft.put(["job", "backoffLimit"], backoff, job.place("backoffLimit"));
  const deadline = job.number("activeDeadlineSeconds");
  const place = job.place("activeDeadlineSeconds");
  if (deadline !== undefined) draft.put(["job", "activeDeadlineSeconds"], deadline, place);
  else
    findings.check(
      place,
      `a run had no limit, and is stopped after ${CHART_DEADLINE_SECONDS} s now. Set job.activeDeadlineSeconds if it needs longer`,
    );
  // A run that fails is tried again in a new pod.
  job.take("template", "spec", "restartPolicy");
  // The history limits delete what has ended.
  job.take("ttlSecondsAfterFinished");
}
